"""Moving bytes: marked as sent only when the broker holds them, acknowledged only when they are committed."""

import ast
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import adapters
from adapters.instants import to_millis
from adapters.link.connection import Arrival, SendOutcome, Submission
from adapters.link.traffic import Receiver, Sender
from adapters.loops import Loop
from adapters.store import open_store, tables
from adapters.store.schema import METADATA
from schemas import loggable, topology
from schemas.errors import YunhuobanError
from tests.county_doubles import UNMAPPABLE, PowerCut
from tests.county_records import application
from tests.county_world import World


class StubLink:
    """In the place of a link: remembers what was sent and settled."""

    def __init__(self) -> None:
        """The broker takes everything."""
        self.outcome = SendOutcome.CONFIRMED
        self.submissions: list[Submission] = []
        self.arrivals: list[Arrival] = []
        self.acked: list[Arrival] = []
        self.rejected: list[Arrival] = []
        self.listening: list[Any] = []
        self.kept_alive = self.closed = 0
        self.opened = 0

    def send(self, submission: Submission) -> SendOutcome:
        """As scripted."""
        self.submissions.append(submission)
        return self.outcome

    def keep_alive(self) -> None:
        """Count."""
        self.kept_alive += 1

    def listen(self, queues: Any, prefetch: int) -> None:
        """Remember."""
        self.listening.append((queues, prefetch))

    def receive(self, _wait_seconds: float) -> list[Arrival]:
        """All at once."""
        taken, self.arrivals = self.arrivals, []
        return taken

    def ack(self, arrivals: list[Arrival]) -> None:
        """Remember."""
        self.acked += arrivals

    def reject(self, arrivals: list[Arrival]) -> None:
        """Remember."""
        self.rejected += arrivals

    def close(self) -> None:
        """Count."""
        self.closed += 1


def sender(world: World, link: StubLink, *, express: bool = False) -> Sender:
    """The window county's sender."""
    return Sender(store=world.window.store, link=link, clock=world.clock, resend_seconds=30.0, express=express)  # type: ignore[arg-type]


def receiver(world: World, link: StubLink, arrived: Any = lambda: None) -> Receiver:
    """The window county's receiver."""
    return Receiver(store=world.window.store, link=link, county=world.window.code, clock=world.clock, arrived=arrived)  # type: ignore[arg-type]


def arrival(**changes: Any) -> Arrival:
    """Something that fits the inbox."""
    values: dict[str, Any] = {
        "queue": "q", "body": b"x", "message_id": "m1", "type": "decision.made",
        "headers": {"signatures": ["s"], "evidence": b"e"}, "redelivered": False, "tag": 1, "generation": 1,
    }  # fmt: skip
    return Arrival(**(values | changes))


def test_sent_means_confirmed(world: World) -> None:
    """While the broker does not take it the row stays due; confirmed, it rests until its next turn."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    link = StubLink()
    link.outcome = SendOutcome.UNAVAILABLE
    assert sender(world, link).run_once() == 0
    assert world.window.rows(select(tables.outbox.c.state)) == [("waiting",)]
    link.outcome = SendOutcome.CONFIRMED
    assert sender(world, link).run_once() == 1
    assert world.window.rows(select(tables.outbox.c.state)) == [("sent",)]
    assert sender(world, link).run_once() == 0
    (row,) = world.window.rows(select(tables.outbox))
    assert {(each.body, tuple(each.signatures), each.message_id) for each in link.submissions} == {
        (row.body, (row.signature,), row.message_id)
    }


def test_a_clock_put_back_holds_nothing_up(world: World) -> None:
    """What was made seven minutes ahead is sent at once, once."""
    world.later(minutes=7)
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    world.later(minutes=-7)
    link = StubLink()
    assert sender(world, link).run_once() == 1
    assert sender(world, link).run_once() == 0


def test_an_idle_sender_keeps_its_link_alive(world: World) -> None:
    """Heartbeats are answered at every idle turn; a claim travels on a road of its own."""
    link = StubLink()
    sender(world, link).run_once()
    assert link.kept_alive == 1
    world.up_to("print.authorised")
    world.window.room.ask(f"{world.case_no()}-D1-1")
    assert sender(world, link, express=True).run_once() == 1
    assert link.submissions[-1].exchange == topology.EXPRESS


def test_a_new_connection_brings_forward_what_is_on_its_way(world: World) -> None:
    """A broker may have lost it: it is sent again within seconds, not within an hour; otherwise nothing changes.

    A line that breaks all the time hastens once a minute; the last break has its turn when the minute is over.
    """
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    link = StubLink()
    assert sender(world, link).run_once() == 1
    taker = receiver(world, link)
    link.opened += 1
    taker.run_once()  # its first connection: what was on its way before a restart is brought forward as well
    world.later(seconds=1)
    assert sender(world, link).run_once() == 1
    world.later(minutes=1)
    sender(world, link).run_once()
    with world.window.store.write() as tx:
        tx.execute(update(tables.outbox).values(next_try_at=to_millis(world.now + timedelta(hours=1))))
    taker.run_once()
    assert sender(world, link).run_once() == 0
    link.opened += 1
    taker.run_once()
    assert sender(world, link).run_once() == 1
    with world.window.store.write() as tx:
        tx.execute(update(tables.outbox).values(next_try_at=to_millis(world.now + timedelta(hours=1))))
    link.opened += 1
    taker.run_once()
    assert sender(world, link).run_once() == 0
    world.later(minutes=1)
    taker.run_once()
    assert sender(world, link).run_once() == 1


def test_committed_before_acknowledged(world: World) -> None:
    """A power cut around the commit acknowledges nothing and has the broker deliver again; a duplicate is harmless."""
    for cut in ("fail_before", "fail_after"):
        link = StubLink()
        link.arrivals = [arrival()]
        world.window.store.commits = 0
        setattr(world.window.store, cut, 1)
        with pytest.raises(PowerCut):
            receiver(world, link).run_once()
        setattr(world.window.store, cut, 0)
        assert (link.acked, link.closed) == ([], 1)
    link = StubLink()
    link.arrivals = [arrival(), arrival(redelivered=True)]
    receiver(world, link).run_once()
    assert len(link.acked) == 2
    kept = world.window.rows(select(tables.inbox.c.message_id).where(tables.inbox.c.message_id == "m1"))
    assert len(kept) == 1


@pytest.mark.parametrize(
    "unfit",
    [
        {"message_id": ""},
        {"message_id": "m" * 65},
        {"type": "t" * 41},
        {"headers": {"signatures": ["s" * 1025]}},
        {"headers": {"evidence": "text"}},
        {"body": bytes(33 * 2**20)},
    ],
)
def test_what_cannot_be_stored_goes_to_the_dead_letters_alone(world: World, unfit: dict[str, Any]) -> None:
    """It is rejected; what came with it is kept."""
    link = StubLink()
    link.arrivals = [arrival(**unfit), arrival(message_id="m2")]
    receiver(world, link).run_once()
    assert ([each.message_id for each in link.acked], len(link.rejected)) == (["m2"], 1)


def test_odd_headers_are_kept_and_left_to_the_opening(world: World) -> None:
    """No list of signatures, an empty one, or something else in it: stored without a signature."""
    link = StubLink()
    odd: list[Any] = [{}, {"signatures": []}, {"signatures": [b"x"]}, {"signatures": "text"}]
    link.arrivals = [arrival(message_id=f"m{i}", headers=headers) for i, headers in enumerate(odd)]
    receiver(world, link).run_once()
    assert len(link.acked) == len(odd)
    assert set(world.window.rows(select(tables.inbox.c.signature))) == {("",)}


def test_a_loop_survives_whatever_its_step_raises() -> None:
    """Declared errors and others are logged and tried again; a wake is not lost."""
    done = threading.Event()
    errors: list[Exception] = [YunhuobanError(UNMAPPABLE), ZeroDivisionError()]

    def step() -> int:
        if errors:
            raise errors.pop()
        done.set()
        return 0

    loop = Loop("test", step, idle_seconds=60)
    loop.start()
    for _ in range(100):
        loop.wake()
        if done.wait(0.1):
            break
    loop.stop()
    assert done.is_set()


def test_the_migrated_schema_is_the_tables(tmp_path: Path) -> None:
    """A fresh store has exactly the tables and columns of the code, with full durability."""
    import sqlalchemy as sa

    store = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    with store.read() as tx:
        inspector = sa.inspect(tx)
        found = {
            name: {column["name"] for column in inspector.get_columns(name)}
            for name in inspector.get_table_names()
            if name != "alembic_version"
        }
        pragmas = [tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    store.close()
    assert found == {table.name: {column.name for column in table.columns} for table in METADATA.sorted_tables}
    assert pragmas == ["wal", 2]


def test_every_logged_field_may_be_logged() -> None:
    """What the county node writes into its log lines is on the allow-list, so that nothing operational is dropped."""
    folder = Path(adapters.__file__).parent
    wrong = set()
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "_log":
                wrong |= {
                    (path.name, keyword.arg)
                    for keyword in node.keywords
                    if keyword.arg and keyword.arg not in loggable.fields()
                }
    assert wrong == set()
