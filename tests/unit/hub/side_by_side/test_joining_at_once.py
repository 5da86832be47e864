"""Guesses at an invitation and approvals of a request, made at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from certs import invitation, keys
from hub.instants import to_millis
from hub.joining import approving, invitations, requests
from hub.store import tables
from schemas import releases
from schemas.errors import YunhuobanError
from schemas.joining.files import ROLES, Request, Sealed
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
