"""What follows from a verdict: which bytes go into which queue. Pure; `hub.outflow.delivery` publishes and settles."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.broker import Outgoing
from hub.intake.inspection import CONTENT_TYPE, SIGNATURES
from schemas import topology

EVIDENCE: Final = "evidence"
INTENDED: Final = "intended_queue"
_RECEIPTS: Final = uuid.UUID("6f0c2f0e-5a3e-5d0b-9a53-0d3a7c1b9a11")  # the name space of receipts' message ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One publish, and the county it is for."""

    county: str
    outgoing: Outgoing


def to_destination(
    *, county: str, body: bytes, signature: str, evidence: bytes, message_id: str, message_type: str
) -> Parcel:
    """A county's own bytes and signature, passed on unchanged with the evidence of admission."""
    headers: dict[str, object] = {SIGNATURES: [signature], EVIDENCE: evidence}
    return _parcel(county, topology.county_inbox(county), body, message_id, message_type, headers)


def receipt(*, county: str, body: bytes, checkpoint_size: int, leaf_indexes: Sequence[int], express: bool) -> Parcel:
    """An admission receipt back to a sender; print claims are answered on the express road.

    Its id follows from what it proves: the same leaves under the same checkpoint are the same receipt.
    """
    queue = topology.county_express(county) if express else topology.county_inbox(county)
    leaves = ",".join(map(str, leaf_indexes))
    message_id = str(uuid.uuid5(_RECEIPTS, f"{county}:{checkpoint_size}:{leaves}"))
    return _parcel(county, queue, body, message_id, "admission.receipt", {})


def spoken(*, county: str, queue: str, body: bytes, signature: str, message_id: str, message_type: str) -> Parcel:
    """Something the hub says itself: a grant or the directory."""
    return _parcel(county, queue, body, message_id, message_type, {SIGNATURES: [signature]})


def held(parcel: Parcel) -> Parcel:
    """The same parcel for its county's hold queue, with the queue it was meant for."""
    out = parcel.outgoing
    headers = {**out.headers, INTENDED: out.routing_key}
    return _parcel(parcel.county, topology.county_hold(parcel.county), out.body, out.message_id, out.type, headers)


def released(county: str, body: bytes, message_id: str, message_type: str, headers: dict[str, object]) -> Parcel:
    """A parcel from the hold queue on its way to the queue it was meant for."""
    kept = {name: value for name, value in headers.items() if name in (SIGNATURES, EVIDENCE)}
    queue = str(headers.get(INTENDED, ""))
    allowed: Sequence[str] = (topology.county_inbox(county), topology.county_express(county))
    return _parcel(county, queue if queue in allowed else allowed[0], body, message_id, message_type, kept)


def _parcel(
    county: str, queue: str, body: bytes, message_id: str, message_type: str, headers: dict[str, object]
) -> Parcel:
    outgoing = Outgoing(
        exchange=topology.COUNTY,
        routing_key=queue,
        body=body,
        message_id=message_id,
        type=message_type,
        headers=headers,
        content_type=CONTENT_TYPE,
    )
    return Parcel(county=county, outgoing=outgoing)
