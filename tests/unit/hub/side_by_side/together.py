"""Makes two hub processes meet on PostgreSQL, at the moments where SQLite would have made one of them wait.

A lock is held until both are known to stand where they would collide, then let go. The tests fail without the locks and
the fences of `hub.store.writing`: what one has decided, the other must see, whoever was first.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, select, text

from hub.bootstrap import Keys
from hub.evidence.journalcheck import check_journal
from hub.store import tables
from tests.hub_world import Case, Message, ScriptedLink, World

Work = Callable[[], Any]
PATIENCE_SECONDS = 30.0


def until_waiting(world: World, count: int) -> None:
    """Wait until this many transactions of this hub wait for another's lock."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while world.rows(waits)[0][0] < count:
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)


@contextmanager
def held(world: World, statement: Any) -> Iterator[Connection]:
    """Hold the rows of a statement until the block ends."""
    with world.store.write() as tx:
        tx.execute(statement.with_for_update()).all()
        yield tx


def the_head() -> Any:
    """Where every batch comes to at its end."""
    return select(tables.head)


def at_once(world: World, pool: ThreadPoolExecutor, *works: Work, hold: Any = None) -> list[Any]:
    """Start all while a lock is held, let go when each of them waits, and return what they return."""
    with held(world, the_head() if hold is None else hold):
        futures: list[Future[Any]] = [pool.submit(work) for work in works]
        until_waiting(world, len(works))
    return [each.result(PATIENCE_SECONDS) for each in futures]


def worker(world: World, *messages: Message) -> tuple[ScriptedLink, Work]:
    """A worker of its own with these messages in its hands."""
    link = ScriptedLink()
    link.incoming = [each.delivery() for each in messages]
    pipeline = world.worker(link)
    return link, lambda: pipeline.run_once(0.0)


def begun(world: World) -> None:
    """The journal has its first leaf, so that there is a head row to hold."""
    world.send(Case(world).application())


def leaves(world: World) -> list[str]:
    """Message ids in the journal's order."""
    journal = tables.journal
    return [row.message_id for row in world.rows(select(journal.c.message_id).order_by(journal.c.leaf_index))]


def assert_whole(world: World, hub_keys: Keys) -> None:
    """The journal is what its checkpoints say, and every message in it is stored as it was judged."""
    with world.store.read() as tx:
        assert [str(each) for each in check_journal(tx, keys=hub_keys, trial=True)] == []
