"""What the management API tells of the broker, its queues and its connections, read out of its answers.

Source: RabbitMQ 3.10 HTTP API. Where it has not counted something yet it writes an empty list instead of an object.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """One queue as the broker last counted it (at most 2 s old). `dead_lettering` have left but found no place yet.

    `redelivered` is how often it handed over a message again, since the broker started; None when it does not count.
    """

    name: str
    ready: int
    unacknowledged: int
    consumers: int
    dead_lettering: int
    redelivered: int | None = None

    @classmethod
    def read(cls, entry: Mapping[str, Any], *, counts_redelivered: bool) -> Self:
        """Of a queue that nobody has consumed there are no statistics: that is none handed over again."""
        statistics = entry.get("message_stats")
        redelivered = int(statistics.get("redeliver", 0)) if isinstance(statistics, dict) else 0
        return cls(
            name=entry["name"],
            ready=entry.get("messages_ready", 0),
            unacknowledged=entry.get("messages_unacknowledged", 0),
            consumers=entry.get("consumers", 0),
            dead_lettering=entry.get("messages_dlx", 0),
            redelivered=redelivered if counts_redelivered else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionState:
    """One open connection to the broker; `user` is the name in its certificate."""

    name: str
    user: str
    vhost: str
    address: str
    connected_at: datetime | None

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Self:
        """Its beginning is told in milliseconds since 1970."""
        began = entry.get("connected_at")
        return cls(
            name=entry["name"],
            user=entry.get("user", ""),
            vhost=entry.get("vhost", ""),
            address=entry.get("peer_host", ""),
            connected_at=None if began is None else datetime.fromtimestamp(began / 1000, tz=UTC),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOverview:
    """The broker itself. While an alarm stands, it takes no message from anybody."""

    version: str
    node: str
    memory_alarm: bool
    disk_alarm: bool
    memory_bytes: int
    disk_free_bytes: int

    @classmethod
    def read(cls, whole: Mapping[str, Any], node: Mapping[str, Any]) -> Self:
        """Of the overview and the node that wrote it."""
        return cls(
            version=whole["rabbitmq_version"],
            node=whole["node"],
            memory_alarm=bool(node.get("mem_alarm")),
            disk_alarm=bool(node.get("disk_free_alarm")),
            memory_bytes=int(node.get("mem_used", 0)),
            disk_free_bytes=int(node.get("disk_free", 0)),
        )
