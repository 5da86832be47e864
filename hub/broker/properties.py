"""From AMQP properties to a plain `Delivery`: nothing a sender puts into them may end the thread that reads them.

pika decodes properties while it reads the socket. A header table nested thousands deep, or a date beyond the calendar,
raises there, and the same message would come again after every reconnection. So the decoding is guarded: what cannot be
read arrives with the one header `UNREADABLE`, and admission refuses it like any unknown header.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from hub.broker.messages import Delivery

UNREADABLE: Final = "x-yunhuoban-unreadable"

_NAMES: Final = (
    "content_type",
    "content_encoding",
    "headers",
    "delivery_mode",
    "priority",
    "correlation_id",
    "reply_to",
    "expiration",
    "message_id",
    "timestamp",
    "type",
    "user_id",
    "app_id",
    "cluster_id",
)


def delivery(properties: Any, method: Any, body: bytes, *, queue: str, generation: int, channel: int) -> Delivery:
    """Return what arrived, with plain types only."""
    headers = _plain(properties.headers or {})
    return Delivery(
        queue=queue,
        body=body,
        headers=headers,
        properties_set=frozenset(name for name in _NAMES if getattr(properties, name) is not None),
        message_id=_text(properties.message_id),
        type=_text(properties.type),
        user_id=_text(properties.user_id),
        content_type=_text(properties.content_type),
        timestamp=properties.timestamp,
        reply_to=_text(properties.reply_to),
        expiration=_text(properties.expiration),
        priority=properties.priority,
        correlation_id=_text(properties.correlation_id),
        exchange=str(_text(method.exchange)),
        routing_key=str(_text(method.routing_key)),
        redelivered=bool(method.redelivered),
        delivery_count=_count(headers.get("x-delivery-count")),
        generation=generation,
        channel=channel,
        tag=method.delivery_tag,
    )


def guarded(decode: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a decoder of properties so that it never raises."""

    def decode_or_mark(self: Any, encoded: bytes, offset: int = 0) -> Any:
        try:
            return decode(self, encoded, offset)
        except Exception:  # noqa: BLE001 -- whatever it was, the sender made it; the mark is what admission refuses
            for name in _NAMES:
                setattr(self, name, None)
            self.headers = {UNREADABLE: True}
            return self

    return decode_or_mark


def _plain(value: Any) -> Any:
    """Replace pika's own number type, undecoded text and dates without zone."""
    if isinstance(value, dict):
        return {str(_text(name)): _plain(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    return value


def _text(value: Any) -> str | None:
    """Return text; bytes that are no UTF-8 become visible escapes, which match nothing."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _count(value: Any) -> int:
    """The broker's delivery count; 0 when absent (from 3.12 on, on the first delivery)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
