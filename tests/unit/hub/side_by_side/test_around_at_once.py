"""Two keepers go along the journal at once: what is said around the cases is kept once, whoever was first."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from hub.around import tables
from hub.around.keeping import AroundKeeper
from tests.around_hub import Around
from tests.hub_world import Case, World
from tests.unit.hub.side_by_side.together import at_once


def test_two_keepers_keep_a_question_once(world: World, pool: ThreadPoolExecutor) -> None:
    """Both have read the same stretch; one writes, the other finds it done, and neither fails."""
    hub, case = Around(world), Case(world)
    hub.look()
    with world.store.write() as tx:  # the row is there to be held
        if tx.execute(select(tables.place)).first() is None:
            tx.execute(tables.place.insert().values(id=1, size=0, counted_on=""))
    hub.say(case, "question.asked")
    both = [AroundKeeper(world.store), AroundKeeper(world.store)]
    at_once(world, pool, *[lambda each=each: each.run_once(world.now) for each in both], hold=select(tables.place))
    assert [row.case_no for row in world.rows(select(tables.matters))] == [case.case_no]
    assert not hub.keeper.run_once(world.now)
