"""Who is to hear of what now: everything for one step of the plan together, and each thing once. Pure.

A step hears of what stands and nobody has acknowledged, when it is its turn; the first one at once, each other one when
those before have had their time. Whoever heard of the beginning hears of the end. What is over before anybody heard of
it is never told. In quiet hours, and for a while after a notice, only what is urgent goes out at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from hub.alerting.plan import Plan, passed
from hub.instants import from_millis

AGAIN: Final = timedelta(minutes=1)
"""After a notice that reached nobody."""
MOST_TRIES: Final = 3
"""Then it is the next step's turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one step is told."""

    step: int
    begun: Sequence[Any]
    over: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """How telling a step went so far."""

    told_at: datetime | None = None
    tries: int = 0
    tried_at: datetime | None = None


def due(
    standing: Sequence[Row[Any]],
    ended: Sequence[Row[Any]],
    plan: Plan,
    states: Mapping[str, StepState],
    now: datetime,
) -> Iterator[Notice]:
    """The notices that are to go out now."""
    quiet = plan.is_quiet(now)
    for at, step in enumerate(plan.steps):
        begun = [
            row
            for row in standing
            if row.level == at
            and row.acknowledged_at is None
            and row.gone_at is None
            and (at == 0 or passed(_at(row.level_at), now, step.after))
            and (row.urgent or not quiet)
        ]
        over = [row for row in ended if row.ended_level == at < row.level and (row.urgent or not quiet)]
        if (begun or over) and _may(plan, states.get(step.name, StepState()), begun, now):
            yield Notice(step=at, begun=begun, over=over)


def _may(plan: Plan, state: StepState, begun: Sequence[Row[Any]], now: datetime) -> bool:
    if state.tries and not passed(state.tried_at, now, AGAIN):
        return False
    return any(row.urgent for row in begun) or passed(state.told_at, now, plan.together)


def _at(millis: int | None) -> datetime | None:
    return from_millis(millis) if millis is not None else None
