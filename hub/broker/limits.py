"""Whether the limits of counties' queues are those that were declared: a policy of the broker outweighs them silently.

RabbitMQ takes the lower of an argument and a policy (rabbitmq.com/docs/parameters), and says so in a queue's statistics
only, which are seconds old. So the policies themselves are read, of users and of operators.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from hub.broker.management import Management
from schemas.errors import YunhuobanError, declare
from schemas.topology import Queue

LIMITED: Final = declare(
    "E-BROKER-023",
    "消息服务里的策略 {policy} 改变了 {name} 的限额。",
    "请删除这条策略，或让它不匹配各县的队列，然后重新执行。",
)
_LIMITS: Final = frozenset({"max-length", "max-length-bytes", "overflow", "message-ttl", "expires", "delivery-limit"})


def demand(management: Management, vhost: str, queues: Iterable[Queue]) -> None:
    """See that no policy changes the limits of these. Raises E-BROKER-023, naming policy and queue."""
    names = [each.name for each in queues]
    for kind in ("policies", "operator-policies"):
        for each in management.call("GET", f"/api/{kind}/{quote(vhost, safe='')}"):
            changed = _LIMITS & set(each["definition"])
            name = next((name for name in names if _matches(each["pattern"], name)), None)
            if changed and name is not None and each["apply-to"] != "exchanges":
                found = ", ".join(sorted(changed))
                raise YunhuobanError(LIMITED, place="broker", found=found, name=name, policy=each["name"])


def _matches(pattern: str, name: str) -> bool:
    """Whether a policy is for a queue; one that only Erlang understands is taken as being for all."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True
