"""How far each item of a county is, by itself and with each partner, and what comes next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from hub.conformance import gate, held
from hub.registry import county as counties
from hub.store import tables
from schemas.conformance.result import WINDOW
from schemas.conformance.standing import Gate, Lack, lack
from schemas.errors import YunhuobanError


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One item between two counties; without any case between them, the partner is empty."""

    item: str
    window: str
    issuing: str
    state: Gate
    lacks: Sequence[Lack]


def listed(tx: Connection, county: str) -> Iterator[Listed]:
    """Everything that a county offers and everything that it has applied for. Raises E-CONF-011."""
    stated = {code: sorted(versions) for code, versions in counties.contract_versions(tx).items()}
    if county not in stated:
        raise YunhuobanError(counties.UNKNOWN_COUNTY, found=county)
    found = held.results(tx, stated)
    cases = tables.cases.c
    known = select(cases.window_county, cases.issuing_county, cases.service_item).distinct()
    pairs = {
        tuple(row)
        for row in tx.execute(known.where(or_(cases.window_county == county, cases.issuing_county == county)))
    }
    offers = tx.execute(select(tables.offers.c.service_item).where(tables.offers.c.county == county)).scalars()
    alone = [item for item in offers if not any(pair[1:] == (county, item) for pair in pairs)]
    for item in sorted(alone):
        lacking = lack(found.get(county), county, item, stated[county])
        state = Gate.TESTED if lacking is None else Gate.MISSING
        yield Listed(item=item, window="", issuing=county, state=state, lacks=[lacking] if lacking else [])
    if not any(pair[0] == county for pair in pairs):
        lacking = lack(found.get(county), county, WINDOW, stated[county])
        state = Gate.TESTED if lacking is None else Gate.MISSING
        yield Listed(item=WINDOW, window=county, issuing="", state=state, lacks=[lacking] if lacking else [])
    for window, issuing, item in sorted(pairs):
        missing = held.lacks(found, stated, window=window, issuing=issuing, item=item)
        done = gate.trial_done(tx, window=window, issuing=issuing, item=item)
        state = Gate.MISSING if missing else Gate.LIVE if done else Gate.TESTED
        yield Listed(item=item, window=window, issuing=issuing, state=state, lacks=missing)
