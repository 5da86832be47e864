"""A message on its way through its sender's slow queue; what the broker said of it travels in a header of the hub's.

RabbitMQ refuses to publish under another's user, so the user it has checked, and everything else that admission looks
at, is packed by the worker that moves the message and unpacked by the one that admits it. Only the hub can write to a
slow queue, and nothing is unpacked from any other; a message is neither read nor believed on the way. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from certs import signing
from hub.broker import Delivery, Outgoing
from hub.intake.inspection import CONTENT_TYPE, MAX_BODY_BYTES, SIGNATURES, id_of
from schemas import topology

ORIGINAL: Final = "original"
_MOVED: Final = "message.moved"
_OWN_KEY: Final = re.compile(r"from\.([0-9]{6})\..+", re.ASCII)
_SLOW_QUEUE: Final = re.compile(r"county\.[0-9]{6}\.slow", re.ASCII)
_COUNTED: Final = "x-delivery-count"
_MOST_NAMES: Final = 8
_LONGEST_NAME: Final = 100


def sender_of(delivery: Delivery) -> str | None:
    """The county that sent it, known without reading it: the broker lets each publish under its own key only.

    None for what may not be moved: no county's, or beyond the size that admission takes (it is refused at once).
    """
    own = _OWN_KEY.fullmatch(delivery.routing_key)
    return own[1] if own and len(delivery.body) <= MAX_BODY_BYTES else None


def road_of(delivery: Delivery) -> str:
    """The road it came by: print claims have one, and a quota, of their own."""
    return topology.EXPRESS if delivery.queue == topology.ADMISSION_EXPRESS else topology.SUBMIT


def packed(delivery: Delivery, county: str) -> Outgoing:
    """The message for its sender's slow queue."""
    original = {
        "user_id": delivery.user_id,
        "message_id": delivery.message_id,
        "type": delivery.type,
        "content_type": delivery.content_type,
        "exchange": delivery.exchange,
        "routing_key": delivery.routing_key,
        "properties": sorted(delivery.properties_set),
        "odd_headers": _odd(delivery.headers),
        SIGNATURES: _signatures(delivery.headers),
    }
    return Outgoing(
        exchange="",  # it has no alternate exchange: if the queue is gone, the message comes back
        routing_key=topology.county_slow(county),
        body=delivery.body,
        message_id=id_of(delivery),
        type=_MOVED,
        headers={ORIGINAL: original},
        content_type=CONTENT_TYPE,
    )


def unpacked(delivery: Delivery) -> Delivery:
    """The message as it came to the hub first; anything that does not lie in a slow queue is returned as it is.

    What admission would refuse for its properties or headers it refuses still; an odd header's value is lost.
    """
    original = delivery.headers.get(ORIGINAL)
    if not _SLOW_QUEUE.fullmatch(delivery.queue) or not isinstance(original, Mapping):
        return delivery
    headers: dict[str, Any] = dict.fromkeys(original["odd_headers"], True)
    if original[SIGNATURES]:
        headers[SIGNATURES] = original[SIGNATURES]
    return replace(
        delivery,
        headers=headers,
        properties_set=frozenset(original["properties"]),
        message_id=original["message_id"],
        type=original["type"],
        user_id=original["user_id"],
        content_type=original["content_type"],
        exchange=original["exchange"],
        routing_key=original["routing_key"],
    )


def _odd(headers: Mapping[str, Any]) -> list[str]:
    names = sorted(name[:_LONGEST_NAME] for name in headers if name not in (SIGNATURES, _COUNTED))
    return names[:_MOST_NAMES]


def _signatures(headers: Mapping[str, Any]) -> list[str]:
    """The one signature that admission takes; anything else counts as none there, and here."""
    values = headers.get(SIGNATURES)
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        return []
    return values if len(values[0]) <= signing.MAX_TOKEN_CHARACTERS else []
