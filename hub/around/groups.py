"""Groups of cases (多地联办, 一件事): their parts over the counties, and where each stands as a whole. Pure reading."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select, tuple_

from hub.around.tables import parts
from hub.instants import from_millis
from hub.store import tables
from schemas import casegroup
from schemas.casegroup import GroupState
from schemas.lifecycle import CaseState

MOST: Final = 200
_kept, _cases = parts.c, tables.cases.c


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One case of a group."""

    part: int
    case_no: str
    issuing: str
    state: str
    undo_requested: bool
    undo_outcome: str
    """`undone`, `kept`, or empty: not answered, or never asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One group."""

    window: str
    group_no: str
    kind: str
    count: int
    all_or_none: bool
    state: str
    """`schemas.casegroup.GroupState`."""
    joined_at: datetime
    """When the newest part was joined."""
    trial: bool
    parts: Sequence[PartRow]

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in (GroupState.COMPENSATING, GroupState.GATHERING, GroupState.UNDER_WAY)


def listed(tx: Connection, county: str = "") -> Sequence[GroupRow]:
    """The newest groups, at most `MOST`, those being taken back first; of one county's windows if it is named."""
    newest = func.max(_kept.joined_at)
    chosen = select(_kept.window_county, _kept.group_no).group_by(_kept.window_county, _kept.group_no)
    if county:
        chosen = chosen.where(_kept.window_county == county)
    keys = [tuple(each) for each in tx.execute(chosen.order_by(newest.desc(), _kept.group_no).limit(MOST))]
    joined = parts.join(tables.cases, _kept.case_no == _cases.case_no)
    columns = (parts, _cases.state, _cases.issuing_county, _cases.trial)
    rows = select(*columns).select_from(joined).where(tuple_(_kept.window_county, _kept.group_no).in_(keys))
    by_group: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in tx.execute(rows.order_by(_kept.part, _kept.case_no)):
        by_group[(row.window_county, row.group_no)].append(row)
    found = [_group(by_group[each]) for each in keys if each in by_group]
    return sorted(found, key=lambda each: each.state != GroupState.COMPENSATING)


def _group(rows: Sequence[Any]) -> GroupRow:
    first = rows[0]
    seen = [
        casegroup.Part(
            case_no=row.case_no,
            part=row.part,
            state=_decided(row),
            undo_requested=row.undo_requested,
            undo_answered=bool(row.undo_outcome),
        )
        for row in rows
    ]
    state = casegroup.standing(seen, count=first.count, all_or_none=first.all_or_none)
    return GroupRow(
        window=first.window_county,
        group_no=first.group_no,
        kind=first.group_kind,
        count=first.count,
        all_or_none=bool(first.all_or_none),
        state=state.value,
        joined_at=from_millis(max(row.joined_at for row in rows)),
        trial=bool(first.trial),
        parts=[
            PartRow(
                part=row.part,
                case_no=row.case_no,
                issuing=row.issuing_county,
                state=row.state,
                undo_requested=bool(row.undo_requested),
                undo_outcome=row.undo_outcome,
            )
            for row in rows
        ],
    )


def _decided(row: Any) -> CaseState:
    """Of a closed case where its decision left it."""
    state = CaseState(row.state)
    return CaseState.DENIED if state is CaseState.CLOSED and row.denied else state
