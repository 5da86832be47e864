"""The partner directory and the matrix of items and counties, from catalogue, offers and results of conformance.

Some 17,000 implementations take a second to decode: the catalogue is kept, and only what changed is read again.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, select

from hub.catalogue import state as catalogue
from hub.conformance import held
from hub.registry import county as counties
from hub.registry import trust
from hub.store import Store, tables
from hub.web.partnersview import THROUGH, ItemRow, Matrix, PartnerRow
from schemas.catalogue.model import AllianceItem, AllianceMember, Implementation, in_force
from schemas.catalogue.view import CatalogueView
from schemas.conformance.result import WINDOW, Result
from schemas.conformance.standing import NOT_PASSED, NOT_TESTED, TEST_EXPIRED, lack
from schemas.divisions import register
from schemas.errors import YunhuobanError
from schemas.identifiers.item import BASIC_LENGTH, IMPLEMENTATION_LENGTH
from schemas.workdays.hours import beijing_day

_BY_CODE: Final = {NOT_TESTED: "not_tested", NOT_PASSED: "failed", TEST_EXPIRED: "expired"}


class StorePartners:
    """`hub.web.partnersview.PartnersSource` over the real hub. Safe to use from several threads."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        """Asks nothing yet."""
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[int, CatalogueView] | None = None

    def partners(self) -> Sequence[PartnerRow]:
        """Every county, in the order of codes."""
        today = beijing_day(self._clock())
        with self._store.read() as tx:
            view, judged = self._catalogue(tx), _Judging(tx)
            rows = counties.listed(tx)
            offers = list(_offers(tx, view, today))
        names = {each.id: each.name for each in view.alliances if in_force(each, today)}
        members: dict[str, list[str]] = {}
        for each in view.each(AllianceMember):
            if each.alliance in names and in_force(each, today):
                members.setdefault(each.county, []).append(names[each.alliance])
        counts: dict[str, Counter[str]] = {}
        for code, item, _name in offers:
            counts.setdefault(code, Counter())[judged.state(code, item)] += 1
        return [
            PartnerRow(
                code=row.division_code,
                name=row.name,
                state=row.state,
                contract=judged.stated.get(row.division_code, ()),
                alliances=members.get(row.division_code, ()),
                counts=counts.get(row.division_code, {}),
                window=judged.state(row.division_code, WINDOW),
            )
            for row in rows
        ]

    def matrix(self, alliance: str) -> Matrix:
        """The items of an alliance; of the first one where none is named or it is not known."""
        today = beijing_day(self._clock())
        with self._store.read() as tx:
            view, judged = self._catalogue(tx), _Judging(tx)
            joined = {row.division_code: row.name for row in counties.listed(tx)}
            offers = list(_offers(tx, view, today))
        alliances = {each.id: each.name for each in view.alliances if in_force(each, today)}
        chosen = alliance if alliance in alliances else next(iter(alliances), "")
        named = {basic: name for _code, item, name in offers for basic in [_basic(item)]}
        if chosen:
            members = {
                each.county for each in view.each(AllianceMember) if each.alliance == chosen and in_force(each, today)
            }
            shown = {code: joined.get(code) or register.known(code).name for code in sorted(members)}
            named = {
                each.service_item: found.name
                for each in view.each(AllianceItem)
                if each.alliance == chosen and in_force(each, today)
                for found in [view.item(each.service_item)]
                if found is not None
            }
        else:
            shown = joined
        cells: dict[str, dict[str, str]] = {basic: {} for basic in named}
        for code, item, _name in offers:
            if code in shown and _basic(item) in cells:
                cells[_basic(item)][code] = judged.state(code, item)
        items = [ItemRow(basic=basic, name=named[basic], cells=cells[basic]) for basic in sorted(named)]
        return Matrix(alliance=chosen, alliances=alliances, counties=shown, items=items)

    def _catalogue(self, tx: Connection) -> CatalogueView:
        with self._lock:
            since, before = self._kept or (0, None)
            serial = trust.counter(tx)  # before the rest, or a change that it does not see would be missed for ever
            view = catalogue.view(tx, since=since, before=before)
            self._kept = serial, view
            return view


class _Judging:
    """Results and stated versions of all counties, asked cell by cell."""

    def __init__(self, tx: Connection) -> None:
        self.stated: Mapping[str, Sequence[str]] = counties.contract_versions(tx)
        self._results: Mapping[str, Result] = held.results(tx, self.stated)

    def state(self, county: str, item: str) -> str:
        """How far an item is at a county; one that nobody can write to has to be tested again, too."""
        try:
            lacking = lack(self._results.get(county), county, item, self.stated.get(county, ()))
        except YunhuobanError:
            return _BY_CODE[TEST_EXPIRED]
        return THROUGH if lacking is None else _BY_CODE[lacking.code]


def _offers(tx: Connection, view: CatalogueView, on: date) -> Iterator[tuple[str, str, str]]:
    """County, 实施编码 and name of whatever is offered: by the catalogue, or by the cards where there is none."""
    if view.filled:
        for each in view.each(Implementation):
            if in_force(each, on):
                yield each.county, each.code, each.name
        return
    columns = tables.offers.c
    yield from map(tuple, tx.execute(select(columns.county, columns.service_item, columns.name)))


def _basic(item: str) -> str:
    return item[IMPLEMENTATION_LENGTH - BASIC_LENGTH : IMPLEMENTATION_LENGTH]
