"""Order: messages of one case as they arrive, and in which order they take effect at the destination."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from adapters import inbox
from adapters.store import open_store
from deploy.contract.made import Made, message_id
from deploy.contract.values import NOW, Json
from schemas.envelope import KEY_BURNT


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One message; refused when it is opened, or not."""

    name: str
    prev: str | None = None
    supersedes: str | None = None
    refused: str | None = None


_SCENES: Final[Mapping[str, tuple[_Arrival, ...]]] = {
    "in order": (_Arrival("a"), _Arrival("b", "a"), _Arrival("c", "b")),
    "turned round": (_Arrival("c", "b"), _Arrival("b", "a"), _Arrival("a")),
    "the first never comes": (_Arrival("b", "a"), _Arrival("c", "b")),
    "twice": (_Arrival("b", "a"), _Arrival("a"), _Arrival("b", "a"), _Arrival("a")),
    "one is refused for good": (_Arrival("c", "b"), _Arrival("b", "a", refused="E-ENV-103"), _Arrival("a")),
    "one is refused for a burnt key and written anew": (
        _Arrival("a", refused=KEY_BURNT.code),
        _Arrival("b", "a"),
        _Arrival("d", None, "a"),
    ),
    "one is refused for a burnt key and not there anew": (_Arrival("a", refused=KEY_BURNT.code), _Arrival("b", "a")),
    "two chains": (_Arrival("a"), _Arrival("x"), _Arrival("y", "x"), _Arrival("b", "a")),
}


def vectors(message: Made) -> Json:
    """The file `order.json`; every message of a scene is `message` under another id."""
    return {
        "about": "`refused`: opening it ends with this code. `applied`: those that take effect, in this order, once.",
        "vectors": [
            {
                "name": name,
                "arrivals": [
                    {"id": each.name, "prev": each.prev, "supersedes": each.supersedes, "refused": each.refused}
                    for each in scene
                ],
                "applied": _played(message, scene),
            }
            for name, scene in _SCENES.items()
        ],
    }


def _played(message: Made, scene: tuple[_Arrival, ...]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'county.sqlite'}")
        try:
            applied: list[str] = []
            for each in scene:
                with store.write() as tx:
                    _arrive(tx, message, each)
                    applied += _apply(tx, {_id(other.name): other.name for other in scene})
        finally:
            store.close()
    return applied


def _id(name: str | None) -> str | None:
    return None if name is None else message_id(f"order {name}")


def _arrive(tx: Connection, message: Made, arrival: _Arrival) -> None:
    envelope = replace(
        message.envelope,
        id=_id(arrival.name) or "",
        prev=_id(arrival.prev),
        supersedes=_id(arrival.supersedes),
    )
    arrived = {"source": envelope.source, "message_id": envelope.id, "message_type": envelope.type}
    if not inbox.keep(tx, **arrived, body=envelope.to_bytes(), signature="", evidence_bytes=b"", now=NOW):
        return
    row = next(each for each in inbox.due(tx, NOW, 100) if each.message_id == envelope.id)
    if arrival.refused is None:
        inbox.mark_opened(tx, row, envelope, sealed=b"")
    else:
        inbox.mark_refused(tx, row, arrival.refused, supersedes=envelope.supersedes)


def _apply(tx: Connection, names: Mapping[str | None, str]) -> list[str]:
    """Give effect to whatever has its turn, until nothing has."""
    applied: list[str] = []
    while ready := [each for each in inbox.due(tx, NOW, 100) if inbox.predecessor_applied(tx, each.source, each.prev)]:
        inbox.mark_applied(tx, ready[0], NOW)
        applied.append(names[ready[0].message_id])
    return applied
