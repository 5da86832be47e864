"""Guesses at an invitation, approvals of a request, and requests for renewal, made at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from certs import invitation, keys, signing
from hub.instants import to_millis
from hub.joining import approving, decisions, invitations, requests
from hub.joining.decisions import Decision
from hub.joining.tables import county_decisions
from hub.registry import county
from hub.renewing.counties import posted
from hub.store import tables
from schemas import releases
from schemas.errors import YunhuobanError
from schemas.joining.files import ROLES, Request, Sealed
from schemas.renewing.files import RenewalRequest, SignedRequest
from tests.hub_world import WINDOW, World
from tests.unit.hub.side_by_side.together import Work, at_once


def joining(world: World) -> Sealed:
    """An invitation, and a request that the code does not authenticate yet; the key is in the store."""
    with world.store.write() as tx:
        invitations.invite(tx, WINDOW, fingerprint="-", now=world.now)
    own = {role: keys.make_request(keys.generate_key(), WINDOW).decode() for role in ROLES}
    request = Request(
        request_id="0" * 32,
        division_code=WINDOW,
        name="永济市",
        authority_name="永济市行政审批服务管理局",
        authority_code=world.network.item[:18],
        halls=["hall-1"],
        contact="信息中心",
        telephone="0359-0000000",
        offers=[],
        requests=own,
        made_at=to_millis(world.now),
        contract_versions=releases.readable(),
    )
    return Sealed(request.write(), "0" * 64)


def test_guesses_at_once_each_cost_an_attempt(world: World, pool: ThreadPoolExecutor):
    """Five at a time are five: nobody guesses for nothing by being quick."""
    guess = joining(world)

    def hand_in() -> str:
        with pytest.raises(YunhuobanError) as caught:
            requests.take(world.store, guess.write("mac"), now=world.now)
        return caught.value.code.code

    said = at_once(world, pool, *[hand_in] * 5, hold=select(tables.invitations))
    assert sorted(said) == ["E-JOIN-014"] * 4 + ["E-JOIN-015"]


def test_two_persons_approve_at_once(world: World, pool: ThreadPoolExecutor):
    """Both count; the same person at two desks counts once."""
    unsigned = joining(world)
    with world.store.read() as tx:
        verifier = tx.execute(select(tables.invitations.c.verifier)).scalar_one()
    good = Sealed(unsigned.body, invitation.mac(verifier, unsigned.body))
    read_aloud = requests.take(world.store, good.write("mac"), now=world.now).fingerprint

    def approves(name: str) -> Work:
        def work() -> str:
            try:
                return approving.approve(world.store, WINDOW, by=name, read_aloud=read_aloud, now=world.now)
            except YunhuobanError as error:
                return error.code.code

        return work

    hold = select(tables.invitations)
    assert sorted(at_once(world, pool, approves("王敏"), approves("王敏"), hold=hold)) == [
        "E-JOIN-031",
        "approved_once",
    ]
    assert sorted(at_once(world, pool, approves("李强"), approves("赵六"), hold=hold)) == ["E-JOIN-011", "approved"]


def test_one_press_at_two_processes_decides_once(world: World, pool: ThreadPoolExecutor):
    """A page was sent twice, and each copy came to another process: the second finds the first one's row."""

    def suspends() -> str:
        said = Decision(press="1", county=WINDOW, act="suspend", account="wang.sec", reason="核实")
        try:
            with world.store.write() as tx:
                decisions.keep(tx, said, now=world.now)
                county.set_state(tx, WINDOW, "suspended")
        except YunhuobanError as error:
            return error.code.code
        return "decided"

    hold = select(tables.counters)
    assert sorted(at_once(world, pool, suspends, suspends, hold=hold)) == ["E-JOIN-046", "decided"]
    assert len(world.rows(select(county_decisions))) == 1


def test_of_two_renewal_requests_at_once_the_later_made_stays(world: World, pool: ThreadPoolExecutor):
    """Whichever of the two is written first; the other hears E-RENEW-044, or was kept for a moment."""
    own = world.network.counties[WINDOW]

    def posts(made_at: int) -> Work:
        body = RenewalRequest(
            division_code=WINDOW,
            signer=keys.der(own.signing),
            requests={role: keys.make_request(keys.generate_key(), WINDOW).decode() for role in ROLES},
            made_at=made_at,
        ).write()
        proof = signing.sign(body, key=own.signing_key, certificate=own.signing, typ=signing.Typ.RENEWAL)
        data = SignedRequest(body, proof).write()

        def work() -> str:
            try:
                posted.take(world.store, data, chains=world.network.chains(), now=world.now)
            except YunhuobanError as error:
                return error.code.code
            return "kept"

        return work

    made_at = to_millis(world.now)
    assert posts(made_at - 2)() == "kept"
    later, earlier = at_once(world, pool, posts(made_at), posts(made_at - 1), hold=select(tables.renewals))
    assert later == "kept"
    assert earlier in {"kept", "E-RENEW-044"}
    assert [row.made_at for row in world.rows(select(tables.renewals))] == [made_at]
