"""Messages as the hub gives them to their destination, and the first thing wrong with each when it is opened."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from adapters.boxes.opening import open_message
from adapters.identity import Identity
from certs.atrest import AtRest
from certs.signing import Typ
from deploy.contract import made, values
from deploy.contract.made import Made
from deploy.contract.throwaway import Network, private_key
from deploy.contract.values import CASE_NO, ISSUING, NOW, WINDOW, Json
from deploy.contract.vectors import directories
from schemas import codec
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED, NOTHING, Leaf
from schemas.messages import TYPES, Parties

_KNOWN: Final = Parties(window=WINDOW, issuing=ISSUING)
_TYPE: Final = "application.accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """A message as it comes, and what the destination knows of its case."""

    name: str
    message: Made
    body: bytes
    signature: str
    evidence: bytes
    properties: Mapping[str, str]
    parties: Parties | None = _KNOWN
    burnt: bool = False


def vectors(network: Network) -> Json:
    """The file `opening.json`."""
    with tempfile.TemporaryDirectory() as folder:
        storage = AtRest.create(Path(folder) / "storage")
        return {
            "about": "County 130928 opens what comes, with the directory of directory.json; null is good. `burnt`: its "
            "encryption key was destroyed. `case` null: it does not know the case.",
            "at": values.millis(NOW),
            "vectors": [_opened(network, storage, each) for each in _arrivals(network)],
        }


def evidence(network: Network, body: bytes, signature: str, signer: str, verdict: str = ADMITTED) -> bytes:
    """The hub's evidence of a message that is the only leaf of its journal."""
    refusal = b"" if verdict == ADMITTED else codec.encode("Refusal", values.sample("Refusal", "full"))
    leaf = Leaf(
        envelope_sha256=hashlib.sha256(body).digest(),
        signature=signature.encode(),
        signer_thumbprint=network.thumbprint(signer),
        admitted_at=NOW,
        verdict=verdict,
        detail_sha256=hashlib.sha256(refusal).digest() if refusal else NOTHING,
    )
    checkpoint = {"origin": "yunhuoban", "epoch": 1, "size": 1, "root": leaf.hash(), "made_at": NOW}
    encoded = codec.encode("Checkpoint", checkpoint)
    entry = {
        "message_id": codec.decode(body, "Envelope")["id"],
        "envelope_sha256": leaf.envelope_sha256,
        "signature_sha256": hashlib.sha256(leaf.signature).digest(),
        "signer_thumbprint": leaf.signer_thumbprint,
        "admitted_at": NOW,
        "verdict": verdict,
        "refusal": refusal,
        "leaf_index": 0,
        "proof": [],
    }
    signed = network.sign("hub_checkpoint", encoded, Typ.CHECKPOINT)
    receipt = {"checkpoint": encoded, "checkpoint_signature": signed, "entries": [entry]}
    return codec.encode("AdmissionReceipt", receipt)


def _arrivals(network: Network) -> Iterator[_Arrival]:
    kind = TYPES[_TYPE]
    record = values.sample(kind.record, "full")

    def message(name: str, **changes: Any) -> Made:
        ends = {"source": ISSUING, "destination": WINDOW} | changes
        return made.make(network, kind, record, name=f"opening {name}", **ends)

    def arrival(name: str, whole: Made, *, signer: str = "", **changes: Any) -> _Arrival:
        signature = network.sign(signer or whole.signer, whole.body, Typ.ENVELOPE)
        given = {"message_id": whole.envelope.id, "type": kind.name}
        proof = evidence(network, whole.body, signature, signer or whole.signer)
        arrived = _Arrival(
            name=name, message=whole, body=whole.body, signature=signature, evidence=proof, properties=given
        )
        return replace(arrived, **changes)

    good = message("good")
    yield arrival("as it should be", good)
    yield arrival("another message id beside it", good, properties={"message_id": made.message_id("x"), "type": _TYPE})
    yield arrival("another type beside it", good, properties={"message_id": good.envelope.id, "type": "decision.made"})
    yield arrival("a byte behind it", good, body=good.body + b"\0")
    yield arrival("a version of the record that is not known", _of_a_later_version(network, message("later")))
    unknown = good.body[:2] + bytes(8) + good.body[10:]
    yield arrival("a version of the envelope that is not known", good, body=unknown)
    yield arrival("no record at all", good, body=b"\0" + good.body[1:])
    other = message("other")
    yield arrival("evidence of another message", good, evidence=arrival("", other).evidence)
    yield arrival("without evidence", good, evidence=b"")
    refused = evidence(network, good.body, good.signature, good.signer, "E-ADM-021")
    yield arrival("evidence of a refusal", good, evidence=refused)
    yield arrival("a signature that is not the admitted one", good, signature=other.signature)
    yield arrival("signed by the other county", good, signer="window_signing")
    yield arrival("signed by a certificate that the directory does not have", good, signer="revoked_signing")
    yield arrival("for another county", message("for another", destination=ISSUING))
    yield arrival("for a key that it never had", _for_key(network, message("key")))
    yield arrival("for a key that it has destroyed", good, burnt=True)
    yield arrival("in a case that it does not know", good, parties=None)
    yield arrival("from the wrong party", good, parties=Parties(window=ISSUING, issuing=WINDOW))
    yield arrival("a fact that is not the payload's", message("fact", facts={"promised_on": NOW.date()}))
    yield arrival("another record inside", _with_payload(network, message("record")))
    spoiled = replace(good.envelope, data=good.envelope.data[:-1] + bytes([good.envelope.data[-1] ^ 1]))
    yield arrival("a ciphertext with one bit changed", _rewritten(network, good, spoiled))
    moved = replace(good.envelope, expires=good.envelope.expires - made.LIFE / 2)
    yield arrival("a clear field changed after encryption", _rewritten(network, good, moved))


def _rewritten(network: Network, message: Made, envelope: Any) -> Made:
    body = envelope.to_bytes()
    signature = network.sign(message.signer, body, Typ.ENVELOPE)
    return replace(message, envelope=envelope, body=body, signature=signature)


def _for_key(network: Network, message: Made) -> Made:
    return _rewritten(
        network, message, replace(message.envelope, encrypted_for=network.thumbprint("issuing_encryption"))
    )


def _of_a_later_version(network: Network, message: Made) -> Made:
    """Signed and admitted in a version that the destination does not have yet."""
    schema = f"{message.envelope.dataschema.partition('#')[0]}#{'0' * 32}"
    body = codec.encode("Envelope", codec.decode(message.body, "Envelope") | {"dataschema": schema})
    return replace(message, body=body, signature=network.sign(message.signer, body, Typ.ENVELOPE))


def _with_payload(network: Network, message: Made) -> Made:
    """The message with a payload of another record, rightly encrypted and committed to."""
    payload = codec.encode("Received", values.sample("Received", "full"))
    commitment = hashlib.sha256(message.salt + payload).digest()
    envelope = replace(message.envelope, data=b"", data_commitment=commitment)
    sealed = made.seal(payload, message.salt, WINDOW, bound=envelope.binding(), name="opening payload")
    return _rewritten(network, message, replace(envelope, data=sealed.ciphertext))


def _opened(network: Network, storage: AtRest, arrival: _Arrival) -> Json:
    code = None
    row = SimpleNamespace(
        message_id=arrival.properties["message_id"],
        type=arrival.properties["type"],
        source=ISSUING,
        body=arrival.body,
        signature=arrival.signature,
        evidence=arrival.evidence,
    )
    try:
        open_message(
            row,
            identity=_identity(network, storage, burnt=arrival.burnt),
            directory=directories.view(network),
            parties=arrival.parties,
        )
    except YunhuobanError as error:
        code = error.code.code
    parties = arrival.parties
    return {
        "name": arrival.name,
        "properties": dict(arrival.properties),
        "body": arrival.body.hex(),
        "signature": arrival.signature,
        "evidence": arrival.evidence.hex(),
        "case": {"case_no": CASE_NO, "window": parties.window, "issuing": parties.issuing} if parties else None,
        "burnt": arrival.burnt,
        "code": code,
    }


def _identity(network: Network, storage: AtRest, *, burnt: bool) -> Identity:
    own = network.thumbprint("window_encryption")
    return Identity(
        division_code=WINDOW,
        signing_key=private_key("window_signing"),
        signing_certificate=network.certificates["window_signing"],
        encryption_certificate=network.certificates["window_encryption"],
        encryption_keys={} if burnt else {own: private_key("window_encryption")},
        burnt=frozenset({own}) if burnt else frozenset(),
        anchors=[network.certificates["root"]],
        seal_anchors=[],
        storage=storage,
    )
