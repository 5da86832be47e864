"""What each county owed in a case, by when, and at which instants a card of which colour is due for it. Pure.

The deadlines are the contract's own (`schemas.clock`), the same that both counties see on their pages, except that the
hub's outages stop every clock as a special procedure does. A county is not late because nobody could reach it.

- 蓝: the working day before the last one begins. 黄: a fifth of the promised working time is left, or a step is over
  its limit. 红: the promise or the five days of art. 32 have passed, or an application was not signed for within one
  working day. 红＋: the statutory limit has passed.
- What a limit is warned of before it even began (a promise of today) is no warning and is left out.
- A limit that rests on a day whose calendar is not published makes no card (暂计).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from hub.supervision.duty import Duty, beyond, countable, day_before, moved, str_limit
from hub.supervision.history import History, Step, to_a_county
from hub.supervision.levels import Level, Rule
from schemas.catalogue.model import Implementation
from schemas.clock import EFFECTS, SUPPLEMENT_WITHIN, Clock, Effect, clock
from schemas.messages import TYPES
from schemas.timelimits import statutory
from schemas.workdays import worktime
from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import MOST, Deadline, Limit, Pause, Unit, deadline, hall_closes

RECEIVE_WITHIN: Final = Limit(1, Unit.WORKING_DAY)
LICENSE_WITHIN: Final = Limit(10, Unit.WORKING_DAY)
"""行政许可法 art. 44: to issue and deliver within ten days of the decision; days are working days (art. 82)."""
PROMISE_LEFT: Final = 0.2
_ONE_DAY: Final = timedelta(days=1)
_MOMENT: Final = timedelta(milliseconds=1)
_OPENS: Final = "application.submitted"


def duties(
    history: History,
    *,
    calendar_of: Callable[[str], CountyCalendar],
    item: Implementation | None,
    outages: Sequence[Pause],
    horizon: datetime,
) -> list[Duty]:
    """Every duty of a case so far, as known at `horizon`. Without the item's catalogue entry there is no statute."""
    own = [step for step in history.steps if step.message_type in EFFECTS]
    stops = [step.at for step in own if EFFECTS[step.message_type] is Effect.STOP]
    whole = clock([step.event for step in own])
    standing = [*whole.pauses]
    if whole.paused_at is not None:  # still open: it reaches beyond what we look at
        standing.append(Pause(begins_at=whole.paused_at, ends_at=max(horizon, whole.paused_at) + _ONE_DAY))
    made = _Maker(
        history=history,
        calendar=calendar_of(history.issuing),
        procedures=standing,
        outages=outages,
        stopped_at=stops[0] if stops else None,
    )
    return [
        *_receiving(history, calendar_of, outages),
        *made.answering(whole),
        *made.deciding(own, whole, item, horizon),
        *made.procedures_named(),
        *made.licensing(),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    history: History
    calendar: CountyCalendar
    procedures: Sequence[Pause]
    outages: Sequence[Pause]
    stopped_at: datetime | None

    def answering(self, whole: Clock) -> Iterator[Duty]:
        """Art. 32: silence for five working days."""
        if whole.received_at is None:
            return
        begins = whole.received_at
        plain = deadline(self.calendar, begins, SUPPLEMENT_WITHIN)
        yield self._duty(
            Rule.ANSWERING,
            "supplement.requested",
            begins,
            str_limit(SUPPLEMENT_WITHIN),
            plain,
            {Level.BLUE: day_before(self.calendar, plain.at), Level.RED: plain.at},
            done_at=_first(whole.answered_at, self.stopped_at),
            procedures=(),
        )

    def deciding(
        self, own: Sequence[Step], whole: Clock, item: Implementation | None, horizon: datetime
    ) -> Iterator[Duty]:
        """The promise and the statute; each extension begins both anew."""
        turns = [at for at, step in enumerate(own) if EFFECTS[step.message_type] in (Effect.START, Effect.EXTEND)]
        limit = statutory(item) if item is not None else None
        answer = next(iter(self.answering(whole)), None)
        deemed = answer is not None and not answer.due.provisional and _late(answer, horizon)
        if limit is not None and deemed and not turns and whole.received_at is not None:
            unsaid = replace(whole, started_at=whole.received_at, paused_at=None)
            yield self._statute(unsaid, limit, whole.received_at, self.stopped_at)
        for number, at in enumerate(turns):
            made = replace(clock([step.event for step in own[: at + 1]]), paused_at=None, pauses=())
            over = own[turns[number + 1]].at if number + 1 < len(turns) else None
            done = _first(over, self.stopped_at)
            if made.promised_on is not None and made.promised_at == own[at].at:
                yield self._promise(made, own[at].at, done)
            if limit is not None and made.started_at is not None:
                counted = replace(made, started_at=made.received_at) if deemed else made
                # Silence has begun it already: what it was warned of then is not warned of again.
                began = made.received_at if deemed and number == 0 else None
                yield self._statute(counted, limit, began or own[at].at, done)

    def _promise(self, made: Clock, begins: datetime, done: datetime | None) -> Duty:
        day = str(made.promised_on)
        made = replace(made, promised_on=countable(made.promised_on or beijing_day(begins), begins))
        plain = made.promised_due(self.calendar)
        if plain is None:
            raise AssertionError("a promise has an end")
        if plain.at <= begins:  # what has passed when it is promised is not kept
            at_once = {Level.RED: begins + _MOMENT}
            return self._duty(Rule.PROMISE, "decision.made", begins, day, plain, at_once, done_at=done)
        whole = worktime.between(self.calendar, begins, plain.at).time
        warned = worktime.after(self.calendar, begins, whole * (1 - PROMISE_LEFT)).at
        levels = {Level.BLUE: day_before(self.calendar, plain.at), Level.YELLOW: warned, Level.RED: plain.at}
        return self._duty(Rule.PROMISE, "decision.made", begins, day, plain, levels, done_at=done)

    def _statute(self, made: Clock, limit: Limit, begins: datetime, done: datetime | None) -> Duty:
        stops = [*self.procedures, *self.outages]
        room = MOST[Unit.WORKING_DAY] - (limit.count if limit.unit is Unit.WORKING_DAY else 0)
        made = replace(made, extended_days=min(made.extended_days, room))
        due = replace(made, pauses=tuple(stops)).due(self.calendar, limit)
        if due is None or made.started_at is None:
            raise AssertionError("a clock that was started has an end")
        said = str_limit(limit) + (f" + {made.extended_days} {Unit.WORKING_DAY}" if made.extended_days else "")
        duty = self._duty(
            Rule.STATUTE,
            "decision.made",
            made.started_at,
            said,
            due,
            {},
            done_at=done,
        )
        # An extension in working days follows a limit in months that was paused: only the clock itself adds that up.
        return replace(duty, occasion=_stamp(begins), due=due, due_in_all={Level.RED_PLUS: beyond(due.at, stops)})

    def procedures_named(self) -> Iterator[Duty]:
        """A special procedure that takes longer than was told (art. 45)."""
        for at, step in enumerate(self.history.steps):
            if step.message_type != "procedure.opened":
                continue
            ends = [each.at for each in self.history.steps[at + 1 :] if each.message_type == "procedure.closed"]
            day = countable((step.facts or {})["expected_until"], step.at)
            kind = self.calendar.day(day)
            plain = Deadline(at=hall_closes(self.calendar, day), provisional=kind.provisional)
            yield self._duty(
                Rule.PROCEDURE,
                "procedure.closed",
                step.at,
                str(day),
                plain,
                {Level.YELLOW: plain.at},
                done_at=_first(ends[0] if ends else None, self.stopped_at),
                procedures=(),
            )

    def licensing(self) -> Iterator[Duty]:
        """A license that was granted and does not come (art. 44)."""
        for at, step in enumerate(self.history.steps):
            if step.message_type != "decision.made" or (step.facts or {}).get("outcome") != "granted":
                continue
            rest = self.history.steps[at + 1 :]
            ends = [each.at for each in rest if each.message_type in ("license.issued", "case.closed")]
            plain = deadline(self.calendar, step.at, LICENSE_WITHIN)
            yield self._duty(
                Rule.LICENSING,
                "license.issued",
                step.at,
                str_limit(LICENSE_WITHIN),
                plain,
                {Level.YELLOW: plain.at},
                done_at=ends[0] if ends else None,
                procedures=(),
            )

    def _duty(
        self,
        rule: Rule,
        step: str,
        begins: datetime,
        limit: str,
        plain: Deadline,
        levels: Mapping[Level, datetime],
        *,
        done_at: datetime | None,
        procedures: Sequence[Pause] | None = None,
    ) -> Duty:
        stopped = self.procedures if procedures is None else procedures
        causes = [*(("procedure", pause) for pause in stopped), *(("outage", pause) for pause in self.outages)]
        return moved(
            Duty(
                rule=rule,
                county=self.history.issuing,
                step=step,
                occasion=_stamp(begins),
                begins_at=begins,
                limit=limit,
                due=plain,
                due_in_all=levels,
                done_at=done_at,
                pauses=causes,
            ),
            self.calendar,
        )


def _receiving(
    history: History, calendar_of: Callable[[str], CountyCalendar], outages: Sequence[Pause]
) -> Iterator[Duty]:
    """Every step that was brought to a county is to be signed for; the application is what the case begins with."""
    for step in history.steps:
        if not to_a_county(step) or not TYPES[step.message_type].chained:
            continue
        calendar = calendar_of(step.destination)
        plain = deadline(calendar, step.at, RECEIVE_WITHIN)
        level = Level.RED if step.message_type == _OPENS else Level.YELLOW
        yield moved(
            Duty(
                rule=Rule.RECEIVING,
                county=step.destination,
                step=step.message_type,
                occasion=step.message_id,
                begins_at=step.at,
                limit=str_limit(RECEIVE_WITHIN),
                due=plain,
                due_in_all={level: plain.at},
                done_at=step.received_at,
                pauses=[("outage", pause) for pause in outages],
            ),
            calendar,
        )


def _late(answer: Duty, horizon: datetime) -> bool:
    return (answer.done_at or horizon) > answer.due.at


def _first(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%S%f")
