"""An alert from its beginning to its end, in the real store, whatever is restarted."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from hub.alerting import book
from hub.alerting.conditions import Matter
from hub.alerting.tables import alerts
from hub.record import listing
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, START, WINDOW, World

OFFLINE = {"county-offline": [Matter(subject=ISSUING)]}
BACK: dict[str, list[Matter]] = {"county-offline": []}


def observe(world: World, found: dict[str, list[Matter]], **later: float) -> datetime:
    """One round of a keeper, after a while."""
    world.later(**later)
    with world.store.write() as tx:
        book.observe(tx, found, world.now)
    return world.now


def standing(world: World) -> list[tuple[str, str]]:
    """What has begun and is not over."""
    with world.store.read() as tx:
        return [(row.kind, row.subject) for row in book.standing(tx)]


def rows(world: World) -> int:
    """How many alerts the store knows at all."""
    with world.store.read() as tx:
        return tx.execute(select(func.count()).select_from(alerts)).scalar_one()


@pytest.mark.both_stores
def test_what_stands_long_enough_is_one_alert_until_it_is_over(world: World) -> None:
    """It begins after its kind's ten minutes, is one however often it is seen, and ends when two minutes gone."""
    observe(world, OFFLINE)
    observe(world, OFFLINE, minutes=9)
    assert standing(world) == []
    for _ in range(3):
        observe(world, OFFLINE, minutes=1)
    assert (standing(world), rows(world)) == ([("county-offline", ISSUING)], 1)
    observe(world, BACK, seconds=15)
    observe(world, BACK, seconds=60)
    assert standing(world) == [("county-offline", ISSUING)]
    observe(world, BACK, seconds=60)
    assert standing(world) == []
    with world.store.read() as tx:
        assert [row.subject for row in book.recent(tx, 5)] == [ISSUING]


def test_what_is_known_to_have_begun_counts_from_then(world: World) -> None:
    """A dead letter that lay a minute before the keeper looked is told of at that look, and not a minute later."""
    letters = {"dead-letters": [Matter(subject=WINDOW, since_at=world.now)]}
    observe(world, letters, seconds=20)
    assert standing(world) == []
    observe(world, letters, seconds=40)
    assert standing(world) == [("dead-letters", WINDOW)]
    old = {"dead-letters": [*letters["dead-letters"], Matter(subject=ISSUING, since_at=world.now)]}
    observe(world, old, minutes=2)
    assert len(standing(world)) == 2


def test_what_mends_itself_in_time_was_no_alert(world: World) -> None:
    """A county that was away for five minutes leaves nothing behind."""
    observe(world, OFFLINE)
    observe(world, BACK, minutes=5)
    assert rows(world) == 0


def test_what_comes_and_goes_is_one_alert(world: World) -> None:
    """A county whose line fails every minute is told of once, and not ten times."""
    observe(world, OFFLINE)
    observe(world, OFFLINE, minutes=10)
    for _ in range(10):
        observe(world, BACK, minutes=1)
        observe(world, OFFLINE, minutes=1)
    assert (standing(world), rows(world)) == ([("county-offline", ISSUING)], 1)


def test_what_is_not_known_now_goes_on_standing(world: World) -> None:
    """While the broker does not answer, nobody is said to have come back."""
    observe(world, OFFLINE)
    observe(world, OFFLINE, minutes=10)
    observe(world, {"waiting": []}, hours=5)
    assert standing(world) == [("county-offline", ISSUING)]


def test_it_counts_what_there_is_now(world: World) -> None:
    """The number follows; since when it lies there does not."""
    observe(world, {"waiting": [Matter(subject=WINDOW, count=3, since_at=START - timedelta(hours=1))]})
    observe(world, {"waiting": [Matter(subject=WINDOW, count=9_000, since_at=START)]}, seconds=15)
    with world.store.read() as tx:
        (row,) = book.standing(tx)
    assert (row.amount, row.since_at) == (9_000, (START - timedelta(hours=1)).timestamp() * 1000)


def test_a_clock_that_was_put_back_keeps_no_alert_from_beginning(world: World) -> None:
    """What was first seen in a future that is no more has stood long enough."""
    observe(world, OFFLINE)
    world.now -= timedelta(days=1)
    observe(world, OFFLINE)
    assert standing(world) == [("county-offline", ISSUING)]


def test_it_is_acknowledged_once_with_a_reason(world: World) -> None:
    """By whom and how stands in the store; an empty word, a second time and one that is over are refused."""
    observe(world, {"disk": [Matter(subject="hub", count=5)]})
    observe(world, {"disk": [Matter(subject="hub", count=5)]}, minutes=1)
    with world.store.read() as tx:
        (row,) = book.standing(tx)

    def acknowledge(number: str, note: str) -> None:
        with world.store.write() as tx:
            book.acknowledge(tx, number, by="li.ops", note=note, now=world.now)

    for note in ("", "  ", "x" * 401):
        with pytest.raises(YunhuobanError, match="E-ALERT-003"):
            acknowledge(row.id, note)
    acknowledge(row.id, "腾出空间")
    for number in (row.id, "nothing"):
        with pytest.raises(YunhuobanError, match="E-ALERT-002"):
            acknowledge(number, "again")
    with world.store.read() as tx:
        (row,) = book.standing(tx)
        assert book.counts(tx)["disk"] == (1, 0)
        (line,) = listing.lines(tx)
    assert (row.acknowledged_by, row.note) == ("li.ops", "腾出空间")
    assert (line.what, line.who, line.reason) == ("接下告警", "li.ops", "腾出空间")


@pytest.mark.both_stores
def test_of_two_keepers_one_looks(world: World) -> None:
    """The other takes over when the first has said nothing for two minutes, also under a clock that was put back."""
    turns = []
    for holder, minutes in (("a", 0), ("b", 0), ("a", 1), ("b", 1), ("b", 2), ("a", 0), ("a", -60)):
        world.later(minutes=minutes)
        with world.store.write() as tx:
            turns.append(book.take_turn(tx, holder, world.now))
    assert turns == [True, False, True, False, True, False, True]


def test_old_alerts_are_forgotten(world: World) -> None:
    """After ninety days."""
    for found, minutes in ((OFFLINE, 0), (OFFLINE, 10), (BACK, 1), (BACK, 3)):
        observe(world, found, minutes=minutes)
    assert rows(world) == 1
    observe(world, BACK, days=91)
    assert rows(world) == 0
