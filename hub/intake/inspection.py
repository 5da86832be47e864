"""The first half of admission: everything about one message that needs no memory of others.

The numbers below are those of the list in `admission`. Size comes before any cryptography; nothing of a message
is believed before its signature is checked, and nothing is refused for want of a fresh revocation list.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from certs import signing
from certs.profiles import Role
from hub.broker import Delivery
from hub.intake import refusals
from hub.registry.trust import Signer, Trust
from schemas import topology
from schemas.codec import CAPS_BYTES
from schemas.envelope import MAX_CLOCK_AHEAD, Envelope
from schemas.errors import Code, YunhuobanError
from schemas.leaf import NOTHING

MAX_BODY_BYTES: Final = CAPS_BYTES["Envelope"]
CONTENT_TYPE: Final = "application/vnd.yunhuoban.avro"
SIGNATURES: Final = "signatures"
_ALLOWED_PROPERTIES: Final = frozenset(
    {"content_type", "headers", "delivery_mode", "message_id", "type", "user_id", "timestamp", "app_id"}
)
_ALLOWED_HEADERS: Final = frozenset({SIGNATURES, "x-delivery-count"})
_PRINTABLE_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_COUNTY: Final = re.compile(r"[0-9]{6}", re.ASCII)
NO_ID: Final = "-"


@dataclass(slots=True, kw_only=True)
class Inspected:
    """What is known of one message after inspection. `second_look` completes what `first_look` began."""

    source: str
    """The broker user, which RabbitMQ has checked against the certificate; empty when it is no county."""
    message_id: str
    """The id as the message property says it, which check 4 compares with the envelope's; `NO_ID` when unusable."""
    body: bytes
    sha256: bytes
    signature: str
    thumbprint: bytes
    envelope: Envelope | None
    """Parsed, once checks 1 to 4 were passed."""
    problem: YunhuobanError | None
    """Why it is refused; None while nothing is wrong."""
    waits: Code | None
    """Why it can neither pass nor be refused now: revocation is unknown."""
    verified: bool = False
    """Whether checks 5 to 9 were passed."""


def first_look(delivery: Delivery) -> Inspected:
    """Checks 1 to 4: size, properties, envelope, copies. No cryptography."""
    envelope: Envelope | None = None
    problem: YunhuobanError | None = None
    try:
        _check_size(delivery)  # 1
        _check_properties(delivery)  # 2
        envelope = Envelope.parse(delivery.body)  # 3
        _check_copies(delivery, envelope)  # 4
    except YunhuobanError as error:
        problem = error
    return Inspected(
        source=source_of(delivery),
        message_id=id_of(delivery),
        body=delivery.body,
        sha256=hashlib.sha256(delivery.body).digest(),
        signature=_only_signature(delivery.headers) or "",
        thumbprint=NOTHING,
        envelope=envelope if problem is None else None,
        problem=problem,
        waits=None,
    )


def second_look(seen: Inspected, trust: Trust, now: datetime) -> Inspected:
    """Checks 5 to 9: sender, signature, certificate, time. Returns the same object, completed."""
    if seen.problem is not None or seen.envelope is None:
        return seen
    try:
        _check_enrolled(seen, trust)  # 5
        seen.thumbprint, signer = _signer(seen, trust)  # 6
        facts = trust.facts(seen.thumbprint, signer, now)  # 7
        standing = facts.standing(Role.COUNTY_SIGNING)
        if standing == "unknown":
            seen.waits = facts.reason_for(Role.COUNTY_SIGNING)
            return seen
        if standing == "refused":
            facts.demand(Role.COUNTY_SIGNING)
        signing.verify(seen.signature, seen.body, certificate=signer.certificate, typ=signing.Typ.ENVELOPE)  # 8
        _check_time(seen.envelope, now)  # 9
    except YunhuobanError as error:
        seen.problem = error
    else:
        seen.verified = True
    return seen


def stored_look(source: str, message_id: str, body: bytes, signature: str) -> Inspected:
    """A parked message as inspection left it: checks 1 to 4 were passed when it came, the others are made again."""
    return Inspected(
        source=source,
        message_id=message_id,
        body=body,
        sha256=hashlib.sha256(body).digest(),
        signature=signature,
        thumbprint=NOTHING,
        envelope=Envelope.parse(body),
        problem=None,
        waits=None,
    )


def unread_look(delivery: Delivery) -> Inspected:
    """A message that is refused unread, because reading it is what kills the worker."""
    return Inspected(
        source=source_of(delivery),
        message_id=id_of(delivery),
        body=delivery.body,
        sha256=hashlib.sha256(delivery.body).digest(),
        signature=_only_signature(delivery.headers) or "",  # its sender proves the refusal over bytes and signature
        thumbprint=NOTHING,
        envelope=None,
        problem=YunhuobanError(refusals.POISON, place="body"),
        waits=None,
    )


def source_of(delivery: Delivery) -> str:
    """The county that the broker says it is from; anything else has no queue to which a receipt could go."""
    return delivery.user_id if delivery.user_id and _COUNTY.fullmatch(delivery.user_id) else ""


def id_of(delivery: Delivery) -> str:
    """The message id, when it is one that can be stored and shown."""
    return delivery.message_id if delivery.message_id and _PRINTABLE_ID.fullmatch(delivery.message_id) else NO_ID


def _check_size(delivery: Delivery) -> None:
    if len(delivery.body) > MAX_BODY_BYTES:
        raise YunhuobanError(
            refusals.TOO_LARGE, place="body", found=str(len(delivery.body)), expected=f"<= {MAX_BODY_BYTES}"
        )


def _check_properties(delivery: Delivery) -> None:
    if not (
        delivery.properties_set <= _ALLOWED_PROPERTIES
        and delivery.headers.keys() <= _ALLOWED_HEADERS
        and delivery.content_type == CONTENT_TYPE
    ):
        odd = sorted(set(delivery.properties_set) - _ALLOWED_PROPERTIES)
        odd += sorted(set(delivery.headers) - _ALLOWED_HEADERS)
        found = ", ".join(odd)[:100] or str(delivery.content_type)[:100]
        raise YunhuobanError(refusals.ODD_PROPERTY, place="properties", found=found, expected=CONTENT_TYPE)
    if not delivery.user_id:
        raise YunhuobanError(refusals.ODD_PROPERTY, place="user_id", expected="user_id")
    if _only_signature(delivery.headers) is None:
        raise YunhuobanError(refusals.NO_SIGNATURE, place=SIGNATURES)


def _check_copies(delivery: Delivery, envelope: Envelope) -> None:
    road = topology.EXPRESS if envelope.kind.express else topology.SUBMIT
    if delivery.exchange != road:
        raise YunhuobanError(refusals.WRONG_ROAD, place="exchange", found=delivery.exchange, expected=road)
    pairs = (
        ("source", delivery.user_id, envelope.source),
        ("message_id", delivery.message_id, envelope.id),
        ("type", delivery.type, envelope.type),
        ("routing_key", delivery.routing_key, topology.submit_key(envelope.source, envelope.case_no, envelope.type)),
    )
    for name, found, expected in pairs:
        if found != expected:
            raise YunhuobanError(refusals.COPIES_DISAGREE, place=name, found=str(found)[:100], expected=expected)


def _check_enrolled(seen: Inspected, trust: Trust) -> None:
    state = trust.states.get(seen.source, "unknown")
    if state != "active":
        raise YunhuobanError(refusals.NOT_ENROLLED, place="source", found=state, expected="active")


def _signer(seen: Inspected, trust: Trust) -> tuple[bytes, Signer]:
    """The certificate that the signature names, which must be one of the sender's."""
    thumbprint = signing.read_header(seen.signature).thumbprint
    signer = trust.signers.get(thumbprint)
    if signer is None or signer.county != seen.source:
        raise YunhuobanError(refusals.UNKNOWN_SIGNER, place=SIGNATURES, found=thumbprint.hex()[:16])
    return thumbprint, signer


def _check_time(envelope: Envelope, now: datetime) -> None:
    if envelope.time > now + MAX_CLOCK_AHEAD:
        raise YunhuobanError(
            refusals.FROM_THE_FUTURE,
            place="time",
            found=envelope.time.isoformat(),
            expected=f"<= {now.isoformat()} + 5 min",
        )
    if envelope.expires <= now:
        raise YunhuobanError(refusals.EXPIRED, place="expires", found=envelope.expires.isoformat())


def _only_signature(headers: Any) -> str | None:
    """The one signature of our suite; a second suite would stand beside it in the same list."""
    values = headers.get(SIGNATURES)
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        return None
    return values[0] if values[0].isascii() and len(values[0]) <= signing.MAX_TOKEN_CHARACTERS else None
