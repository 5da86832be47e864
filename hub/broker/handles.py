"""How many counties a broker has files for, asked before anything is entered for them.

A quorum queue's leader reserves two file handles and one per node of the cluster (RabbitMQ 3.10,
rabbit_quorum_queue.erl, file_handle_leader_reservation). What is reserved is lost to sockets: at the limit the broker
lets every new connection wait for ever, without a word in its log.
"""

import time
from typing import Final

from hub.broker.management import Management
from schemas import topology
from schemas.errors import YunhuobanError, declare

TOO_FEW_HANDLES: Final = declare(
    "E-BROKER-052",
    "消息服务可打开的文件太少，容不下这么多县：再登记就谁也连不上了。",
    "请提高消息服务的文件数上限（LimitNOFILE 或 ulimit -n），重新启动消息服务后再登记。",
)
_TYPES: Final = [each.arguments["x-queue-type"] for each in topology.county_declarations(["000000"]).queues]
_PER_COUNTY: Final = 3 * _TYPES.count("quorum") + 4
"""Its queues on one node (the classic one for parts writes a file only when it is full), and its connections."""
_OF_THE_HUB: Final = 200
_MANY: Final = 20
_COUNTED_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.25


def room(limit: int) -> int:
    """How many counties find room in so many file handles."""
    return max(0, limit - _OF_THE_HUB) // _PER_COUNTY


def demand(management: Management, counties: int) -> None:
    """See that the broker has room for so many counties in all. Raises E-BROKER-052, -020 or -021.

    A broker that has just started does not know its limit for a few seconds: many counties wait for it, a few are not
    worth the wait.
    """
    limit = management.file_handles()
    deadline = time.monotonic() + (_COUNTED_SECONDS if counties > _MANY else 0)
    while limit is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        limit = management.file_handles()
    if limit is not None and counties > room(limit):
        expected = f">= {_OF_THE_HUB + counties * _PER_COUNTY}"
        raise YunhuobanError(TOO_FEW_HANDLES, place="broker", found=str(limit), expected=expected)
