"""Order: messages of one case as they arrive, and in which order they take effect at the destination."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from adapters.boxes import inbox
from adapters.boxes.inbox import NOT_READ_HERE
from adapters.store import open_store
from deploy.contract.made import Made, message_id
from deploy.contract.values import NOW, Json
from schemas.envelope import KEY_BURNT, Envelope


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One message; refused when it is opened, not to be read here, or neither."""

    name: str
    prev: str | None = None
    supersedes: str | None = None
    refused: str | None = None
    unread: bool = False

    def to_json(self) -> Json:
        """Its form in the file."""
        return {
            "id": self.name,
            "prev": self.prev,
            "supersedes": self.supersedes,
            "refused": self.refused,
            "unread": self.unread,
        }


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
    "one is refused for a burnt key, written anew, and both again": (
        _Arrival("a", refused=KEY_BURNT.code),
        _Arrival("b", "a"),
        _Arrival("d", None, "a", refused=KEY_BURNT.code),
        _Arrival("f", None, "d"),
    ),
    "two refused for a burnt key that each name the other": (
        _Arrival("a", None, "d", refused=KEY_BURNT.code),
        _Arrival("d", None, "a", refused=KEY_BURNT.code),
        _Arrival("b", "a"),
        _Arrival("f", None, "a"),
    ),
    "one cannot be read and comes in its second form": (
        _Arrival("a", unread=True),
        _Arrival("b", "a"),
        _Arrival("d", None, "a"),
    ),
    "one cannot be read and has not come again": (_Arrival("a", unread=True), _Arrival("b", "a")),
    "one cannot be read at first": (_Arrival("a", unread=True), _Arrival("b", "a"), _Arrival("a")),
    "two cannot be read, and their second forms are turned round": (
        _Arrival("a", unread=True),
        _Arrival("b", "a", unread=True),
        _Arrival("e", "d", "b"),
        _Arrival("d", None, "a"),
    ),
    "the second form comes after the first": (_Arrival("a"), _Arrival("d", None, "a"), _Arrival("b", "d")),
    "the second form comes while the first waits for its predecessor": (
        _Arrival("b", "a"),
        _Arrival("d", "a", "b"),
        _Arrival("c", "d"),
        _Arrival("a"),
    ),
    "the first form comes after the second": (_Arrival("d", None, "a"), _Arrival("a"), _Arrival("b", "d")),
    "the first form can be read after the second": (
        _Arrival("a", unread=True),
        _Arrival("d", None, "a"),
        _Arrival("a"),
        _Arrival("b", "d"),
    ),
    "the first form comes while the second waits for its predecessor": (
        _Arrival("d", "a", "b"),
        _Arrival("b", "a"),
        _Arrival("c", "d"),
        _Arrival("a"),
    ),
    "two chains": (_Arrival("a"), _Arrival("x"), _Arrival("y", "x"), _Arrival("b", "a")),
}


def vectors(message: Made) -> Json:
    """The file `order.json`; every message of a scene is `message` under another id."""
    return {
        "about": "`refused`: opening it ends with this code. `unread`: its version is not known here; when its id "
        "comes once more without that, it can be read by then. `signed`: those that `message.received` is "
        "sent for, in this order. `applied`: those that take effect, in this order, once.",
        "vectors": [
            {"name": name, "arrivals": [each.to_json() for each in scene]} | _played(message, scene)
            for name, scene in _SCENES.items()
        ],
    }


def _played(message: Made, scene: tuple[_Arrival, ...]) -> Json:
    signed: list[str] = []
    applied: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'county.sqlite'}")
        try:
            for each in scene:
                with store.write() as tx:
                    signed += [each.name] if _opened(tx, message, each) else []
                    applied += _apply(tx, {_id(other.name): other.name for other in scene})
        finally:
            store.close()
    return {"signed": signed, "applied": applied}


def _id(name: str | None) -> str | None:
    return None if name is None else message_id(f"order {name}")


def _opened(tx: Connection, message: Made, arrival: _Arrival) -> bool:
    """Whether this arrival is opened, and so is signed for: for the first time, and not after its second form."""
    envelope = replace(
        message.envelope,
        id=_id(arrival.name) or "",
        prev=_id(arrival.prev),
        supersedes=_id(arrival.supersedes),
    )
    arrived = {"source": envelope.source, "message_id": envelope.id, "message_type": envelope.type}
    inbox.keep(tx, **arrived, body=envelope.to_bytes(), signature="", evidence_bytes=b"", now=NOW)
    new = (each for each in inbox.due(tx, NOW, 100) if each.message_id == envelope.id and each.state == "new")
    row = next(new, None)
    if row is None or arrival.unread:
        return False
    if inbox.come_anew(tx, envelope.id, envelope.source):
        inbox.mark_refused(tx, row, NOT_READ_HERE.code)
        return False
    if arrival.refused is not None:
        inbox.mark_refused(tx, row, arrival.refused, supersedes=envelope.supersedes)
        return False
    inbox.mark_opened(tx, row, envelope, sealed=b"")
    inbox.give_up_unread(tx, envelope, NOT_READ_HERE.code)
    return True


def _apply(tx: Connection, names: Mapping[str | None, str]) -> list[str]:
    """Give effect to whatever has its turn, until nothing has; a second form has its turn and no effect."""
    applied: list[str] = []
    while row := next((each for each in inbox.due(tx, NOW, 100) if _has_its_turn(tx, each)), None):
        if inbox.other_form(tx, Envelope.parse(row.body)) is None:
            applied.append(names[row.message_id])
        inbox.mark_applied(tx, row, NOW)
    return applied


def _has_its_turn(tx: Connection, row: Any) -> bool:
    if row.state != "opened" or inbox.other_form(tx, Envelope.parse(row.body)) == "opened":
        return False
    return inbox.predecessor_applied(tx, row.source, row.prev)
