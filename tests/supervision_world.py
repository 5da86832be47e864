"""A hub that watches time limits: cases by the hour of Beijing, the watch's turns, and its cards in short."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from hub.instants import to_millis
from hub.store import Store
from hub.supervision import listing, ruling, tables, watching
from hub.supervision.basis import Basis, counted, stop
from hub.supervision.listing import CardRow, Filter
from hub.supervision.raising import Supervision
from schemas.workdays.calendars import Calendar
from schemas.workdays.limits import Pause
from tests.hub_world import ISSUING, WINDOW, Case, Message, World
from tests.unit.hub_evidence.standing_broker import StandingBroker


def at(day: str, hour: float) -> datetime:
    """An hour in Beijing, of a day of 2026 as `11-23`."""
    return (datetime.fromisoformat(f"2026-{day}T00:00:00+08:00") + timedelta(hours=hour)).astimezone(UTC)


@dataclass
class Watched:
    """One hub and its watch."""

    world: World
    broker: StandingBroker = field(default_factory=StandingBroker)

    def __post_init__(self) -> None:
        """Begin to watch."""
        self.supervision = Supervision(self.world.store)

    def send(self, moment: datetime, *messages: Message, signed_for: bool = True) -> None:
        """Admit messages at an instant; their destinations sign for them a minute later unless told otherwise."""
        for message in messages:
            self.world.now = moment
            self.world.send(message)
            if signed_for and message.envelope.destination != "hub":
                self.world.now = moment + timedelta(minutes=1)
                self.world.send(case_of(self.world, message).received(message))

    def look(self, moment: datetime, *, awake: bool = True) -> None:
        """One turn of the watch, and as many as there are cases for; until then it has watched without a break."""
        if awake:
            with self.world.store.write() as tx:
                tx.execute(update(tables.pulse).values(at=to_millis(moment) - 15_000))
        while watching.look(self.world.store, self.broker, self.supervision, moment):
            pass

    def cards(self, **wanted: Any) -> list[CardRow]:
        """Its cards, the oldest first."""
        with self.world.store.read() as tx:
            return sorted(listing.cards(tx, Filter(**wanted)), key=lambda row: (row.raised_at, row.level, row.rule))

    def short(self) -> list[tuple[str, str, datetime]]:
        """Rule, level and instant."""
        return [(row.rule, row.level, row.raised_at) for row in self.cards()]


def case_of(world: World, message: Message) -> Case:
    """Whoever signs for a message."""
    other = Case(world, window=message.envelope.source, issuing=message.envelope.destination)
    other.case_no = message.envelope.case_no
    return other


def accepted(case: Case, promised: date, **changes: Any) -> Message:
    """受理 with this promise."""
    return case.message("application.accepted", {"promised_on": promised}, **changes)


def opened(case: Case, until: date) -> Message:
    """A special procedure."""
    return case.message("procedure.opened", {"procedure": "hearing", "expected_until": until})


def shown(store: Store, now: datetime) -> str:
    """A hub's book with a card of each colour and two outages, for looking at; returns the red card's number."""
    rows = [("blue", 3), ("yellow", 5), ("red", 28), ("red_plus", 4)]
    begins, until = now - timedelta(days=9), now - timedelta(days=3)
    told = Basis(
        begins_at=begins,
        limit="5 working_day",
        days=counted(Calendar().of(ISSUING), begins, now),
        stops=[
            stop(Calendar().of(ISSUING), cause, Pause(begins_at=now - timedelta(days=days), ends_at=until))
            for cause, days in (("procedure", 5), ("outage", 4))
        ],
        calendar_serial=2,
    ).written()
    with store.write() as tx:
        for at_, (level, hours) in enumerate(rows):
            raised = to_millis(now - timedelta(hours=hours))
            card = {"case_no": f"{WINDOW}-20261122-{at_:06}-7", "window_county": WINDOW, "issuing_county": ISSUING}
            card |= {"rule": "statute" if level == "red_plus" else "promise", "level": level, "step": "decision.made"}
            number = f"{at_:016X}"
            times = {"due_at": raised, "raised_at": raised, "found_at": raised}
            tx.execute(insert(tables.cards).values(card_no=number, county=ISSUING, basis=told, **card, **times))
        ruling.explain(tx, f"{3:016X}", ground="network", text="光缆挖断，见来文", by="li.ops", now=now)
        for days in (3, 8):
            ended = to_millis(now - timedelta(days=days))
            times = {"began_at": ended - 4_000_000, "ended_at": ended, "found_at": ended}
            tx.execute(insert(tables.outages).values(journal_size=48_120, **times))
    return f"{2:016X}"
