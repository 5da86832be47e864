"""No byte of the evidence can be another one unseen: each is flipped, rows are taken, added, swapped, and all is found.

The short tests take some of every column of every table, other ones every day; the long ones try every byte of a
small journal and of a small proof.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from hub.bootstrap import Keys
from hub.evidence.journalcheck import check_journal
from hub.evidence.proof import make_proof
from hub.evidence.trustfile import TrustFile
from hub.evidence.verify import trust_of, verify_proof
from hub.store import tables
from tests.hub_world import ISSUING, WINDOW, Case, Network, World, countersigned
from tests.sampling import some

EVIDENCE = (
    tables.journal, tables.tree_nodes, tables.head, tables.checkpoints, tables.messages, tables.countersignatures,
)  # fmt: skip
_STANDING = {"effects_done", "received_at"}
"""Where the work stands; this changes by itself."""
Change = Callable[[Connection], Any]


def fill(world: World, cases: int) -> Case:
    """Cases, refusals, batches of several leaves and countersignatures."""
    for _ in range(cases - 1):
        Case(world).up_to("decision.made")
        world.later(seconds=1)
    case = Case(world)
    first = case.application()
    world.send(first, Case(world).acceptance(prev=None))
    world.later(seconds=1)
    world.send(case.acceptance(), case.received(first), case.hand_over())
    world.later(seconds=1)
    size = world.rows(select(tables.head.c.size))[0][0]
    world.send(countersigned(world, WINDOW, size), countersigned(world, ISSUING, size))
    return case


@pytest.fixture(scope="module")
def small(network: Network, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Case]:
    """A journal of a few leaves."""
    world = World.make(network, tmp_path_factory.mktemp("small"))
    return world, fill(world, 1)


@pytest.fixture(scope="module")
def larger(network: Network, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Case]:
    """A journal whose tree has several levels."""
    world = World.make(network, tmp_path_factory.mktemp("larger"))
    return world, fill(world, 4)


def found(world: World, hub_keys: Keys, change: Change) -> bool:
    """Whether the check of the journal finds a change, which is undone afterwards."""
    with world.store.write() as tx:
        change(tx)
        findings = check_journal(tx, keys=hub_keys, trial=True)
        tx.rollback()
    return bool(findings)


def cells(world: World, wanted: Sequence[Any] = EVIDENCE) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Every value that is evidence: table, condition that names its row, column, value."""
    for table in wanted:
        for row in world.rows(select(table)):
            if getattr(row, "state", "") == "parked":
                continue
            here = [column == getattr(row, column.name) for column in table.primary_key]
            for column in table.columns:
                value = getattr(row, column.name)
                named = table is tables.journal and column.name in ("source", "message_id")
                if column.name not in _STANDING and value is not None and not (named and row.message_id == "-"):
                    yield table, here, column, value


def flips(value: Any) -> Iterator[Any]:
    """The value with one byte changed, at each place."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value ^ 1 << bit for bit in range(0, 40, 3))
    elif isinstance(value, str):
        yield from (value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :] for at in range(len(value)))
    else:
        yield from (value[:at] + bytes([value[at] ^ 1 << at % 8]) + value[at + 1 :] for at in range(len(value)))


def setting(table: Any, here: Sequence[Any], column: Any, value: Any) -> Change:
    """The change of one value."""
    return lambda tx: tx.execute(update(table).where(*here).values({column: value}))


Named = tuple[str, Change]
"""A change, and the columns or the table that it is about."""


def all_flips(world: World) -> Iterator[Named]:
    """Every byte of every value."""
    taken = {
        (table.name, column.name): {row[0] for row in world.rows(select(column))}
        for table in EVIDENCE
        for column in table.primary_key
        if len(table.primary_key) == 1
    }
    for table, here, column, value in cells(world):
        for wrong in flips(value):
            if wrong not in taken.get((table.name, column.name), ()):  # else the store itself refuses it
                yield str(column), setting(table, here, column, wrong)


def swaps(world: World) -> Iterator[Named]:
    """Every two rows of a table that change places: all but their keys, and each column by itself."""
    for table in EVIDENCE:
        key = [column.name for column in table.primary_key]
        if table is tables.messages:
            key += ["case_no"]
        rows = [row for row in world.rows(select(table)) if getattr(row, "state", "") != "parked"]
        for one, two in pairwise(rows):
            others = [c.name for c in table.columns if c.name not in key and c.name not in _STANDING]
            named = "-" in (getattr(one, "message_id", ""), getattr(two, "message_id", ""))
            for names in [others, *[[name] for name in others if not (named and name in ("source", "message_id"))]]:
                if any(getattr(one, name) != getattr(two, name) for name in names):
                    yield f"{table.name}.{'+'.join(names)} swapped", swapping(table, one, two, names)


def swapping(table: Any, one: Any, two: Any, names: Sequence[str]) -> Change:
    """The swap of these columns of two rows."""

    def change(tx: Connection) -> None:
        for mine, other in ((one, two), (two, one)):
            here = [column == getattr(mine, column.name) for column in table.primary_key]
            tx.execute(update(table).where(*here).values({name: getattr(other, name) for name in names}))

    return change


def removals(world: World) -> Iterator[Named]:
    """Every row that is evidence, taken away."""
    for table in EVIDENCE:
        for row in world.rows(select(table)):
            if getattr(row, "state", "") != "parked":
                here = [column == getattr(row, column.name) for column in table.primary_key]
                yield f"{table.name} removed", lambda tx, table=table, here=here: tx.execute(delete(table).where(*here))


def test_nothing_is_found_where_nothing_is_wrong(small: tuple[World, Case], larger: tuple[World, Case], hub_keys: Keys):
    """The findings below are the forgeries' own."""
    for world, _ in (small, larger):
        assert not found(world, hub_keys, lambda _: None)


def test_any_byte_sampled(larger: tuple[World, Case], hub_keys: Keys):
    """A changed byte anywhere in a journal with several levels is found."""
    tried = list(all_flips(larger[0]))
    for name, change in some(tried, 2, kind=lambda named: named[0]):
        assert found(larger[0], hub_keys, change), name
    assert len(tried) > 10_000


def test_any_row_swapped_or_removed_sampled(larger: tuple[World, Case], hub_keys: Keys):
    """Rows that change places, wholly or in one column, and rows that are gone, are found."""
    tried = [*swaps(larger[0]), *removals(larger[0])]
    for name, change in some(tried, 2, kind=lambda named: named[0]):
        assert found(larger[0], hub_keys, change), name


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_any_byte_of_a_small_journal(small: tuple[World, Case], hub_keys: Keys):
    """Every byte of every value of every row, one after the other."""
    for name, change in all_flips(small[0]):
        assert found(small[0], hub_keys, change), name


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_any_two_rows_of_a_small_journal(small: tuple[World, Case], hub_keys: Keys):
    """Every swap and every removal."""
    for name, change in (*swaps(small[0]), *removals(small[0])):
        assert found(small[0], hub_keys, change), name


def proof_of(stage: tuple[World, Case], hub_keys: Keys) -> tuple[bytes, TrustFile]:
    """A proof with countersignatures by witnesses, and its trust file."""
    world, case = stage
    with world.store.read() as tx:
        data = make_proof(tx, case.case_no, keys=hub_keys)
    witnesses = [world.network.counties[code].signing for code in (WINDOW, ISSUING)]
    return data, trust_of(hub_keys, trial=True, witnesses=witnesses)


def test_a_proof_with_witnesses_is_good(small: tuple[World, Case], hub_keys: Keys):
    """Both counties vouch for all of it."""
    checked = verify_proof(*proof_of(small, hub_keys))
    assert checked.good
    assert checked.witnesses == 2


def test_any_byte_of_a_proof_with_witnesses_sampled(small: tuple[World, Case], hub_keys: Keys):
    """A changed byte anywhere in the file, the countersignatures among it, is found."""
    data, trust = proof_of(small, hub_keys)
    chance = random.Random(20261127)
    start = data.index(b'"countersignatures"')
    places = [chance.randrange(len(data)) for _ in range(60)] + [start + chance.randrange(1500) for _ in range(60)]
    for at in places:
        assert not verify_proof(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], trust).good, at


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_any_byte_of_a_small_proof(small: tuple[World, Case], hub_keys: Keys):
    """Every byte of the file."""
    data, trust = proof_of(small, hub_keys)
    for at in range(len(data)):
        assert not verify_proof(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :], trust).good, at
