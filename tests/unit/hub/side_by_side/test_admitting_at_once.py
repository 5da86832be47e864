"""Two workers with the same messages: each is admitted once, and no case is told two ways."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, text

from hub.bootstrap import Keys
from hub.intake import refusals
from hub.store import tables
from schemas import codec
from tests.hub_world import Case, ScriptedLink, World
from tests.unit.hub.side_by_side.together import (
    PATIENCE_SECONDS,
    assert_whole,
    at_once,
    begun,
    held,
    leaves,
    until_waiting,
    worker,
)


def test_one_message_handed_to_two_workers_is_admitted_once(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """While a shard is handed over, both have it: one leaf, one case, and both may acknowledge."""
    begun(world)
    message = Case(world).application()
    (one, work_one), (other, work_other) = worker(world, message), worker(world, message)
    at_once(world, pool, work_one, work_other)
    assert leaves(world)[1:] == [message.envelope.id]
    assert (len(one.acked), len(other.acked)) == (1, 1)
    receipts = [each for link in (one, other) for each in link.published if each.type == "admission.receipt"]
    entries = [codec.decode(each.body, "AdmissionReceipt")["entries"][0]["leaf_index"] for each in receipts]
    assert entries == [1, 1], "both told the sender of the same leaf"
    assert_whole(world, hub_keys)


def test_two_workers_open_one_case_number(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """Two different openings of one number: one is admitted, the other is refused for it."""
    begun(world)
    case = Case(world)
    first, second = case.application(chain=False), case.application(chain=False)
    (one, work_one), (other, work_other) = worker(world, first), worker(world, second)
    at_once(world, pool, work_one, work_other)
    verdicts = world.rows(select(tables.messages.c.verdict).where(tables.messages.c.case_no == case.case_no))
    assert sorted(each.verdict for each in verdicts) == sorted(["admitted", refusals.CASE_EXISTS.code])
    assert len(one.acked + other.acked) == 2
    assert_whole(world, hub_keys)


def test_a_parked_message_is_settled_by_one_of_two_workers(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """Its case is not known yet, so there is no row to lock: it must not be refused twice."""
    begun(world)
    case = Case(world)
    case.application()  # never sent
    late = case.acceptance()
    world.send(late)
    world.later(hours=2)
    workers = [world.worker(ScriptedLink()) for _ in range(2)]
    settled = at_once(world, pool, *[lambda each=each: each.refuse_overdue(3600) for each in workers])
    assert sorted(settled) == [0, 1]
    assert leaves(world).count(late.envelope.id) == 1
    assert_whole(world, hub_keys)


def test_the_first_leaf_of_all_is_written_by_two_workers(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """Both find no head row; there is one journal all the same."""
    messages = [Case(world).application() for _ in range(2)]
    hands = [worker(world, each) for each in messages]
    hold = select(tables.counters)  # nobody waits for it: both run free
    with held(world, hold):
        for future in [pool.submit(work) for _, work in hands]:
            future.result(PATIENCE_SECONDS)
    assert sorted(leaves(world)) == sorted(each.envelope.id for each in messages)
    assert [len(link.acked) for link, _ in hands] == [1, 1]
    assert_whole(world, hub_keys)


def test_the_head_row_is_made_once(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """The one who comes second while the first row is being made waits for it, and goes on from there."""
    message, later = Case(world).application(), Case(world).application()
    _, work = worker(world, message)
    with world.store.write() as tx:
        tx.execute(text("LOCK TABLE checkpoints IN EXCLUSIVE MODE"))  # the first stops after it has made the row
        first = pool.submit(work)
        until_waiting(world, 1)
        second = pool.submit(worker(world, later)[1])
        until_waiting(world, 2)
    first.result(PATIENCE_SECONDS), second.result(PATIENCE_SECONDS)
    assert leaves(world) == [message.envelope.id, later.envelope.id]
    assert_whole(world, hub_keys)


def test_two_workers_and_everything_twice(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """Whole cases, each message given to both workers in batches of their own cut: one leaf and one verdict each."""
    cases = [Case(world) for _ in range(6)]
    ladders = [case.ladder() for case in cases]
    rungs = [list(rung) for rung in zip(*ladders, strict=True)]
    links = [ScriptedLink(), ScriptedLink()]
    workers = [world.worker(link, batch_messages=size) for link, size in zip(links, (3, 4), strict=True)]
    for link, order in zip(links, (1, -1), strict=True):
        link.incoming = [each.delivery() for rung in rungs for each in rung[::order]]

    def work(at: int) -> None:
        while workers[at].run_once(0.0) or links[at].incoming:
            pass
        workers[at].flush()

    for each in [pool.submit(work, at) for at in range(2)]:
        each.result(120)
    world.later(minutes=1)
    while workers[0].refuse_overdue(3600):
        pass
    sent = [each.envelope.id for ladder in ladders for each in ladder]
    assert sorted(leaves(world)) == sorted(sent)
    assert {row.verdict for row in world.rows(select(tables.messages.c.verdict))} == {"admitted"}
    assert {row.state for row in world.rows(select(tables.cases.c.state))} == {"handed_over"}
    assert [len(link.acked) for link in links] == [len(sent), len(sent)]
    assert_whole(world, hub_keys)
