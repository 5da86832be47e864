"""A hub in which things are said around and beside the cases, and the keeper that goes along its journal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from hub.around import tables
from hub.around.keeping import AroundKeeper
from hub.instants import to_millis
from hub.store import Store
from hub.store import tables as hub_tables
from schemas.facts import facts_of
from tests.around_records import GOOD
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, Message, World

DAY = 86_400_000


@dataclass
class Around:
    """One hub and its keeper."""

    world: World

    def __post_init__(self) -> None:
        """Nothing was looked at yet."""
        self.keeper = AroundKeeper(self.world.store)

    def say(self, case: Case, kind: str, *, at: datetime | None = None, of: str = "", **facts: Any) -> Message:
        """Admit one message; of its facts those that are named are other than in the good record."""
        self.world.now = at or self.world.now
        answered = {"in_reply_to": case.sent[of].envelope.id} if of else {}
        source = {"source": facts.pop("source")} if "source" in facts else {}
        message = case.message(kind, (facts_of(kind, GOOD[kind]) or {}) | facts or None, **answered, **source)
        self.world.send(message)
        return message

    def look(self) -> None:
        """Up to the journal's end."""
        self.keeper.catch_up(self.world.now)


def shown(store: Store, now: datetime) -> None:
    """A hub's tables with something of everything, for looking at."""
    at = to_millis(now)
    with store.write() as tx:

        def case(number: int, state: str, window: str = WINDOW, issuing: str = ISSUING) -> dict[str, Any]:
            both = {"window_county": window, "issuing_county": issuing, "trial": False}
            name = f"{window}-20261120-{number:06}-7"
            times = {"opened_at": at - number * DAY, "changed_at": at - number * DAY // 2}
            tx.execute(insert(hub_tables.cases).values(case_no=name, service_item="x", state=state, **both, **times))
            return {"case_no": name, **both}

        kinds = [
            ("question", "asked", -1), ("question", "answered", None), ("appeal", "appealed", -2),
            ("appeal", "appealed", 3), ("appeal", "settled", None), ("alive", "checking", 2), ("list", "listed", 4),
            ("opinion", "reviewing", 1),
        ]  # fmt: skip
        for number, (kind, state, days) in enumerate(kinds, 101):
            opened = at - number % 9 * DAY
            appeal = kind == "appeal"
            tx.execute(
                insert(tables.matters).values(
                    **case(number, state),
                    kind=kind,
                    opened_at=opened,
                    limit_at=opened + 5 * DAY,
                    due_at=None if days is None else at + days * DAY,
                    level=2 if days == -2 else 0,
                    appeal_kind="overdue" if appeal else "",
                    channel="hotline" if appeal else "",
                    about_case="",
                    answered_at=opened + DAY if days is None else None,
                    result="solved" if state == "settled" else "",
                )
            )
        states = [("granted", ISSUING), ("denied", FOREIGN), ("accepted", ISSUING)]
        for number, (state, issuing) in enumerate(states, 201):
            row = case(number, state, issuing=issuing)
            tx.execute(
                insert(tables.parts).values(
                    case_no=row["case_no"],
                    window_county=WINDOW,
                    group_no="G-2026-001",
                    group_kind="joint",
                    part=number - 200,
                    count=3,
                    all_or_none=True,
                    joined_at=at - DAY,
                    undo_requested=state == "granted",
                    undo_outcome="",
                    denied=state == "denied",
                )
            )
        for number, (stars, due) in enumerate([(5, None), (4, None), (2, -1), (1, 6), (1, None)], 301):
            row = case(number, "handed_over")
            del row["window_county"], row["issuing_county"]
            bad = stars <= 2
            tx.execute(
                insert(tables.ratings).values(
                    **row,
                    target="issuing",
                    county=ISSUING,
                    other=WINDOW,
                    stars=stars,
                    given_at=at - DAY,
                    limit_at=None if due is None else at + due * DAY,
                    owed=bad,
                    followed_at=None,
                    result="",
                )
            )
