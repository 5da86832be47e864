"""One whole message of every type, as a county would send it: record, payload, envelope, signature, AMQP properties."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from certs import encryption
from certs.signing import Typ
from deploy.contract import hpke, values
from deploy.contract.throwaway import Network, private_key
from deploy.contract.values import CASE_NO, ISSUING, ITEM, NOW, WINDOW, Json
from schemas import asyncapi, codec, shapes, topology
from schemas.envelope import Envelope
from schemas.facts import facts_of
from schemas.messages import HUB, TYPES, MessageType, Party

LIFE: Final = timedelta(days=20)
_INFO: Final = b"yhb-hpke-v1\0"
_SIDES: Final = {WINDOW: "window", ISSUING: "issuing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A message and what it was made from."""

    kind: MessageType
    record: Mapping[str, Any]
    payload: bytes
    salt: bytes
    envelope: Envelope
    body: bytes
    signature: str

    @property
    def signer(self) -> str:
        """The name of the key that signed it."""
        return f"{_SIDES[self.envelope.source]}_signing"

    @property
    def sha256(self) -> bytes:
        """The digest by which everybody else speaks of it."""
        return hashlib.sha256(self.body).digest()

    def publish(self) -> Json:
        """What the county tells the broker beside the body."""
        return {
            "exchange": topology.EXPRESS if self.kind.express else topology.SUBMIT,
            "routing_key": topology.submit_key(self.envelope.source, self.envelope.case_no, self.kind.name),
            "properties": {
                "content_type": asyncapi.CONTENT_TYPE,
                "delivery_mode": 2,
                "message_id": self.envelope.id,
                "type": self.kind.name,
                "user_id": self.envelope.source,
            },
            "headers": {"signatures": [self.signature]},
        }

    def to_json(self) -> Json:
        """One vector of `messages.json`."""
        clear = replace(self.envelope, data=b"").to_bytes()
        sealed = self.envelope.encrypted_for is not None
        return {
            "name": self.kind.name,
            "record": values.as_json(self.kind.record, self.record),
            "payload": self.payload.hex(),
            "salt": self.salt.hex() if sealed else None,
            "recipient": f"{_SIDES[self.envelope.destination]}_encryption" if sealed else None,
            "envelope": values.as_json("Envelope", codec.decode(clear, "Envelope")),
            "clear": clear.hex(),
            "binding": self.envelope.binding().hex(),
            "body": self.body.hex(),
            "sha256": self.sha256.hex(),
            "signer": self.signer,
            "signature": self.signature,
            "publish": self.publish(),
        }


def message_id(name: str) -> str:
    """An id that follows from what it is for."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"yunhuoban vector {name}"))


def all_types(network: Network) -> dict[str, Made]:
    """A message of every type, by type; those of a case form its two chains in the order of the table."""
    found: dict[str, Made] = {}
    last: dict[str, str] = {}
    for name, kind in TYPES.items():
        about = found.get("application.submitted")
        record = values.sample(kind.record, "full")
        in_reply_to = None
        if not kind.chained and kind.cased and about is not None:  # a destination's word about the application
            record |= {"message_id": about.envelope.id}
            record |= {"envelope_sha256": about.sha256} if "envelope_sha256" in record else {}
            in_reply_to = about.envelope.id
        source = ISSUING if kind.sender is Party.ISSUING or in_reply_to is not None else WINDOW
        destination = HUB if kind.receiver is Party.HUB else (WINDOW if source == ISSUING else ISSUING)
        road = source + destination
        found[name] = make(
            network,
            kind,
            record,
            source=source,
            destination=destination,
            prev=last.get(road) if kind.chained else None,
            in_reply_to=in_reply_to,
        )
        if kind.chained:
            last[road] = found[name].envelope.id
    return found


def make(
    network: Network,
    kind: MessageType,
    record: Mapping[str, Any],
    *,
    source: str,
    destination: str,
    name: str = "",
    facts: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Made:
    """Encode, encrypt and sign one message; `facts` and `fields` take the place of what would follow from the rest."""
    payload = codec.encode(kind.record, record)
    salt = hashlib.sha256(f"yunhuoban vector salt {name or kind.name}".encode()).digest()
    sealed = destination != HUB
    stated: dict[str, Any] = {
        "id": message_id(name or kind.name),
        "case_no": CASE_NO if kind.cased else "",
        "service_item": ITEM if kind.cased else "",
        "time": NOW,
        "expires": NOW + LIFE,
        "trial": False,
        "dataschema": shapes.dataschema(kind.record),
        "encrypted_for": network.thumbprint(f"{_SIDES[destination]}_encryption") if sealed else None,
        "data_commitment": hashlib.sha256(salt + payload if sealed else payload).digest(),
    }
    stated |= fields
    envelope = Envelope(
        source=source,
        destination=destination,
        type=kind.name,
        facts=facts if facts is not None else facts_of(kind.name, record),
        data=b"",
        **stated,
    )
    if sealed:
        secret = seal(payload, salt, destination, bound=envelope.binding(), name=name or kind.name)
        envelope = replace(envelope, data=secret.ciphertext)
    else:
        envelope = replace(envelope, data=payload)
    body = envelope.to_bytes()
    signature = network.sign(f"{_SIDES[source]}_signing", body, Typ.ENVELOPE)
    return Made(kind=kind, record=record, payload=payload, salt=salt, envelope=envelope, body=body, signature=signature)


def seal(payload: bytes, salt: bytes, destination: str, *, bound: bytes, name: str) -> hpke.Sealed:
    """Frame, pad and encrypt a payload for a county."""
    return hpke.seal(
        framed(payload, salt),
        recipient=private_key(f"{_SIDES[destination]}_encryption").public_key(),
        ephemeral=private_key(f"ephemeral {name}"),
        info=_INFO + bound,
    )


def framed(payload: bytes, salt: bytes) -> bytes:
    """Salt, length, payload and zeros up to the bucket."""
    frame = salt + len(payload).to_bytes(4, "big") + payload
    return frame.ljust(encryption.bucket_bytes(len(frame)), b"\0")
