"""Two people at one card, and two watches at one case: what the one has said, the other sees."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from sqlalchemy import select

from hub.supervision import ruling, tables
from hub.supervision.raising import Supervision
from schemas.errors import YunhuobanError
from tests.hub_world import Case, World
from tests.supervision_world import Watched, accepted, at
from tests.unit.hub.side_by_side.together import at_once


def late(world: World) -> Watched:
    """A hub whose one case was promised for Wednesday; it was looked at once."""
    hub, case = Watched(world), Case(world)
    hub.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 25)))
    hub.look(at("11-23", 10))
    return hub


def test_two_rulings_at_once_are_one(world: World, pool: ThreadPoolExecutor) -> None:
    """Security upholds and the auditor withdraws in the same moment: one of them is told that it was ruled on."""
    hub = late(world)
    hub.look(at("11-25", 18))
    card = next(row.card_no for row in hub.cards() if row.level == "red")
    explained = {"ground": "network", "text": "x", "by": "li.ops", "now": at("11-26", 9)}
    world.store.redo(lambda tx: ruling.explain(tx, card, **explained))

    def rule(word: str, by: str) -> str:
        try:
            world.store.redo(
                lambda tx: ruling.rule(tx, card, ruling=word, text="x", by=by, now=at("11-26", 10), on_trial=False)
            )
        except YunhuobanError as error:
            return error.code.code
        return word

    both = [lambda: rule("valid", "wang.sec"), lambda: rule("withdrawn", "zhao.aud")]
    said = at_once(world, pool, *both, hold=select(tables.cards).where(tables.cards.c.card_no == card))
    assert said.count(ruling.RULED.code) == 1
    (row,) = [row for row in hub.cards() if row.card_no == card]
    assert row.standing in said


def test_two_watches_raise_one_card(world: World, pool: ThreadPoolExecutor) -> None:
    """Both find the same limits passed, and both are right: each card stands once."""
    hub = late(world)
    one, other = Supervision(world.store), Supervision(world.store)
    both = [lambda: one.run_once(at("11-25", 18)), lambda: other.run_once(at("11-25", 18))]
    assert at_once(world, pool, *both, hold=select(tables.looked)) == [1, 1]
    assert [row.level for row in hub.cards()] == ["blue", "yellow", "red"]
