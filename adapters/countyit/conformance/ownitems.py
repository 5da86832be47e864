"""How far each item is, as the county itself can know it: its own result, and its own trial cases with each partner.

What the partner's result is worth, only the hub knows; it says so when it refuses an application (E-CNF-101 to -104).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from adapters.countyit.conformance import expiry, parts
from adapters.countyit.conformance.expiry import Change
from adapters.local.mapping import load_mapping
from adapters.settings import CountySettings
from adapters.store import tables
from pages.wording import mark as _
from schemas.conformance.result import WINDOW
from schemas.lifecycle import CaseState

NEXT: Final = {
    "missing": _("先自测：adapter test -d，再把结果交给中枢"),
    "untested": _("补样例：有的报文没有样例能转换出来，然后自测"),
    "failed": _("按 adapter test 列出的各处改正，然后自测"),
    "expired": _("重新自测：adapter test -d，再把结果交给中枢"),
    "tested": _("与这个县办完一件试办，从申请到送达"),
    "live": _("可以正式办理"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """An item with one partner; without any partner yet, the partner is empty."""

    item: str
    here: str
    """window: people apply here; issuing: it is decided here."""
    partner: str
    state: str
    """A key of NEXT."""
    changed: tuple[Change, ...]


def states(tx: Connection, settings: CountySettings) -> Iterator[ItemState]:
    """Each offered item with each county that applied for it, and each item that was applied for here.

    Raises what reading the result and the mapping raises.
    """
    kept = expiry.held(settings.folder)
    result = kept.result if kept is not None else None
    mapping = load_mapping(settings.mapping)
    offered = [each.service_item for each in settings.offers]
    used = parts.items_of(mapping, offered)
    differs = expiry.changes(result, parts.digests(mapping, settings.mapping)) if result is not None else {}
    partners = _partners(tx, settings.division_code)
    for key in used:
        changed = tuple(differs[each] for each in used[key] if each in differs)
        own = result.state(key) if result is not None else "missing"
        own = "expired" if own == "passed" and changed else own
        here = "window" if key == WINDOW else "issuing"
        known = sorted(each for each in partners if each[0] == here and key in (WINDOW, each[2]))
        for _here, partner, item in known or [(here, "", "" if key == WINDOW else key)]:
            tried = partners.get((here, partner, item), False)
            state = own if own != "passed" else "live" if tried else "tested"
            yield ItemState(item=item, here=here, partner=partner, state=state, changed=changed)


def _partners(tx: Connection, county: str) -> dict[tuple[str, str, str], bool]:
    """(window or issuing, partner, item) of this county's cases, and whether a trial case went the whole road."""
    columns, found, licensed = tables.cases.c, dict[tuple[str, str, str], bool](), _licensed(tx)
    pairs = select(columns.window_county, columns.issuing_county, columns.service_item)
    for window, issuing, item in tx.execute(pairs.distinct()):
        found |= dict.fromkeys(_keys(county, window, issuing, item), False)
    ended = columns.state.in_((CaseState.HANDED_OVER.value, CaseState.CLOSED.value))
    for window, issuing, item, state, case_no in tx.execute(
        pairs.add_columns(columns.state, columns.case_no).where(columns.trial, ended)
    ):
        if state == CaseState.HANDED_OVER.value or case_no in licensed:
            found |= dict.fromkeys(_keys(county, window, issuing, item), True)
    return found


def _keys(county: str, window: str, issuing: str, item: str) -> list[tuple[str, str, str]]:
    """The places of a case in the list: two when both counties are this one."""
    parties = ("window", window, issuing), ("issuing", issuing, window)
    return [(here, other, item) for here, own, other in parties if own == county]


def _licensed(tx: Connection) -> set[str]:
    """Trial cases in which a license was issued: one that was denied is closed as well."""
    numbers: set[str] = set()
    for table in (tables.outbox, tables.inbox):
        on_trial = select(tables.cases.c.case_no).where(tables.cases.c.trial)
        issued = (table.c.type == "license.issued") & table.c.case_no.in_(on_trial)
        numbers |= set(tx.execute(select(table.c.case_no).where(issued)).scalars())
    return numbers
