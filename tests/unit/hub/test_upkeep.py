"""What the store says of a county becomes so at the broker, however the command that wrote it ended."""

from collections.abc import Callable
from contextlib import nullcontext

import httpx
import pytest

from hub.broker.management import Management
from hub.registry import county, upkeep
from hub.registry.upkeep import EVERY_SECONDS, Upkeep
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, WINDOW, World
from tests.standin_broker import StandInBroker, nothing


@pytest.fixture
def broker() -> StandInBroker:
    """A broker that has nothing."""
    return StandInBroker()


@pytest.fixture
def set_right(world: World, broker: StandInBroker) -> Callable[[], None]:
    """What the start and the keeper do."""
    management = Management("http://broker", "user", "password", transport=httpx.MockTransport(broker))
    return lambda: upkeep.set_right(world.store, management, vhost="v", hub_user="hub")


def set_state(world: World, code: str, state: str) -> None:
    """The first half of `hub county state`."""
    with world.store.write() as tx:
        county.set_state(tx, code, state)


def test_a_suspension_that_ended_half_way_is_carried_out(world, broker, set_right):
    """Permissions and connections go, wherever it was interrupted; the others keep theirs, and a start succeeds."""
    set_right()
    broker.connected = {WINDOW, ISSUING}
    set_state(world, WINDOW, "suspended")
    set_right()
    assert WINDOW not in broker.plain
    assert not [key for key in broker.topics if key[0] == WINDOW]
    assert broker.connected == {ISSUING}
    broker.connected |= {WINDOW}  # permissions were gone, and then the command was killed
    set_right()
    assert broker.connected == {ISSUING}
    assert ISSUING in broker.plain
    set_state(world, WINDOW, "active")
    set_right()
    assert WINDOW in broker.plain


def test_the_virtual_host_runs_on_every_node_of_a_cluster(broker, set_right):
    """A node that was starting when it was made never starts it, and refuses everybody who comes there."""
    set_right()
    broker.states = {"rabbit@one": "running", "rabbit@two": "stopped", "rabbit@three": "nodedown"}
    set_right()
    assert broker.states == {"rabbit@one": "running", "rabbit@two": "running", "rabbit@three": "nodedown"}
    broker.calls.clear()
    set_right()
    assert {method for method, _ in broker.calls} == {"GET"}


def test_a_virtual_host_that_was_made_with_an_error_is_one(broker, set_right):
    """The broker waits for a node that is starting, says error, and has made it; where it made none it is one."""

    def wait(method: str, path: str) -> None:
        if method == "PUT":
            broker.vhosts.add("v")
            broker.states["rabbit@two"] = "stopped"
            raise httpx.ReadTimeout(path)

    broker.before = wait
    set_right()
    assert set(broker.states.values()) == {"running"}

    def refuse(method: str, path: str) -> None:
        if method == "PUT":
            raise httpx.ReadTimeout(path)

    broker.vhosts.clear()
    broker.before = refuse
    with pytest.raises(YunhuobanError, match=r"E-BROKER-020"):
        set_right()


def test_a_county_that_changes_while_all_are_set_right_is_seen_to(world, broker, set_right):
    """It was read as suspended, and is active in the end; and the other way round."""
    set_state(world, WINDOW, "suspended")

    def change(method: str, path: str) -> None:
        if path == "/api/vhosts":
            broker.before = nothing
            set_state(world, WINDOW, "active")
            set_state(world, ISSUING, "revoked")

    broker.before = change
    set_right()
    assert set(topology.county_queues(WINDOW)) <= {each["name"] for each in broker.parts["queues"]}
    assert WINDOW in broker.plain
    assert ISSUING not in broker.plain


def test_the_keeper_goes_on_where_something_failed(world, broker):
    """At whichever call: the next turn, a minute later, makes up for all of it; in between nothing is asked."""
    moment = 0.0
    management = Management("http://broker", "user", "password", transport=httpx.MockTransport(broker))
    keeper = Upkeep(world.store, lambda: nullcontext(management), vhost="v", hub_user="hub", monotonic=lambda: moment)
    keeper.run_once()
    assert broker.calls == [], "the start has just done it"
    for allowed in range(12):

        def refuse(_method: str, _path: str, left: list[int] = [allowed]) -> None:  # noqa: B006 -- one list per round
            if not left[0]:
                raise httpx.ConnectError("gone")
            left[0] -= 1

        broker.before = refuse
        moment += EVERY_SECONDS
        keeper.run_once()
    broker.before = nothing
    moment += EVERY_SECONDS
    keeper.run_once()
    broker.calls.clear()
    keeper.run_once()
    assert broker.calls == []
    assert {WINDOW, ISSUING, "hub"} <= set(broker.plain)
    assert set(topology.county_queues(WINDOW)) <= {each["name"] for each in broker.parts["queues"]}
    assert {each["destination"] for each in broker.parts["bindings"]} >= set(topology.county_queues(WINDOW))


def test_a_stranger_with_permissions_is_still_an_error(broker, set_right):
    """Nobody has entered him, so nobody can say that he may go."""
    broker.plain["stranger"] = {"user": "stranger", "vhost": "v", "configure": "", "write": "", "read": ""}
    with pytest.raises(YunhuobanError, match="E-BROKER-050"):
        set_right()
