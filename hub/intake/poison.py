"""Finding the message that kills the worker: the third time it does so alone, it is set aside.

The broker's delivery limit cannot do this: a crash loop of eleven kills dead-lettered two hundred innocent messages at
a limit of ten. So each redelivered message is handled alone, after its attempt was committed.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection, delete, select, update

from hub.broker import Delivery
from hub.outflow import deadletters
from hub.store import Store, insert_new, tables

_log = structlog.get_logger(__name__)
SOLO_ATTEMPTS: Final = 3


class SoloAttempts:
    """The count of solo attempts per message, kept by the digest of its bytes. One worker's."""

    def __init__(self, store: Store) -> None:
        """Counts live in the store: a killed worker remembers nothing else."""
        self._store = store
        self._survived: list[bytes] = []
        self._excused: set[bytes] = set()

    def exhausted(self, delivery: Delivery, *, now: datetime) -> bool:
        """Commit one more attempt; True when this message has had all of them, and now lies among the dead letters."""
        digest = _digest(delivery)
        mine = tables.solo_attempts.c.body_sha256 == digest
        with self._store.write() as tx:
            self._forget(tx)
            insert_new(tx, tables.solo_attempts, body_sha256=digest, attempts=0)
            before = tx.execute(select(tables.solo_attempts.c.attempts).where(mine).with_for_update()).scalar_one()
            exhausted = before >= SOLO_ATTEMPTS and digest not in self._excused
            if exhausted:
                deadletters.keep_poison(tx, delivery, now)
            elif digest not in self._excused:
                tx.execute(update(tables.solo_attempts).where(mine).values(attempts=before + 1))
        self._survived = []
        self._excused.discard(digest)
        if exhausted:
            _log.error("message.set_aside", queue=delivery.queue, source=delivery.user_id)
        return exhausted

    def excuse(self, delivery: Delivery) -> None:
        """The attempt failed for no fault of the message: the next one is not counted."""
        self._excused.add(_digest(delivery))

    def survived(self, delivery: Delivery) -> None:
        """The message was handled; its attempts are forgotten with the next attempt, or with `flush`."""
        self._survived.append(_digest(delivery))

    def flush(self) -> None:
        """Forget the attempts of what was handled."""
        if self._survived:
            with self._store.write() as tx:
                self._forget(tx)
            self._survived = []

    def _forget(self, tx: Connection) -> None:
        if self._survived:
            tx.execute(delete(tables.solo_attempts).where(tables.solo_attempts.c.body_sha256.in_(self._survived)))


def tried_alone(tx: Connection, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Which of these were begun alone by some worker, and not finished."""
    digests = {_digest(each): each for each in deliveries}
    if not digests:
        return []
    column = tables.solo_attempts.c.body_sha256
    return [digests[found] for found in tx.execute(select(column).where(column.in_(digests))).scalars()]


def _digest(delivery: Delivery) -> bytes:
    return hashlib.sha256(delivery.body).digest()
