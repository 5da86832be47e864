"""The cases this county is a party of: who the parties are, where each stands, its number in the local system."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy import Connection, insert, or_, select, update

from adapters.instants import to_millis
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.lifecycle import CaseState, advance
from schemas.messages import Parties

_CHINA: Final = timezone(timedelta(hours=8))
# The lawful order of the messages that move a case.
_ORDER: Final = (
    "application.submitted",
    "application.accepted",
    "decision.made",
    "license.issued",
    "print.authorised",
    "print.settled",
    "case.handed_over",
)


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


def find(tx: Connection, case_no: str) -> Case | None:
    """The case of this number, or None."""
    return _case(tx.execute(select(tables.cases).where(tables.cases.c.case_no == case_no)).one_or_none())


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
) -> Case:
    """Enter a new case; it stands at `submitted`."""
    tx.execute(
        insert(tables.cases).values(
            case_no=case_no,
            window_county=parties.window,
            issuing_county=parties.issuing,
            service_item=service_item,
            trial=trial,
            local_case=local_case,
            state=CaseState.SUBMITTED,
            opened_at=to_millis(now),
        )
    )
    return Case(
        case_no=case_no,
        parties=parties,
        service_item=service_item,
        trial=trial,
        local_case=local_case,
        state=CaseState.SUBMITTED,
    )


def move(tx: Connection, case: Case, message_type: str, facts: Mapping[str, Any] | None) -> None:
    """Take the step that this message means. Raises E-ADM-102 when it is not its turn."""
    state = advance(case.state, message_type, facts)
    if state is not None and state is not case.state:
        tx.execute(update(tables.cases).where(tables.cases.c.case_no == case.case_no).values(state=state))


def restate(tx: Connection, case: Case) -> None:
    """Find the state anew from the messages that count, after one of ours was refused and counts no more."""
    state = CaseState.SUBMITTED
    moved = [each for each in _counting(tx, case.case_no) if each.type in _ORDER[1:]]
    for each in sorted(moved, key=lambda envelope: _ORDER.index(envelope.type)):
        with suppress(YunhuobanError):  # it rests on the refused one, and will be refused itself
            state = advance(state, each.type, each.facts) or state
    tx.execute(update(tables.cases).where(tables.cases.c.case_no == case.case_no).values(state=state))


def _counting(tx: Connection, case_no: str) -> list[Envelope]:
    """Envelopes of this case that we sent and nobody refused, and those of the other side that had their effect."""
    ours = select(tables.outbox.c.body).where(tables.outbox.c.case_no == case_no, tables.outbox.c.state != "refused")
    theirs = select(tables.inbox.c.body).where(tables.inbox.c.case_no == case_no, tables.inbox.c.state == "applied")
    bodies = [*tx.execute(ours).scalars(), *tx.execute(theirs).scalars()]
    # A case within one county has each message in both boxes.
    return list({envelope.id: envelope for envelope in map(Envelope.parse, bodies)}.values())


def in_state(tx: Connection, issuing: str, state: CaseState) -> list[Case]:
    """Cases that this county decides and that stand here, oldest first."""
    rows = tx.execute(
        select(tables.cases)
        .where(tables.cases.c.issuing_county == issuing, tables.cases.c.state == state)
        .order_by(tables.cases.c.opened_at)
    )
    return [case for row in rows if (case := _case(row)) is not None]


def mint(tx: Connection, county: str, now: datetime) -> str:
    """The next case number of this county and day; days are China's."""
    day = now.astimezone(_CHINA).date()
    key = f"{day:%Y%m%d}"
    last = tx.execute(select(tables.case_serials.c.last).where(tables.case_serials.c.day == key)).scalar()
    if last is None:
        tx.execute(insert(tables.case_serials).values(day=key, last=1))
    else:
        tx.execute(update(tables.case_serials).where(tables.case_serials.c.day == key).values(last=last + 1))
    return str(CaseNo.mint(DivisionCode.parse(county), day, (last or 0) + 1))


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
