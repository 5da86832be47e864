"""What the broker must have before anybody may connect: the virtual host, its topology, users and permissions.

Read first, then applied where it differs, then read back. What is asked for one county costs the same number of calls
however many counties there are; of many at once the whole is read once.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from hub.broker.management import Management
from schemas import topology
from schemas.errors import YunhuobanError, declare

NOT_AS_ASKED: Final = declare(
    "E-BROKER-050", "消息服务的权限与约定不一致。", "请检查是否有人手工改过权限，然后重新执行。"
)
TOO_FEW_HANDLES: Final = declare(
    "E-BROKER-052",
    "消息服务可打开的文件太少，容不下这么多县：再登记就谁也连不上了。",
    "请提高消息服务的文件数上限（LimitNOFILE 或 ulimit -n），重新启动消息服务后再登记。",
)
_HANDLES_PER_QUEUE: Final = 3
"""A quorum queue's leader reserves two and one per node of the cluster (RabbitMQ 3.10, rabbit_quorum_queue.erl,
file_handle_leader_reservation). What is reserved is lost to sockets: at the limit the broker lets every new connection
wait for ever, without a word in its log."""
_HANDLES_PER_COUNTY: Final = 2
"""Its connections."""
_HANDLES_OF_THE_HUB: Final = 200
_QUEUES_PER_COUNTY: Final = len(topology.county_declarations(["000000"]).queues)
_COUNTED_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.25
_FEW: Final = 20
"""So many counties are read back one by one; of more, everything is read at once."""
_AT_ONCE: Final = 100

Progress = Callable[[int], None]
"""Told how many counties more are provided for."""


def provision(
    management: Management,
    *,
    vhost: str,
    hub_user: str,
    counties: Sequence[str],
    progress: Progress = lambda _: None,
) -> None:
    """Apply what differs for these counties, and see that nobody else may do anything. Raises E-BROKER-…."""
    wanted = [topology.hub_permissions(hub_user), *(topology.permissions(code) for code in counties)]
    if vhost not in management.vhosts():
        management.create_vhost(vhost)
    management.apply(vhost, topology.declarations(()))
    demand_handles(management, len(counties), already=False)
    _lay_out(management, vhost, counties, progress)
    wrong = frozenset(management.verify_back(vhost, wanted))
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
    demand_handles(management, len(counties), already=True)
    wanted = [topology.permissions(code) for code in counties]
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


def cut_off(management: Management, *, vhost: str, county: str) -> None:
    """Take a county's permissions away and close its connections."""
    management.revoke(vhost, county)
    management.close_connections(county)


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


def room(limit: int) -> int:
    """How many counties find room in so many file handles."""
    return max(0, limit - _HANDLES_OF_THE_HUB) // (_QUEUES_PER_COUNTY * _HANDLES_PER_QUEUE + _HANDLES_PER_COUNTY)


def demand_handles(management: Management, counties: int, *, already: bool) -> None:
    """Refuse counties for whom the broker has no room, with E-BROKER-052.

    `already`: beside the queues that are there; otherwise these are all the counties that there are. A broker that has
    just started does not know its limit for a few seconds: many counties wait for it, a few are not worth the wait.
    """
    limit = management.file_handles()
    deadline = time.monotonic() + (_COUNTED_SECONDS if counties > _FEW else 0)
    while limit is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        limit = management.file_handles()
    queues = management.queue_count()
    wanted = counties * _QUEUES_PER_COUNTY
    queues = queues + wanted if already else max(queues, wanted)
    needed = queues * _HANDLES_PER_QUEUE + counties * _HANDLES_PER_COUNTY + _HANDLES_OF_THE_HUB
    if limit is not None and needed > limit:
        raise YunhuobanError(TOO_FEW_HANDLES, place="broker", found=str(limit), expected=f">= {needed}")
