"""Which matters there are, where each stands, and until when an answer is owed. Pure reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, func, or_, select

from hub.around.tables import matters
from hub.instants import from_millis, to_millis
from hub.store import tables
from hub.views.ledgerview import Pile

MOST: Final = 500
_kept, _cases = matters.c, tables.cases.c
_JOINED: Final = matters.join(tables.cases, _kept.case_no == _cases.case_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which matters are asked for; what is empty asks for all."""

    kind: str = ""
    state: str = ""
    county: str = ""
    """On either side."""
    overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterRow:
    """One of them."""

    case_no: str
    kind: str
    window: str
    """Who began it."""
    issuing: str
    """Who is to answer."""
    state: str
    opened_at: datetime
    due_at: datetime | None
    """Until when an answer is owed; None: none is."""
    overdue: bool
    level: int
    """To which level an appeal has come; 0: to none above the first."""
    about_case: str
    trial: bool


def listed(tx: Connection, wanted: Filter, now: datetime) -> Sequence[MatterRow]:
    """At most `MOST`: the longest overdue first, or else the newest."""
    asked = select(matters, _cases.state).select_from(_JOINED)
    if wanted.kind:
        asked = asked.where(_kept.kind == wanted.kind)
    if wanted.state:
        asked = asked.where(_cases.state == wanted.state)
    if wanted.county:
        asked = asked.where(or_(_kept.window_county == wanted.county, _kept.issuing_county == wanted.county))
    if wanted.overdue:
        asked = asked.where(_kept.due_at <= to_millis(now)).order_by(_kept.due_at, _kept.case_no)
    else:
        asked = asked.order_by(_kept.opened_at.desc(), _kept.case_no)
    return [_row(each, now) for each in tx.execute(asked.limit(MOST))]


def counts(tx: Connection) -> Mapping[tuple[str, str], int]:
    """How many there are, by kind and state."""
    asked = select(_kept.kind, _cases.state, func.count()).select_from(_JOINED).group_by(_kept.kind, _cases.state)
    return {(kind, state): count for kind, state, count in tx.execute(asked)}


def overdue_counts(tx: Connection, now: datetime) -> Mapping[str, int]:
    """How many answers are owed too long, by kind."""
    asked = select(_kept.kind, func.count()).where(_kept.due_at <= to_millis(now)).group_by(_kept.kind)
    return dict(tx.execute(asked).all())


def overdue_by_county(tx: Connection, now: datetime) -> dict[str, Pile]:
    """Overdue questions and appeals by the county that is to answer, since when the first; none on trial."""
    late = _overdue(now, _kept.issuing_county, func.count(), func.min(_kept.due_at)).group_by(_kept.issuing_county)
    return {county: Pile(count=count, oldest_at=from_millis(since)) for county, count, since in tx.execute(late)}


def _overdue(now: datetime, *columns: Any) -> Select[Any]:
    told = _kept.kind.in_(("question", "appeal"))
    return select(*columns).where(_kept.due_at <= to_millis(now), told, _kept.trial.is_(False))


def _row(row: Any, now: datetime) -> MatterRow:
    due = from_millis(row.due_at) if row.due_at is not None else None
    return MatterRow(
        case_no=row.case_no,
        kind=row.kind,
        window=row.window_county,
        issuing=row.issuing_county,
        state=row.state,
        opened_at=from_millis(row.opened_at),
        due_at=due,
        overdue=due is not None and due <= now,
        level=row.level,
        about_case=row.about_case,
        trial=bool(row.trial),
    )
