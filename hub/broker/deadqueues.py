"""Queues that a node could not start: found, and replaced by empty ones.

Measured on 3.10.8: a node whose disk was full and which is killed before it has caught up may find a gap in a quorum
queue's log when it starts (`corrupt_log, gap_between_snapshot_and_first_index`). It goes on without that queue, for
ever: whoever consumes from it or publishes to it has his channel closed, and what lay in it is lost to the broker.
Nobody else has lost it: a county offers a message again until its destination has signed for it, the hub repeats what
is not signed for, and stations ask again. So the queue is declared anew, empty, and they fill it.
"""

from typing import Final
from urllib.parse import quote

from hub.broker.management import Management

_NOT_OURS: Final = ""
"""The default exchange's binding, which every queue has by itself."""


def dead_queues(management: Management, vhost: str) -> list[str]:
    """Quorum queues of which no process lives. Raises E-BROKER-020 or -021.

    The broker asks for the process when it is asked, so a queue that only has not been counted yet is not among them.
    """
    found = management.call("GET", f"/api/queues/{_name(vhost)}?columns=name,type,online")
    return sorted(each["name"] for each in found if each.get("type") == "quorum" and each.get("online") == [])


def replace_queue(management: Management, vhost: str, queue: str) -> None:
    """Delete a queue and declare it with the same arguments and bindings. Raises E-BROKER-020 or -021."""
    place = f"/api/queues/{_name(vhost)}/{_name(queue)}"
    arguments = management.call("GET", f"{place}?columns=arguments")["arguments"]
    bindings = [each for each in management.call("GET", f"{place}/bindings") if each["source"] != _NOT_OURS]
    management.call("DELETE", place)
    management.call("PUT", place, {"durable": True, "arguments": arguments})
    for each in bindings:
        road = f"/api/bindings/{_name(vhost)}/e/{_name(each['source'])}/q/{_name(queue)}"
        management.call("POST", road, {"routing_key": each["routing_key"], "arguments": each["arguments"]})


def _name(name: str) -> str:
    return quote(name, safe="")
