"""What operators and keepers do at once: lines of the record, orders of the same letters, two hosts that send."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from hub.outflow import deadletters
from hub.record import listing
from hub.record.acts import Act
from hub.record.noting import Actor, note
from hub.record.verifying import verify
from hub.replaying import ordering, sending
from hub.replaying.choosing import Wanted
from hub.store import tables
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, WINDOW, Case, ScriptedLink, World
from tests.unit.hub.side_by_side.together import PATIENCE_SECONDS, at_once, until_waiting

LI = Actor(account="li.ops")
LETTERS = 3


@pytest.fixture
def letters(world: World) -> list[str]:
    """Ids of three letters."""
    ids = []
    for _ in range(LETTERS):
        message = Case(world).application()
        death = {"queue": topology.county_inbox(ISSUING), "reason": "rejected", "count": 1}
        letter = message.delivery(queue=topology.DEAD_LETTERS, user_id=None, headers={"x-death": [death]})
        with world.store.write() as tx:
            deadletters.keep_from_broker(tx, letter, world.now)
        ids.append(message.envelope.id)
    return ids


def test_lines_of_the_record_never_fork(world: World, pool: ThreadPoolExecutor):
    """Three at once while a fourth is not committed: one chain, four numbers."""

    def write() -> int:
        with world.store.write() as tx:
            return note(tx, LI, Act.COUNTY_STATE, at=world.now)

    with world.store.write() as tx:
        note(tx, LI, Act.COUNTY_STATE, at=world.now)
        futures = [pool.submit(write) for _ in range(3)]
        until_waiting(world, 3)
    assert sorted(each.result(PATIENCE_SECONDS) for each in futures) == [2, 3, 4]
    with world.store.read() as tx:
        assert verify(tx).findings == ()
        assert len(listing.lines(tx)) == 4


def test_the_same_letters_are_ordered_once(world: World, pool: ThreadPoolExecutor, letters: list[str]):
    """Of two operators who have counted the same, one gives the order; the other is told that the count has changed."""

    def order() -> str:
        try:
            with world.store.write() as tx:
                ordering.order_many(
                    tx, Wanted(source=WINDOW), LI, counted=LETTERS, rate=5, reason="x", second="y", now=world.now
                )
        except YunhuobanError as error:
            return error.code.code
        return "ordered"

    found = at_once(world, pool, order, order, hold=select(tables.dead_letters))
    assert sorted(found) == ["E-ADM-095", "ordered"]


def test_two_hosts_send_each_letter_once(world: World, pool: ThreadPoolExecutor, letters: list[str]):
    """Two keepers that stand before the same order take turns at it."""
    with world.store.write() as tx:
        ordering.order_many(
            tx, Wanted(source=WINDOW), LI, counted=LETTERS, rate=50, reason="x", second="y", now=world.now
        )
    links = [ScriptedLink(), ScriptedLink()]

    def keeper(link: ScriptedLink) -> Any:
        def run() -> None:
            while sending.step(world.store, link, world.now) is not None:
                pass

        return run

    at_once(world, pool, *[keeper(each) for each in links], hold=select(tables.replays))
    sent = Counter(each.message_id for link in links for each in link.published)
    assert sent == Counter(letters)
