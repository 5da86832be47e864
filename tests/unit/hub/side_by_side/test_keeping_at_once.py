"""What keepers of the hub change at once: trust, the directory, lists, counties, calendars."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from hub.registry import calendars, county, directory, trust
from hub.store import tables
from schemas.workdays.override import COUNTRY, DayRule, Override
from tests.hub_world import WINDOW, Network, World
from tests.unit.hub.side_by_side.together import PATIENCE_SECONDS, Work, at_once, until_waiting


def test_every_change_of_trust_is_counted(world: World, pool: ThreadPoolExecutor):
    """Two commands at once, also when the counter's row does not exist yet."""
    with world.store.write() as tx:
        tx.execute(tables.counters.delete())

    def bump() -> None:
        with world.store.write() as tx:
            trust.bump(tx)

    with world.store.write() as tx:
        trust.bump(tx)
        futures = [pool.submit(bump) for _ in range(3)]
        until_waiting(world, 3)
    for each in futures:
        each.result(PATIENCE_SECONDS)
    with world.store.read() as tx:
        assert trust.counter(tx) == 4


def test_a_snapshot_of_trust_is_never_newer_than_what_it_read(world: World):
    """A county is suspended while a batch reads what is trusted: the batch after it must notice."""
    done: list[str] = []

    def suspend(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM counties" in statement and not done:
            done.append(WINDOW)
            with world.store.write() as other:
                county.set_state(other, WINDOW, "suspended")

    authority = world.network.authority
    with world.store.write() as tx:  # READ COMMITTED: each statement sees what was committed before it
        event.listen(tx, "after_cursor_execute", suspend)
        loaded = trust.load(tx, anchors=[authority.root], intermediates=[authority.issuing], trial=True)
    with world.store.read() as tx:
        assert done
        assert loaded.states[WINDOW] == "suspended" or loaded.serial < trust.counter(tx)


def test_two_keepers_publish_one_directory(world: World, pool: ThreadPoolExecutor):
    """Of two hub hosts one signs, the other finds it done."""

    def publish() -> int | None:
        with world.store.write() as tx:
            return directory.publish_if_due(tx, world.network.issuer(), world.now)

    serials = at_once(world, pool, publish, publish, hold=select(tables.counters))
    assert serials.count(None) == 1
    assert len(world.rows(select(tables.directories))) == 1
    world.later(days=2)  # and when it is to be renewed
    serials = at_once(world, pool, publish, publish, hold=select(tables.counters))
    assert serials.count(None) == 1
    assert len(world.rows(select(tables.directories))) == 2


def test_a_list_is_not_overtaken_by_an_older_one(world: World, pool: ThreadPoolExecutor, tmp_path: Path):
    """Two hub hosts bring lists in, one of them the older ones: the newer stay, in whatever order they come."""
    own = Network.make(tmp_path, world.network.databases)
    world = World.make(own, tmp_path)
    folders = []
    for name in ("older", "newer"):
        world.later(hours=1)
        own.authority.publish_crls(now=world.now)
        folders.append(tmp_path / name)
        folders[-1].mkdir()
        for each in (own.folder / "ca" / "crl").glob("*.crl"):
            (folders[-1] / each.name).write_bytes(each.read_bytes())
    older, newer = (own.revocation_folder(world.store, each) for each in folders)
    works = (lambda: newer.run_once(world.now), lambda: older.run_once(world.now))
    at_once(world, pool, *works, hold=select(tables.counters))
    current = world.rows(select(tables.crls.c.der).where(tables.crls.c.current))
    assert {row.der for row in current} == {each.read_bytes() for each in folders[1].glob("*.crl")}
    world.close()


def test_a_county_is_enrolled_twice_at_once(world: World, pool: ThreadPoolExecutor):
    """Two people add the same card."""
    keys_of = world.network.counties[WINDOW]
    with world.store.write() as tx:
        for table in (tables.counties, tables.county_certificates, tables.offers):
            tx.execute(table.delete())

    def enrol() -> None:
        with world.store.write() as tx:
            county.enrol(tx, keys_of.card(world.network.item), chains=world.network.chains(), now=world.now)

    at_once(world, pool, enrol, enrol, hold=select(tables.counters))
    assert [row.division_code for row in world.rows(select(tables.counties))] == [WINDOW]
    assert len(world.rows(select(tables.offers))) == 1


def test_two_imports_of_a_calendar_both_count(network: Network, tmp_path: Path, pool: ThreadPoolExecutor):
    """Two operators import at once: the second import goes over the first one, and a directory carries both."""
    world = World.make(network, tmp_path)
    with world.store.write() as tx:
        trust.bump(tx)
    rules = [DayRule(date(2027, 10, number), COUNTRY, working=False) for number in (1, 2)]

    def entering(rule: DayRule) -> Work:
        def work() -> bool:
            with world.store.write() as tx:
                return calendars.enter(tx, Override(days=(rule,)), replacing=False, file_name="x", now=world.now)

        return work

    counter = select(tables.counters).where(tables.counters.c.name == trust.COUNTER)
    assert at_once(world, pool, *map(entering, rules), hold=counter) == [True, True]
    with world.store.write() as tx:
        assert calendars.imported(tx).days == tuple(rules)
        assert directory.publish_if_due(tx, network.issuer(), world.now) == trust.counter(tx)
    world.close()
