"""The cases this county is a party of: who the parties are, where each stands, its number in the local system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adapters.instants import to_millis
from adapters.store import tables
from schemas import lifecycle
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.facts import facts_of
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.lifecycle import CaseState, Step, advance, begun, crossed
from schemas.messages import Parties

_INSERT: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_CHINA: Final = timezone(timedelta(hours=8))
_CERTAIN: Final = ("admitted", "received")
"""States of the outbox in which the hub has admitted a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case as this county knows it."""

    case_no: str
    parties: Parties
    service_item: str
    trial: bool
    local_case: str | None
    state: CaseState

    def other(self, county: str) -> str:
        """The other county of the case; itself when both are the same."""
        return self.parties.issuing if county == self.parties.window else self.parties.window


_BY_NUMBER: Final = select(tables.cases).where(tables.cases.c.case_no == bindparam("number"))
_IN_STATE: Final = (
    select(tables.cases)
    .where(tables.cases.c.issuing_county == bindparam("county"), tables.cases.c.state == bindparam("wanted"))
    .order_by(tables.cases.c.opened_at)
)


def find(tx: Connection, case_no: str) -> Case | None:
    """The case of this number, or None."""
    return _case(tx.execute(_BY_NUMBER, {"number": case_no}).one_or_none())


def hold(tx: Connection, case_no: str) -> None:
    """Let no other transaction change the case until this one ends."""
    tx.execute(_BY_NUMBER.with_for_update(), {"number": case_no}).one_or_none()


def find_local(tx: Connection, local_case: str) -> Case | None:
    """The newest case that the local system knows under this number: its own, or ours written into it."""
    mine = or_(tables.cases.c.local_case == local_case, tables.cases.c.case_no == local_case)
    newest = select(tables.cases).where(mine).order_by(tables.cases.c.opened_at.desc(), tables.cases.c.case_no.desc())
    return _case(tx.execute(newest.limit(1)).one_or_none())


def open_case(
    tx: Connection,
    *,
    case_no: str,
    parties: Parties,
    service_item: str,
    trial: bool,
    local_case: str | None,
    now: datetime,
    state: CaseState = CaseState.SUBMITTED,
) -> Case:
    """Enter a new case, or a matter where its opening message leaves it."""
    tx.execute(
        insert(tables.cases).values(
            case_no=case_no,
            window_county=parties.window,
            issuing_county=parties.issuing,
            service_item=service_item,
            trial=trial,
            local_case=local_case,
            state=state,
            opened_at=to_millis(now),
        )
    )
    return Case(
        case_no=case_no,
        parties=parties,
        service_item=service_item,
        trial=trial,
        local_case=local_case,
        state=state,
    )


def move(tx: Connection, case: Case, message_type: str, record: Mapping[str, Any]) -> None:
    """Take the step that a message of ours means, before it is sent. Raises E-ADM-102 when it is not its turn."""
    _set(tx, case, advance(case.state, message_type, facts_of(message_type, record)))


def follow(tx: Connection, case: Case, envelope: Envelope) -> None:
    """Take the step that the other party's message means; the hub has admitted it.

    It may have crossed with steps of ours that the hub admitted after it, or will refuse. Raises E-ADM-102 when there
    is no lawful order of both.
    """
    try:
        _set(tx, case, advance(case.state, envelope.type, envelope.facts))
    except YunhuobanError:
        theirs = [*_theirs(tx, case.case_no), envelope]
        state = _settled(tx, case.case_no, theirs)
        if state is None:
            raise
        _set(tx, case, state)


def restate(tx: Connection, case: Case) -> None:
    """Find the state anew from the messages that count, after one of ours was refused and counts no more."""
    _set(tx, case, _settled(tx, case.case_no, _theirs(tx, case.case_no)) or begun(case.state))


def may_still_come(tx: Connection, case: Case, message_type: str) -> bool:
    """Whether a step of ours that is not in turn can have its turn yet.

    While the hub has not said yes to all we sent, one of those may be refused, and the case stand elsewhere.
    """
    columns = tables.outbox.c
    certain = columns.state.in_((*_CERTAIN, "refused"))
    open_ = select(columns.seq).where(columns.case_no == case.case_no, columns.chained, ~certain).limit(1)
    return lifecycle.may_still_come(case.state, message_type) or tx.execute(open_).first() is not None


def _set(tx: Connection, case: Case, state: CaseState | None) -> None:
    if state is not None and state is not case.state:
        tx.execute(update(tables.cases).where(tables.cases.c.case_no == case.case_no).values(state=state))


def _settled(tx: Connection, case_no: str, theirs: Sequence[Envelope]) -> CaseState | None:
    """The state after all their steps and as many of ours as can be: those that the hub admitted, at least."""
    columns = tables.outbox.c
    there = {each.id for each in theirs}
    rows = [
        row
        for row in tx.execute(
            select(columns.message_id, columns.body, columns.state)
            .where(columns.case_no == case_no, columns.state != "refused", columns.chained)
            .order_by(func.coalesce(columns.place, columns.seq), columns.seq)
        )
        if row.message_id not in there  # a case within one county has each message in both boxes
    ]
    certain = max((number for number, row in enumerate(rows, 1) if row.state in _CERTAIN), default=0)
    ours = [_step(Envelope.parse(row.body)) for row in rows]
    for count in range(len(ours), certain - 1, -1):
        state = crossed(ours[:count], [_step(each) for each in theirs])
        if state is not None:
            return state
    return None


def _theirs(tx: Connection, case_no: str) -> list[Envelope]:
    """The other party's messages that had their effect here, in that order."""
    columns = tables.inbox.c
    bodies = select(columns.body).where(columns.case_no == case_no, columns.state == "applied")
    found = map(Envelope.parse, tx.execute(bodies.order_by(columns.applied_at, columns.seq)).scalars())
    chained = [each for each in found if each.kind.chained]
    there = {each.id for each in chained}
    return [each for each in chained if each.supersedes not in there]  # written anew: the first form had the effect


def _step(envelope: Envelope) -> Step:
    return envelope.type, envelope.facts


def in_state(tx: Connection, issuing: str, state: CaseState) -> list[Case]:
    """Cases that this county decides and that stand here, oldest first."""
    rows = tx.execute(_IN_STATE, {"county": issuing, "wanted": state})
    return [case for row in rows if (case := _case(row)) is not None]


def mint(tx: Connection, county: str, now: datetime) -> str:
    """The next case number of this county and day; days are China's.

    Whoever opens a case at the same moment waits for this transaction's end: the row of the day is its lock.
    """
    day = now.astimezone(_CHINA).date()
    key, serials = f"{day:%Y%m%d}", tables.case_serials
    following = update(serials).where(serials.c.day == key).values(last=serials.c.last + 1).returning(serials.c.last)
    serial = tx.execute(following).scalar()
    if serial is None:
        first = _INSERT[tx.dialect.name](serials).values(day=key, last=0).on_conflict_do_nothing()
        tx.execute(first)
        serial = tx.execute(following).scalar_one()
    return str(CaseNo.mint(DivisionCode.parse(county), day, serial))


def _case(row: Any) -> Case | None:
    if row is None:
        return None
    return Case(
        case_no=row.case_no,
        parties=Parties(window=row.window_county, issuing=row.issuing_county),
        service_item=row.service_item,
        trial=row.trial,
        local_case=row.local_case,
        state=CaseState(row.state),
    )
