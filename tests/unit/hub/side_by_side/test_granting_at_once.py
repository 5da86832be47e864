"""Stations that claim at once, and revocations beside grants: one sheet, one grant, whoever was first."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select, update

from hub.intake import refusals
from hub.store import tables
from schemas import codec
from tests.hub_world import Case, ScriptedLink, World
from tests.unit.hub.side_by_side.together import (
    PATIENCE_SECONDS,
    at_once,
    held,
    leaves,
    the_head,
    until_waiting,
    worker,
)


def grants(links: Sequence[ScriptedLink]) -> list[str]:
    """The codes of all answers to claims; a grant's is empty."""
    said = [each for link in links for each in link.published if each.type == "print.granted"]
    return sorted(codec.decode(each.body, "Grant")["code"] for each in said)


def test_two_stations_claim_at_once(world: World, pool: ThreadPoolExecutor):
    """One of them prints."""
    case = Case(world)
    case.up_to("print.authorised")
    claims = [case.claim(claim_id=f"claim-{i}", station=f"station-{i}", chain=False) for i in range(2)]
    hands = [worker(world, each) for each in claims]
    at_once(world, pool, *[work for _, work in hands])
    assert grants([link for link, _ in hands]) == ["", refusals.GRANT_TAKEN.code]
    assert len(world.rows(select(tables.grants))) == 1


def test_one_claim_id_for_two_cases_at_once(world: World, pool: ThreadPoolExecutor):
    """Cases do not wait for each other; the unique row decides, and the loser is answered as if it had come later."""
    cases = [Case(world), Case(world)]
    for case in cases:
        case.up_to("print.authorised")
    hands = [worker(world, case.claim(claim_id="the-same")) for case in cases]
    at_once(world, pool, *[work for _, work in hands])
    assert grants([link for link, _ in hands]) == ["", refusals.GRANT_TAKEN.code]
    assert [len(link.acked) for link, _ in hands] == [1, 1]


def test_one_sheet_of_stock_is_used_in_two_cases_at_once(world: World, pool: ThreadPoolExecutor):
    """Stock serials are unique for ever: the second outcome is refused, not its whole batch."""
    cases = [Case(world), Case(world)]
    for case in cases:
        case.up_to("print.claimed")
    others = [Case(world).application() for _ in cases]
    hands = [worker(world, other, case.outcome(stock_serial="S1")) for case, other in zip(cases, others, strict=True)]
    at_once(world, pool, *[work for _, work in hands])
    verdicts = world.rows(select(tables.messages.c.verdict).where(tables.messages.c.type == "print.settled"))
    assert sorted(each.verdict for each in verdicts) == sorted(["admitted", refusals.STOCK_USED.code])
    assert [len(link.acked) for link, _ in hands] == [2, 2]
    assert {each.envelope.id for each in others} <= set(leaves(world))


def test_a_revocation_before_the_grant_stops_it(world: World, pool: ThreadPoolExecutor):
    """The license is being revoked beside admission when the claim comes: the claim waits for it and is refused."""
    case = Case(world)
    case.up_to("print.authorised")
    link, work = worker(world, case.claim())
    with world.store.write() as tx:
        tx.execute(update(tables.licenses).values(state="revoked"))
        future = pool.submit(work)
        until_waiting(world, 1)
    future.result(PATIENCE_SECONDS)
    assert grants([link]) == [refusals.GRANT_LICENSE_STATE.code]


def test_a_sheet_accounted_for_beside_admission_is_not_granted(world: World, pool: ThreadPoolExecutor):
    """Two persons end an authorisation by a command, which takes no case's lock, while its claim comes in."""
    case = Case(world)
    case.up_to("print.authorised")
    link, work = worker(world, case.claim())
    with world.store.write() as tx:
        tx.execute(update(tables.print_authorisations).values(state="spoiled"))
        future = pool.submit(work)
        until_waiting(world, 1)
    future.result(PATIENCE_SECONDS)
    assert grants([link]) == [refusals.GRANT_SETTLED.code]
    assert world.rows(select(tables.print_authorisations.c.state))[0].state == "spoiled"


def test_a_revocation_after_the_grant_waits_for_it(world: World, pool: ThreadPoolExecutor):
    """The grant is not yet committed: what is revoked then is a license of which a sheet is being printed."""
    case = Case(world)
    case.up_to("print.authorised")
    link, work = worker(world, case.claim())

    def revoke() -> int:
        with world.store.write() as tx:
            tx.execute(update(tables.licenses).values(state="revoked"))
            return tx.execute(select(func.count()).select_from(tables.grants)).scalar_one()

    with held(world, the_head()):
        claim = pool.submit(work)
        until_waiting(world, 1)
        revocation = pool.submit(revoke)
        until_waiting(world, 2)
    claim.result(PATIENCE_SECONDS)
    assert revocation.result(PATIENCE_SECONDS) == 1, "it was revoked in ignorance of the grant"
    assert grants([link]) == [""]
