"""Where pushed bodies lie until they are read: sealed, in the node's own store, committed before the answer."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, insert, select

from adapters.instants import to_millis
from adapters.local.sources.webhook.tables import pushed_bodies
from adapters.store import Store


class Sealing(Protocol):
    """Encryption at rest, as `certs.atrest` does it."""

    def seal(self, data: bytes, *, place: str) -> bytes:
        """Encrypt a value for its place."""
        ...

    def open(self, blob: bytes, *, place: str) -> bytes:
        """Decrypt it there."""
        ...


@dataclass(frozen=True, slots=True)
class Pushed:
    """One body that waits."""

    seq: int
    kind: str
    body: bytes


class Shelf:
    """The bodies that wait."""

    def __init__(self, store: Store, sealing: Sealing, clock: Callable[[], datetime]) -> None:
        """Nothing is done before the first call."""
        self._store = store
        self._sealing = sealing
        self._clock = clock
        self._one_at_a_time = threading.Lock()

    def keep(self, kind: str, body: bytes) -> bool:
        """Keep a body for good; False when the same one waits already. Raises E-STORE-002.

        One after the other, so that a lower number is never committed after a higher one was read.
        """
        digest = hashlib.sha256(kind.encode() + b"\0" + body).digest()
        sealed = self._sealing.seal(body, place=_place(digest))
        with self._one_at_a_time, self._store.write() as tx:
            if tx.execute(select(pushed_bodies.c.seq).where(pushed_bodies.c.digest == digest)).first() is not None:
                return False
            tx.execute(
                insert(pushed_bodies).values(
                    kind=kind, digest=digest, body_sealed=sealed, received_at=to_millis(self._clock())
                )
            )
        return True

    def after(self, seq: int) -> Pushed | None:
        """The next body. Raises E-STORE-002, or what opening a sealed value raises."""
        columns = pushed_bodies.c
        with self._store.read() as tx:
            row = tx.execute(select(pushed_bodies).where(columns.seq > seq).order_by(columns.seq).limit(1)).first()
        return (
            None
            if row is None
            else Pushed(row.seq, row.kind, self._sealing.open(row.body_sealed, place=_place(row.digest)))
        )

    def drop(self, seq: int) -> None:
        """Forget all bodies up to this one: what they said is in the outbox. Raises E-STORE-002."""
        behind = pushed_bodies.c.seq <= seq
        with self._store.read() as tx:
            if tx.execute(select(pushed_bodies.c.seq).where(behind).limit(1)).first() is None:
                return
        with self._store.write() as tx:
            tx.execute(delete(pushed_bodies).where(behind))


def _place(digest: bytes) -> str:
    return f"pushed/{digest.hex()}"
