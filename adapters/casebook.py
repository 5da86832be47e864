"""The cases this county is a party of: who the parties are, where each stands, its number in the local system."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy import Connection, insert, or_, select, update

from adapters.instants import to_millis
from adapters.store import tables
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.lifecycle import CaseState, advance
from schemas.messages import Parties

_CHINA: Final = timezone(timedelta(hours=8))


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
    """The case that the local system knows under this number: its own, or ours written into it."""
    mine = or_(tables.cases.c.local_case == local_case, tables.cases.c.case_no == local_case)
    return _case(tx.execute(select(tables.cases).where(mine).limit(1)).one_or_none())


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
