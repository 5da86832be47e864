"""异地代收代办: the result that comes back on paper. Until it is there neither county may end the case.

A window that may not print is owed the result by parcel, and one that was announced is waited for anyhow. What will
never arrive a person says, with the reason; the contract has no word for it, so each county says it for itself, and
answers for it. A parcel that is announced afterwards is waited for again. Source: 国办发〔2020〕35号, 收受分离.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from adapters.authority import windowpowers
from adapters.case import parcels
from adapters.case.casebook import Case
from adapters.case.resulttables import results_settled
from adapters.directory.directoryview import DirectoryView
from adapters.instants import from_millis, to_millis
from adapters.store import tables
from pages.wording import mark as _
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import CaseState

NOT_ARRIVED: Final = declare(
    "E-POWER-010",
    "这个办件的纸质结果还没有寄到收件地，不能交付，也不能办结。",
    "请等收件地签收属地寄来的结果；件已丢失，或者持证人已当面领取的，请在“县际往来”的这个办件里写明原因，再交付或办结。",
)
NOT_AWAITED: Final = declare(
    "E-POWER-011", "这个办件没有在等的纸质结果。", "请刷新这个办件的往来页：已签收或者已写明原因的，不必再写。"
)
REASONS: Final[Mapping[str, str]] = {"lost": _("寄递途中丢失"), "fetched": _("持证人已当面领取")}
"""Why a result will never arrive, in Chinese, marked."""
_ENDS: Final = frozenset({"case.handed_over", "case.closed"})
_CLOSED, _HANDED_OVER = "case.closed", "case.handed_over"
_LICENSED: Final = "licensed"
_INSERT: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Who said in this county that a result will never arrive, and why."""

    reason: str
    account: str
    at: datetime
    parcel: int
    """The last parcel that had been announced then; 0 when none was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The result of one case."""

    owed: bool = False
    """The issuing county has to send it, and has not."""
    under_way: frozenset[int] = frozenset()
    """Parcels of it that the window has not signed for."""
    settled: Settled | None = None
    """What this county said last."""
    ended_without: bool = False
    """The issuing county has closed the case, and never announced a parcel of the result."""

    @property
    def awaited(self) -> bool:
        """Whether the case may not be ended yet."""
        return self.owed or bool(self.under_way)


def standing(tx: Connection, case: Case, directory: DirectoryView | None, now: datetime) -> Standing:
    """As far as both counties have said; nothing within one county, or without a word on powers."""
    if case.parties.window == case.parties.issuing or not parcels.bound(tx, case, directory, now):
        return Standing()
    told = parcels.told(tx, case)
    announced = parcels.sent(told, case.parties.issuing, parcels.BACK)
    said = settled(tx, case.case_no)
    if announced:
        given_up = said.parcel if said is not None else 0
        open_ = announced - parcels.received(told, case.parties.window)
        return Standing(under_way=frozenset(each for each in open_ if each > given_up), settled=said)
    if windowpowers.delivers(directory, case.parties, case.service_item, now):
        return Standing(settled=said)
    return Standing(
        owed=said is None and case.state is CaseState.LICENSED,
        settled=said,
        ended_without=case.state is CaseState.CLOSED and _licensed_alone(tx, case),
    )


def demand_arrived(
    tx: Connection, case: Case, message_type: str, directory: DirectoryView | None, now: datetime
) -> None:
    """See that a case does not end before its result is there. Raises E-POWER-010."""
    if message_type in _ENDS and standing(tx, case, directory, now).awaited:
        raise YunhuobanError(NOT_ARRIVED, place="case_no", found=case.case_no, expected=parcels.RECEIVED)


def settled(tx: Connection, case_no: str) -> Settled | None:
    """What this county said of it last."""
    columns = results_settled.c
    newest = select(results_settled).where(columns.case_no == case_no).order_by(columns.parcel.desc()).limit(1)
    row = tx.execute(newest).one_or_none()
    if row is None:
        return None
    return Settled(reason=row.reason, account=row.account, at=from_millis(row.settled_at), parcel=row.parcel)


def settle(
    tx: Connection, case: Case, directory: DirectoryView | None, *, reason: str, account: str, now: datetime
) -> None:
    """Say that it will never arrive; `reason` is one of `REASONS`, and the same again does nothing. Raises E-POWER-011.

    It covers what has been announced up to now.
    """
    found = standing(tx, case, directory, now)
    if not found.awaited:
        if found.settled is not None and found.settled.reason == reason:
            return
        raise YunhuobanError(NOT_AWAITED, place="case_no", found=case.case_no)
    row = {
        "case_no": case.case_no,
        "parcel": max(found.under_way, default=0),
        "reason": reason,
        "account": account,
        "settled_at": to_millis(now),
    }
    # Of two that say it at the same moment the first counts.
    tx.execute(_INSERT[tx.dialect.name](results_settled).values(**row).on_conflict_do_nothing())


def _licensed_alone(tx: Connection, case: Case) -> bool:
    """Whether it was closed with a license that the window did not hand over."""
    found: dict[str, Mapping[str, Any]] = {}
    for table, counts in (
        (tables.outbox, tables.outbox.c.state != "refused"),
        (tables.inbox, tables.inbox.c.state == "applied"),
    ):
        columns = table.c
        ends = select(columns.type, columns.body).where(
            columns.case_no == case.case_no, columns.type.in_(sorted(_ENDS)), counts
        )
        found |= {row.type: Envelope.parse(row.body).facts or {} for row in tx.execute(ends)}
    return _HANDED_OVER not in found and found.get(_CLOSED, {}).get("result") == _LICENSED
