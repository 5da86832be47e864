"""What the database undoes is done again, and a transaction sees one moment."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, event, func, select, text, update

from hub.bootstrap import Keys
from hub.registry import trust
from hub.store import STORE_CONFLICT, STORE_FAILED, Store, open_store, tables
from hub.store.engine import MOST_REDOS, STORE_REFUSED
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, Case, World
from tests.postgres import PostgresNode
from tests.unit.hub.side_by_side.together import PATIENCE_SECONDS, assert_whole, begun, leaves


def test_a_reading_transaction_sees_one_moment(world: World):
    """A check of the journal must not see leaves without the checkpoint that came with them."""
    begun(world)
    with world.store.read() as tx:
        before = tx.execute(select(func.count()).select_from(tables.journal)).scalar_one()
        world.send(Case(world).application())
        assert tx.execute(select(func.count()).select_from(tables.checkpoints)).scalar_one() == before == 1


def test_a_deadlock_is_done_again(world: World, pool: ThreadPoolExecutor):
    """The database ends one of two that wait in a circle; its work is done again, not given up."""
    for name in ("a", "b"):
        with world.store.write() as tx:
            tx.execute(tables.counters.insert().values(name=name, value=0))
    tries: list[str] = []

    def move(first: str, second: str) -> None:
        def work(tx: Connection) -> None:
            tries.append(first)
            for name in (first, second):
                tx.execute(update(tables.counters).where(tables.counters.c.name == name).values(value=1))
                deadline = time.monotonic() + PATIENCE_SECONDS
                while len(tries) < 2 and time.monotonic() < deadline:
                    time.sleep(0.01)

        world.store.redo(work)

    for each in [pool.submit(move, "a", "b"), pool.submit(move, "b", "a")]:
        each.result(PATIENCE_SECONDS)
    assert len(tries) >= 2


def test_work_that_never_fits_is_refused_in_the_end(world: World):
    """A row that is really there twice is no other worker's doing: the message is found out, not tried for ever."""
    tries: list[int] = []

    def work(tx: Connection) -> None:
        tries.append(1)
        tx.execute(tables.counters.insert().values(name=trust.COUNTER, value=0))

    with pytest.raises(YunhuobanError) as caught:
        world.store.redo(work)
    assert (caught.value.code, len(tries)) == (STORE_REFUSED, MOST_REDOS)
    with pytest.raises(YunhuobanError) as caught, world.store.write() as tx:
        work(tx)
    assert caught.value.code is STORE_CONFLICT


@pytest.mark.parametrize("committed", [False, True])
def test_a_commit_of_unknown_result_is_done_again(world: World, committed: bool, hub_keys: Keys):
    """The connection goes at the commit: nobody knows, nothing is acknowledged, and the batch is done again."""
    message = Case(world).application()
    engine = world.store._engine
    lost: list[int] = []

    def lose(connection: Connection) -> None:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        if lost or connection.execute(select(func.count()).select_from(tables.journal)).scalar_one() == 0:
            return
        lost.append(process)
        if committed:  # it is on the server's disk, and the answer never comes
            connection.connection.driver_connection.commit()
            connection.connection.driver_connection.close()
        else:
            with engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})

    moment = [0.0]
    world.monotonic = lambda: moment[0]
    world.pipeline = world.worker()
    event.listen(engine, "commit", lose)
    with pytest.raises(YunhuobanError) as caught:
        world.send(message)
    event.remove(engine, "commit", lose)
    assert caught.value.code is STORE_FAILED
    assert (world.link.acked, world.link.published) == ([], [])
    assert len(leaves(world)) == int(committed)
    moment[0] = 60.0
    world.pipeline.run_once(0.0)
    assert leaves(world) == [message.envelope.id]
    assert len(world.link.acked) == 1
    assert world.delivered(ISSUING) == [message.envelope.id]
    assert_whole(world, hub_keys)


def test_two_hubs_open_an_empty_database_at_once(postgres: PostgresNode, pool: ThreadPoolExecutor):
    """One makes the tables, the other finds them."""
    url = postgres.url(postgres.create())
    stores: list[Store] = [each.result(PATIENCE_SECONDS) for each in [pool.submit(open_store, url) for _ in range(4)]]
    for each in stores:
        with each.read() as tx:
            assert tx.execute(select(tables.journal)).all() == []
        each.close()
