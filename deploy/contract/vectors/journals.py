"""Checkpoints as a county sees them: published with proofs, countersigned, unproven, and three forks."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from adapters.boxes import evidence
from adapters.boxes.evidence import SignedCheckpoint
from adapters.journal import journalmemory
from adapters.journal.forkalarm import ForkFoundError
from adapters.journal.journalmemory import Published
from adapters.store import Store, open_store
from certs.signing import Typ
from deploy.contract.throwaway import Network
from deploy.contract.values import NOW, WINDOW, Json
from deploy.contract.vectors import directories
from schemas import codec
from schemas.forkfile import SignedRecord
from schemas.tree import Frontier, consistency_proof, extend_with_proofs, leaf_hash

_LEAVES: Final = tuple(leaf_hash(f"leaf {number}".encode()) for number in range(12))
_OTHER: Final = tuple(leaf_hash(f"another leaf {number}".encode()) for number in range(12))


@dataclass(frozen=True, slots=True)
class _Step:
    """What the county is shown: a checkpoint in a receipt, or a publication with proofs from these sizes."""

    kind: str
    size: int
    proven_from: tuple[int, ...] = ()
    leaves: Sequence[bytes] = _LEAVES
    proofs_of: Sequence[bytes] = _LEAVES


_SCENES: Final[Mapping[str, tuple[_Step, ...]]] = {
    "one history": (
        _Step("receipt", 3),
        _Step("publication", 5, (3,)),
        _Step("receipt", 6),
        _Step("publication", 8, (5, 6)),
    ),
    "a publication without the proof that is needed": (
        _Step("publication", 5),
        _Step("publication", 8),
        _Step("publication", 9, (5, 8)),
    ),
    "two roots for one size": (_Step("receipt", 5), _Step("receipt", 5, leaves=_OTHER)),
    "a proof that does not hold": (_Step("receipt", 3), _Step("publication", 8, (3,), proofs_of=_OTHER)),
    "another history, published": (_Step("publication", 5), _Step("publication", 8, (5,), _OTHER, _OTHER)),
}


def vectors(network: Network) -> Json:
    """The file `journal.json`."""
    return {
        "about": "Steps of each scene in order. `outcome`: seen, proven, unproven or fork. `stated` is what the next "
        "envelope says, `unproven` what a countersignature asks for, `countersignature` the county's JWS over the "
        "checkpoint of that size.",
        "scenes": [{"name": name, "steps": _played(network, scene)} for name, scene in _SCENES.items()],
    }


def _played(network: Network, scene: Sequence[_Step]) -> list[Json]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'county.sqlite'}")
        try:
            return list(_steps(network, store, scene))
        finally:
            store.close()


def _steps(network: Network, store: Store, scene: Sequence[_Step]) -> Iterator[Json]:
    bodies: dict[int, bytes] = {}
    for number, step in enumerate(scene):
        now = NOW + timedelta(minutes=number)
        checkpoint = _checkpoint(network, step, now)
        proofs = [{"size": size, "path": _proof(step, size)} for size in step.proven_from]
        publication, signature = _publication(network, checkpoint, proofs, now)
        outcome = _shown(store, step, checkpoint, proofs, SignedRecord(publication, signature), now)
        bodies[step.size] = checkpoint.body
        said: Json = {"kind": step.kind, "outcome": outcome}
        if step.kind == "receipt":
            said |= {"checkpoint": checkpoint.body.hex(), "checkpoint_signature": checkpoint.signature}
        else:
            said |= {"body": publication.hex(), "signature": signature}
        linked = outcome != "unproven"
        yield said | (_remembered(network, store, bodies, linked=linked) if outcome != "fork" else {})


def _checkpoint(network: Network, step: _Step, now: datetime) -> SignedCheckpoint:
    root = extend_with_proofs(Frontier(), step.leaves[: step.size]).root
    record = {"origin": "yunhuoban", "epoch": 1, "size": step.size, "root": root, "made_at": now}
    body = codec.encode("Checkpoint", record)
    receipt = {"checkpoint": body, "checkpoint_signature": network.sign("hub_checkpoint", body, Typ.CHECKPOINT)}
    return evidence.open_checkpoint(receipt, directories.view(network))


def _proof(step: _Step, size: int) -> list[bytes]:
    completed = extend_with_proofs(Frontier(), step.proofs_of).completed_nodes
    nodes = {(level, at): digest for level, at, digest in completed}
    return consistency_proof(size, step.size, lambda level, at: nodes[level, at])


def _publication(
    network: Network, checkpoint: SignedCheckpoint, proofs: list[dict[str, Any]], now: datetime
) -> tuple[bytes, str]:
    record = {
        "county": WINDOW,
        "checkpoint": checkpoint.body,
        "checkpoint_signature": checkpoint.signature,
        "countersign": True,
        "proofs": proofs,
        "countersignatures": [],
        "published_at": now,
    }
    body = codec.encode("CheckpointPublished", record)
    return body, network.sign("hub_signing", body, Typ.PUBLICATION)


def _shown(
    store: Store,
    step: _Step,
    checkpoint: SignedCheckpoint,
    proofs: list[dict[str, Any]],
    signed: SignedRecord,
    now: datetime,
) -> str:
    try:
        with store.write() as tx:
            if step.kind == "receipt":
                journalmemory.saw(tx, checkpoint, now)
                return "seen"
            paths = {each["size"]: each["path"] for each in proofs}
            published = Published(checkpoint=checkpoint, proofs=paths, published_at=now, signed=signed)
            return "proven" if journalmemory.accept(tx, published, now) else "unproven"
    except ForkFoundError:
        return "fork"


def _remembered(network: Network, store: Store, bodies: Mapping[int, bytes], *, linked: bool) -> Json:
    """What the county would say now; `linked` is False when it was shown what is not proven to continue its own."""
    with store.read() as tx:
        stated = journalmemory.to_state(tx)
        base = journalmemory.base(tx, 1)
        unproven = {each.size for each in journalmemory.unproven(tx, 1, 64)}
    if stated is None:
        raise ValueError("nothing was seen")
    signature = network.sign("window_signing", bodies[base.size], Typ.CHECKPOINT) if base is not None else None
    return {
        "stated": {"epoch": stated["epoch"], "size": stated["size"], "root": stated["root"].hex()},
        "unproven": sorted(unproven | (set() if linked else {base.size})),
        "countersignature": signature,
    }
