"""What two workers set aside at once: held destinations, dead letters, messages tried alone."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, update

from hub.intake.poison import SoloAttempts
from hub.outflow import deadletters
from hub.outflow.delivery import held_counties, mark_held
from hub.store import tables
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, Case, World
from tests.unit.hub.side_by_side.together import PATIENCE_SECONDS, at_once, until_waiting


def test_a_destination_is_held_by_one_of_two_workers(world: World, pool: ThreadPoolExecutor):
    """Both saw the full inbox; one of them marks it, when there is no row yet and when there is one."""

    def hold() -> bool:
        with world.store.write() as tx:
            return mark_held(tx, ISSUING, "inbox_full")

    for _ in range(2):
        with world.store.write() as tx:
            assert mark_held(tx, ISSUING, "inbox_full")
            other = pool.submit(hold)
            until_waiting(world, 1)
        assert other.result(PATIENCE_SECONDS) is False
        with world.store.write() as tx:
            assert held_counties(tx) == {ISSUING}
            tx.execute(update(tables.destinations).values(held=False))


def test_a_dead_letter_is_kept_once_and_settled_once(world: World, pool: ThreadPoolExecutor):
    """Two keepers take it from two connections; two people discard it."""
    dead = Case(world).application().delivery(queue=topology.DEAD_LETTERS)

    def keep() -> str:
        with world.store.write() as tx:
            return deadletters.keep_from_broker(tx, dead, world.now)

    with world.store.write() as tx:
        number = deadletters.keep_from_broker(tx, dead, world.now)
        other = pool.submit(keep)
        until_waiting(world, 1)
    assert other.result(PATIENCE_SECONDS) == number

    def discard() -> str:
        try:
            with world.store.write() as tx:
                deadletters.discard(tx, number, reason="seen", now=world.now)
        except YunhuobanError as error:
            return error.code.code
        return ""

    codes = at_once(world, pool, discard, discard, hold=select(tables.dead_letters))
    assert sorted(codes) == ["", deadletters.NOT_WAITING.code]


def test_solo_attempts_of_two_workers_are_both_counted(world: World, pool: ThreadPoolExecutor):
    """A poison message that kills whoever holds it goes from worker to worker."""
    poison = Case(world).application().delivery(redelivered=True)
    assert not SoloAttempts(world.store).exhausted(poison, now=world.now)
    counters = [SoloAttempts(world.store) for _ in range(2)]
    works = [lambda each=each: each.exhausted(poison, now=world.now) for each in counters]
    assert at_once(world, pool, *works, hold=select(tables.solo_attempts)) == [False, False]
    assert [row.attempts for row in world.rows(select(tables.solo_attempts))] == [3]
    assert SoloAttempts(world.store).exhausted(poison, now=world.now)
