"""The journal's own check: a whole journal has no finding, and no single row can be other than it was."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update

from certs import signing
from hub.bootstrap import Keys
from hub.evidence import journalcheck
from hub.evidence.findings import MOST
from hub.evidence.journalcheck import check_journal
from hub.history import epochs, journal
from hub.store import tables
from schemas import codec
from tests.hub_world import ISSUING, WINDOW, Case, Network, World, countersigned
from tests.sampling import all_or_some
from tests.unit.hub_evidence.conftest import whole_case

# Where the work stands; this changes by itself.
_NOT_EVIDENCE = {"messages": {"received_at"}, "checkpoints": {"effects_done"}}
_TABLES = (
    tables.journal, tables.tree_nodes, tables.head, tables.checkpoints, tables.messages, tables.countersignatures,
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(network: Network, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A hub with whole cases, refusals of every kind, a parked message and batches of several leaves."""
    world = World.make(network, tmp_path_factory.mktemp("world"))
    whole_case(world)
    world.later(seconds=1)
    first, second = Case(world), Case(world)
    world.send(first.application(), second.application(), second.hand_over())
    world.later(seconds=1)
    again = first.application(id=first.sent["application.submitted"].envelope.id)
    world.send(again)  # the same id with other bytes: a leaf without a message row
    world.later(seconds=1)
    world.send(second.license(prev="00000000-0000-4000-8000-000000000000"))  # parked
    world.send(first.application().delivery(message_id="not an id"))
    world.later(seconds=1)
    for county, size in ((WINDOW, 3), (ISSUING, 3), (WINDOW, 5), (WINDOW, 5)):
        world.send(countersigned(world, county, size))
        world.later(seconds=1)
    return world


@contextmanager
def changed(world: World, change: Callable[[Connection], Any]):
    """A transaction in which something was changed, rolled back at the end."""
    with world.store.write() as tx:
        change(tx)
        yield tx
        tx.rollback()


def check(world: World, hub_keys: Keys, change: Callable[[Connection], Any]) -> list[str]:
    """What is found after a change."""
    with changed(world, change) as tx:
        return [str(each) for each in check_journal(tx, keys=hub_keys, trial=True)]


@pytest.mark.both_stores
def test_whole_journal_has_no_finding(filled: World, hub_keys: Keys):
    """Nothing is found where nothing is wrong, also when the rows come in many small slices."""
    assert check(filled, hub_keys, lambda _: None) == []


def test_small_slices_say_the_same(filled: World, hub_keys: Keys, monkeypatch: pytest.MonkeyPatch):
    """The size of a slice changes nothing."""
    for size in (1, 3, 7):
        monkeypatch.setattr(journalcheck, "SLICE", size)
        assert check(filled, hub_keys, lambda _: None) == []


def test_empty_journal(world: World, hub_keys: Keys):
    """A new hub has nothing to find."""
    with world.store.read() as tx:
        assert check_journal(tx, keys=hub_keys, trial=True) == []


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.name)
def test_any_changed_column_is_found(filled: World, hub_keys: Keys, table: Any):
    """Every column of every row, changed by itself, is a finding; the short run tries each column in some rows."""
    cells = [(row, column) for row in filled.rows(select(table)) for column in table.columns]
    wrong = [(row, column, value) for row, column in cells if (value := forged(table, row, column)) is not None]
    for row, column, value in all_or_some(wrong, 3, kind=lambda cell: cell[1].name):
        here = [key == getattr(row, key.name) for key in table.primary_key]
        change = doing(update(table).where(*here).values({column: value}))
        assert check(filled, hub_keys, change), (column.name, row)
    assert {column.name for _, column, _ in wrong} == set(table.columns.keys()) - _NOT_EVIDENCE.get(table.name, set())


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.name)
def test_any_removed_row_is_found(filled: World, hub_keys: Keys, table: Any):
    """Every row, taken away, is a finding; of messages every one but those that wait outside the journal."""
    for row in filled.rows(select(table)):
        if getattr(row, "state", "") == "parked":
            continue
        here = [column == getattr(row, column.name) for column in table.primary_key]
        assert check(filled, hub_keys, doing(delete(table).where(*here))), row


def test_any_added_row_is_found(filled: World, hub_keys: Keys):
    """A copy of the last row under the next key is a finding, in every table."""
    for table in _TABLES:
        rows = filled.rows(select(table))
        last = [row for row in rows if getattr(row, "state", "") != "parked"][-1]
        values = dict(last._mapping)
        key = next(iter(table.primary_key)).name if table.name != "tree_nodes" else "position"
        values[key] = other(values[key], far=True) if table.name != "journal" else values[key] + 1
        assert check(filled, hub_keys, doing(insert(table).values(**values))), table.name


def test_any_two_leaves_swapped_are_found(filled: World, hub_keys: Keys):
    """Two neighbours that change places, hashes and all, are a finding."""
    table = tables.journal
    rows = filled.rows(select(table).order_by(table.c.leaf_index))
    for one, two in pairwise(rows):

        def swap(tx: Connection, one: Any = one, two: Any = two) -> None:
            for index, row in ((one.leaf_index, two), (two.leaf_index, one)):
                values = {name: value for name, value in row._mapping.items() if name != "leaf_index"}
                tx.execute(update(table).where(table.c.leaf_index == index).values(**values))

        assert check(filled, hub_keys, swap), one.leaf_index


def test_a_journal_written_anew_is_found(filled: World, hub_keys: Keys):
    """Whoever changes a leaf and mends its hash still has the tree, the checkpoints and the evidence against him."""

    def forge(tx: Connection) -> None:
        table = tables.journal
        tx.execute(update(table).where(table.c.leaf_index == 4).values(verdict="E-ADM-001", detail_sha256=b"\x01" * 32))
        row = tx.execute(select(table).where(table.c.leaf_index == 4)).one()
        tx.execute(update(table).where(table.c.leaf_index == 4).values(leaf_hash=journal.leaf_of(row).hash()))

    found = check(filled, hub_keys, forge)
    assert any("tree_nodes/1/2" in each for each in found)
    assert any("checkpoints/5" in each for each in found)
    assert any("messages/" in each for each in found)


def test_other_keys_and_networks(filled: World, hub_keys: Keys):
    """Checkpoints signed by a certificate that is not this hub's, or in the other kind of network, are findings."""
    other_log = replace(hub_keys.checkpoint, certificate=hub_keys.grants.certificate)
    directory = replace(hub_keys.directory, hub_certificates=[])
    with filled.store.read() as tx:
        assert check_journal(tx, keys=replace(hub_keys, checkpoint=other_log, directory=directory), trial=True)
        assert check_journal(tx, keys=hub_keys, trial=False)


def test_findings_are_few(filled: World, hub_keys: Keys):
    """When everything is wrong, the first hundred lines are enough."""
    found = check(filled, hub_keys, doing(update(tables.journal).values(leaf_hash=b"\x00" * 32)))
    assert 0 < len(found) <= MOST
    gone = check(filled, hub_keys, doing(delete(tables.journal).where(tables.journal.c.leaf_index == 0)))
    assert len(gone) == 1
    assert filled.rows(select(func.count()).select_from(tables.journal))[0][0] > 16


def doing(statement: Any) -> Callable[[Connection], Any]:
    """The change that one statement makes."""
    return lambda tx: tx.execute(statement)


def other(value: Any, *, far: bool = False) -> Any:
    """Another value of the same type; a far one for keys, so that it is no other row's."""
    match value:
        case bool() | None:
            return None
        case int():
            return value + (1_000_000 if far else 1)
        case bytes():
            return value[:-1] + bytes([value[-1] ^ 1]) if value else b"\x01"
        case str():
            return value[:-1] + ("0" if value[-1:] != "0" else "1")
        case _:
            return None


def forged(table: Any, row: Any, column: Any) -> Any:
    """Another value for one cell; nothing where it is no evidence or holds nothing."""
    skipped = column.name in _NOT_EVIDENCE.get(table.name, ()) or getattr(row, "state", "") == "parked"
    if skipped or unnamed(table, row, column.name):
        return None
    return other(getattr(row, column.name), far=column.primary_key)


def unnamed(table: Any, row: Any, column: str) -> bool:
    """The names beside a refusal that has no message row are for looking up; nothing signs them."""
    return table.name == "journal" and column in ("source", "message_id") and row.message_id == "-"


@pytest.fixture(scope="module")
def restored(network: Network, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A hub that was restored once, with work before and after."""
    world = World.make(network, tmp_path_factory.mktemp("restored"))
    whole_case(world)
    with world.store.write() as tx:
        epochs.open_after_restore(tx, log=network.log, backed_up_at=world.now, now=world.now)
    world.later(seconds=1)
    whole_case(world)
    return world


def _epoch_of_the_last(tx: Connection, epoch: int, network: Network) -> None:
    """The newest checkpoint and the head say another epoch, signed with the hub's own key."""
    table = tables.checkpoints
    last = tx.execute(select(table).order_by(table.c.size.desc()).limit(1)).one()
    body = codec.encode("Checkpoint", codec.decode(last.body, "Checkpoint") | {"epoch": epoch})
    log = network.log
    signature = signing.sign(body, key=log.key, certificate=log.certificate, typ=signing.Typ.CHECKPOINT)
    values = {"epoch": epoch, "body": body, "signature": signature}
    tx.execute(update(table).where(table.c.size == last.size).values(**values))
    tx.execute(update(tables.head).values(epoch=epoch))


def test_an_epoch_begins_with_a_statement_and_nowhere_else(restored: World, hub_keys: Keys, network: Network):
    """A restore leaves a whole journal; an epoch that nobody stated, one that goes back, a statement gone: found."""
    assert check(restored, hub_keys, lambda _: None) == []
    for epoch in (1, 10**9):
        found = check(restored, hub_keys, lambda tx, epoch=epoch: _epoch_of_the_last(tx, epoch, network))
        assert any("纪元" in each for each in found), epoch
    assert check(restored, hub_keys, lambda tx: tx.execute(delete(tables.epochs))) != []
    assert check(restored, hub_keys, lambda tx: tx.execute(update(tables.epochs).values(signature="x"))) != []
