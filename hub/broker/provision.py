"""What the broker must have before anybody may connect: the virtual host, its topology, users and permissions.

Read first, then applied where it differs, then read back. What is asked for one county costs the same number of calls
however many counties there are; of many at once the whole is read once.
"""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

from hub.broker import handles, limits
from hub.broker.management import Management
from schemas import topology
from schemas.errors import YunhuobanError, declare

NOT_AS_ASKED: Final = declare(
    "E-BROKER-050", "消息服务的权限与约定不一致。", "请检查是否有人手工改过权限，然后重新执行。"
)
_FEW: Final = 20
"""So many counties are read back one by one; of more, everything is read at once."""
_AT_ONCE: Final = 100
_GONE_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.05

Progress = Callable[[int], None]
"""Told how many counties more are provided for."""


def provision(
    management: Management,
    *,
    vhost: str,
    hub_user: str,
    counties: Sequence[str],
    barred: Collection[str] = (),
    progress: Progress = lambda _: None,
) -> None:
    """Apply what differs for these counties, and see that nobody else may do anything. Raises E-BROKER-….

    `barred` counties lose what they may still do, and their connections; of anybody else it is an error.
    """
    wanted = [topology.hub_permissions(hub_user), *(topology.permissions(code) for code in counties)]
    _open_everywhere(management, vhost)
    management.apply(vhost, topology.declarations(()))
    handles.demand(management, len(counties))
    _lay_out(management, vhost, counties, progress)
    wrong = frozenset(management.verify_back(vhost, wanted))
    for county in sorted(barred):
        if county in wrong or management.connections_of(county):
            cut_off(management, vhost=vhost, county=county)
    if wrong:
        management.grant_many(vhost, [each for each in wanted if each.user in wrong])
        _demand(management.verify_back(vhost, wanted))


def admit(
    management: Management,
    *,
    vhost: str,
    hub_user: str,
    counties: Sequence[str],
    progress: Progress = lambda _: None,
) -> None:
    """Provide for counties that join, and first for the hub itself where nothing is yet. Raises E-BROKER-…."""
    if vhost not in management.vhosts() or not management.has_exchange(vhost, topology.COUNTY):
        provision(management, vhost=vhost, hub_user=hub_user, counties=())
    wanted = [topology.permissions(code) for code in counties]
    limits.demand(management, vhost, topology.county_declarations(counties).queues)
    if len(counties) > _FEW:
        _lay_out(management, vhost, counties, progress)
        management.grant_many(vhost, wanted)
        joined = frozenset(counties)
        _demand([user for user in management.verify_back(vhost, wanted) if user in joined])
        return
    management.declare(vhost, topology.county_declarations(counties))
    management.grant_many(vhost, wanted)
    for each in wanted:
        if not management.verify_county(vhost, each, topology.county_declarations([each.user])):
            raise YunhuobanError(NOT_AS_ASKED, found=each.user)
        progress(1)


def cut_off(management: Management, *, vhost: str, county: str) -> int:
    """Take a county's permissions away and close its connections; returns how many there were. Raises E-BROKER-….

    Nobody gets in any more once the permissions are gone. Who was just coming in has no connection yet that could be
    closed, and has one a moment later: it is looked again until none is left.
    """
    management.revoke(vhost, county)
    closed = management.close_connections(county)
    deadline = time.monotonic() + _GONE_SECONDS
    while management.connections_of(county) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        management.close_connections(county)
    return closed


def _open_everywhere(management: Management, vhost: str) -> None:
    """Make the virtual host where it is missing, and start it on each node of a cluster on which it does not run.

    A node that was starting while it was made has read the list of them before and never starts this one: its port is
    open, and everybody who comes there is told "vhost is down". The broker waits 45 s for such a node and then answers
    with an error, although it has made it (RabbitMQ 3.10, rabbit_vhost.erl, put_vhost; seen with three nodes).
    """
    if vhost not in management.vhosts():
        try:
            management.create_vhost(vhost)
        except YunhuobanError:
            if vhost not in management.vhosts():
                raise
    for node in management.nodes_without(vhost):
        management.start_vhost(vhost, node)


def _lay_out(management: Management, vhost: str, counties: Sequence[str], progress: Progress) -> None:
    """Declare what is missing of these counties' queues, some at a time, and read all of it back once."""
    whole = topology.county_declarations(counties)
    missing = management.missing(vhost, whole)
    lacking = {each.name.split(".")[1] for each in missing.queues} | {
        each.queue.split(".")[1] for each in missing.bindings
    }
    progress(len(counties) - len(lacking))
    ordered = sorted(lacking)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        management.declare(vhost, topology.county_declarations(some))
        progress(len(some))
    if lacking:
        management.apply(vhost, whole)


def _demand(wrong: Sequence[str]) -> None:
    if wrong:
        raise YunhuobanError(NOT_AS_ASKED, found=", ".join(wrong)[:200])
