"""Leaves of the journal, admission receipts and evidence over them, and what proves nothing."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from adapters.boxes import evidence
from adapters.directory.directoryview import DirectoryView
from certs.signing import Typ
from deploy.contract import values
from deploy.contract.made import Made
from deploy.contract.throwaway import Network
from deploy.contract.values import NOW, Json
from deploy.contract.vectors import directories
from schemas import codec
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED, NOTHING, Leaf
from schemas.tree import Frontier, extend_with_proofs, leaf_hash

_EARLIER: Final = (b"an earlier leaf", b"another one")
_REFUSED: Final = "E-ADM-021"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One message and what the hub said of it."""

    message: Made
    verdict: str
    refusal: bytes = b""

    def leaf(self, network: Network) -> Leaf:
        return Leaf(
            envelope_sha256=self.message.sha256,
            signature=self.message.signature.encode(),
            signer_thumbprint=network.thumbprint(self.message.signer),
            admitted_at=NOW,
            verdict=self.verdict,
            detail_sha256=hashlib.sha256(self.refusal).digest() if self.refusal else NOTHING,
        )


def vectors(network: Network, messages: Sequence[Made]) -> Json:
    """The file `receipts.json`: the first two messages are admitted, the third is refused."""
    first, second, third = messages
    refusal = values.sample("Refusal", "full") | {"message_id": third.envelope.id, "code": _REFUSED}
    verdicts = [
        _Verdict(first, ADMITTED),
        _Verdict(second, ADMITTED),
        _Verdict(third, _REFUSED, codec.encode("Refusal", refusal)),
    ]
    leaves = [each.leaf(network) for each in verdicts]
    begun = extend_with_proofs(Frontier(), [leaf_hash(each) for each in _EARLIER]).frontier
    grown = extend_with_proofs(begun, [each.hash() for each in leaves])
    checkpoint = {"origin": "yunhuoban", "epoch": 1, "size": grown.size, "root": grown.root, "made_at": NOW}
    body = codec.encode("Checkpoint", checkpoint)
    entries = [
        _entry(each, leaf, begun.size + at, grown.proofs[at])
        for at, (each, leaf) in enumerate(zip(verdicts, leaves, strict=True))
    ]
    receipt = {
        "checkpoint": body,
        "checkpoint_signature": network.sign("hub_checkpoint", body, Typ.CHECKPOINT),
        "entries": entries,
    }
    return {
        "about": "`receipt` is for messages of messages.json. `evidence` with a null code proves the admission.",
        "leaves": [
            {"message": each.message.kind.name, "bytes": leaf.bytes().hex(), "hash": leaf.hash().hex()}
            for each, leaf in zip(verdicts, leaves, strict=True)
        ],
        "checkpoint": values.as_json("Checkpoint", checkpoint),
        "receipt": {
            "value": values.as_json("AdmissionReceipt", receipt),
            "bytes": codec.encode("AdmissionReceipt", receipt).hex(),
        },
        "evidence": [
            _judged(directories.view(network), name, each, first) for name, each in _evidence(network, receipt)
        ],
    }


def _entry(verdict: _Verdict, leaf: Leaf, index: int, proof: list[bytes]) -> dict[str, Any]:
    return {
        "message_id": verdict.message.envelope.id,
        "envelope_sha256": leaf.envelope_sha256,
        "signature_sha256": hashlib.sha256(leaf.signature).digest(),
        "signer_thumbprint": leaf.signer_thumbprint,
        "admitted_at": leaf.admitted_at,
        "verdict": verdict.verdict,
        "refusal": verdict.refusal,
        "leaf_index": index,
        "proof": proof,
    }


def _evidence(network: Network, receipt: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Evidence for the first message, and what must not pass as such."""
    entry, other, refused = receipt["entries"]

    def of(each: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return receipt | {"entries": [each | changes]}

    yield "as it should be", of(entry)
    yield "another message's", of(other)
    yield "a refusal", of(refused)
    yield "two entries", receipt | {"entries": [entry, other]}
    yield "another time", of(entry, admitted_at=values.EPOCH)
    yield "another signer", of(entry, signer_thumbprint=network.thumbprint("issuing_signing"))
    yield "another place", of(entry, leaf_index=entry["leaf_index"] + 1)
    yield "a proof one byte of which is changed", of(entry, proof=[bytes(32), *entry["proof"][1:]])
    yield "a verdict that is none", of(entry, verdict="yes")
    body = receipt["checkpoint"]
    wrong_role = network.sign("hub_signing", body, Typ.CHECKPOINT)
    yield "a checkpoint signed in another role", of(entry) | {"checkpoint_signature": wrong_role}
    unknown = network.sign("window_signing", body, Typ.CHECKPOINT)
    yield "a checkpoint that a county signed", of(entry) | {"checkpoint_signature": unknown}
    changed = body.replace(codec.decode(body, "Checkpoint")["root"], bytes(32))
    yield "a checkpoint of another root", of(entry) | {"checkpoint": changed}


def _judged(view: DirectoryView, name: str, receipt: dict[str, Any], message: Made) -> Json:
    code = None
    data = codec.encode("AdmissionReceipt", receipt)
    try:
        evidence.admission(data, body=message.body, signature=message.signature, directory=view)
    except YunhuobanError as error:
        code = error.code.code
    return {"name": name, "message": message.kind.name, "bytes": data.hex(), "code": code}
