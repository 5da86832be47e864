"""Order is the sender's: whatever order messages arrive in, the case ends the same; nothing waits for ever."""

import itertools
import random

import pytest
from sqlalchemy import select

from hub.store import tables
from schemas.messages import HUB
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.sampling import LONG

FOLLOWERS = 700 if LONG else 230
"""More than one transaction wakes."""


def states(world: World) -> tuple[list[str], dict[str, str]]:
    """Case states, and what became of each message."""
    cases = [row.state for row in world.rows(select(tables.cases))]
    return cases, {row.message_id: row.verdict for row in world.rows(select(tables.messages))}


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "separate batches"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_every_order_of_a_chain_ends_the_same(world: World, order: tuple[int, ...], together: bool):
    """Application, acceptance, decision, license: every permutation, in one batch and one by one."""
    chain = Case(world).ladder()[:4]
    arriving = [chain[i] for i in order]
    if together:
        world.send(*arriving)
    else:
        for message in arriving:
            world.send(message)
    assert states(world) == (["licensed"], {each.envelope.id: "admitted" for each in chain})
    assert world.delivered(ISSUING) == [chain[0].envelope.id]
    assert set(world.delivered(WINDOW)) == {each.envelope.id for each in chain[1:]}
    assert len(world.link.acked) == 4
    leaves = world.rows(select(tables.journal))
    assert len(leaves) == 4


@pytest.mark.parametrize("seed", range(12))
def test_random_orders_of_the_whole_ladder_end_the_same(world: World, seed: int):
    """Eight rungs over several cases, shuffled, in batches of random sizes, some twice."""
    chance = random.Random(seed)
    ladders = [Case(world).ladder() for _ in range(3)]
    # A claim is judged against the ledger when it comes: the adapter sends it only after the authorisation came to it.
    messages = [each for ladder in ladders for each in ladder if each.envelope.destination != HUB][: 3 * 7]
    messages = [each for each in messages if each.envelope.type not in ("print.settled", "case.handed_over")]
    arriving = messages + chance.sample(messages, 4)
    chance.shuffle(arriving)
    while arriving:
        size = chance.randint(1, 5)
        world.send(*arriving[:size])
        arriving = arriving[size:]
    cases, verdicts = states(world)
    assert cases == ["licensed"] * 3
    assert verdicts == {each.envelope.id: "admitted" for each in messages}


def test_parked_survives_a_restart(world: World):
    """Its bytes are in the store, acknowledged; another worker admits it when its predecessor comes."""
    application, acceptance, decision, *_ = Case(world).ladder()
    world.send(decision, acceptance)
    assert len(world.link.acked) == 2
    world.pipeline = world.worker()
    world.send(application)
    assert set(states(world)[1].values()) == {"admitted"}
    assert set(world.delivered(WINDOW)) == {acceptance.envelope.id, decision.envelope.id}


def test_a_refused_predecessor_refuses_its_followers(world: World):
    """Also those parked before, all the way down; the sender chains anew."""
    case = Case(world)
    chain = [
        case.application(service_item=world.network.item[:30] + "1"),
        case.acceptance(),
        case.decision(),
        case.license(),
    ]
    world.send(chain[3])
    world.send(chain[1], chain[2])
    world.send(chain[0])
    assert [states(world)[1][each.envelope.id] for each in chain] == ["E-ADM-041", *["E-ADM-051"] * 3]
    assert world.delivered(WINDOW) == []
    assert len({e["message_id"] for e in world.receipts(ISSUING)}) == 3


@pytest.mark.both_stores
def test_waiting_too_long_is_refused_with_its_followers(world: World):
    """What never came is named; followers are told that theirs was refused."""
    case = Case(world)
    application, acceptance, decision, issued = case.ladder()[:4]
    world.send(issued, decision)
    world.later(seconds=3599)
    assert world.pipeline.refuse_overdue(3600) == 0
    world.later(seconds=2)
    assert world.pipeline.refuse_overdue(3600) == 2
    verdicts = states(world)[1]
    assert verdicts[decision.envelope.id] == "E-ADM-050"
    assert verdicts[issued.envelope.id] in ("E-ADM-050", "E-ADM-051")
    assert world.refusal(decision)["found"] == acceptance.envelope.id
    world.send(application, acceptance)
    again = case.decision(prev=acceptance.envelope.id)
    world.send(again)
    assert states(world)[1][again.envelope.id] == "admitted"


def test_a_younger_follower_of_an_overdue_one_is_refused_at_once(world: World):
    """It waits for something that is refused now."""
    case = Case(world)
    _, _, decision, issued = case.ladder()[:4]
    world.send(decision)
    world.later(seconds=3000)
    world.send(issued)
    world.later(seconds=1000)
    assert world.pipeline.refuse_overdue(3600) == 2
    verdicts = states(world)[1]
    assert (verdicts[decision.envelope.id], verdicts[issued.envelope.id]) == ("E-ADM-050", "E-ADM-051")


def test_an_overdue_one_whose_predecessor_has_come_is_admitted(world: World):
    """Two workers at once may miss each other; the sweep looks again before it refuses."""
    application, acceptance, *_ = Case(world).ladder()
    world.send(acceptance)
    with world.store.write() as tx:  # the other worker's transaction did not see it parked
        tx.execute(tables.messages.update().values(state="hidden"))
    world.send(application)
    with world.store.write() as tx:
        tx.execute(tables.messages.update().where(tables.messages.c.state == "hidden").values(state="parked"))
    assert world.pipeline.refuse_overdue(3600) == 1
    assert states(world) == (["accepted"], {application.envelope.id: "admitted", acceptance.envelope.id: "admitted"})


def test_a_refused_predecessor_ends_the_wait_for_the_other_one(world: World):
    """`prev` refused while the worker did not look, `in_reply_to` never came: refused at the next sweep, not later."""
    case = Case(world)
    application = case.application(service_item=world.network.item[:30] + "1")
    follower = case.hand_over(prev=application.envelope.id, in_reply_to="00000000-0000-4000-8000-000000000000")
    world.send(follower)
    with world.store.write() as tx:
        tx.execute(tables.messages.update().values(state="hidden"))
    world.send(application)
    with world.store.write() as tx:
        tx.execute(tables.messages.update().where(tables.messages.c.state == "hidden").values(state="parked"))
    assert world.pipeline.refuse_overdue(3600) == 1
    assert states(world)[1][follower.envelope.id] == "E-ADM-051"


def test_a_long_chain_is_woken_over_several_transactions(world: World):
    """Hundreds of followers of one late message: no receipt outgrows its record, and all are admitted."""
    case = Case(world)
    first = case.application()
    notes = []
    before = first
    for _ in range(FOLLOWERS):
        notes.append(case.refused(first, prev=before.envelope.id if before is not first else None))
        before = notes[-1]
    for at in range(0, FOLLOWERS, 200):
        world.send(*notes[at : at + 200])
    world.send(first)
    while world.pipeline.refuse_overdue(3600):
        pass
    assert set(states(world)[1].values()) == {"admitted"}
    assert len(world.delivered(WINDOW)) == FOLLOWERS
    assert set(world.verdicts(ISSUING)) == {each.envelope.id for each in notes}


def test_an_expired_parked_message_is_refused_as_expired(world: World):
    """The admission time decides, also for what has waited."""
    case = Case(world)
    application = case.application()
    acceptance = case.acceptance(expires=world.now.replace(hour=10))
    world.send(acceptance)
    world.later(hours=1)
    world.send(application)
    assert states(world)[1][acceptance.envelope.id] == "E-ADM-021"
