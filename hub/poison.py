"""Finding the message that kills the worker: the third time it does so alone, it is set aside.

The broker's delivery limit cannot do this: a crash loop of eleven kills dead-lettered two hundred innocent messages at
a limit of ten. So each redelivered message is handled alone, after its attempt was committed.
"""

import hashlib
import json
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import delete, insert, select, update

from hub import deadletters
from hub.broker import Delivery
from hub.store import Store, tables

_log = structlog.get_logger(__name__)
SOLO_ATTEMPTS: Final = 3


class SoloAttempts:
    """The count of solo attempts per message, kept by the digest of its bytes."""

    def __init__(self, store: Store) -> None:
        """Counts live in the store: a killed worker remembers nothing else."""
        self._store = store

    def exhausted(self, delivery: Delivery, *, now: datetime) -> bool:
        """Commit one more attempt; True when this message has already had all of them and is to be set aside."""
        digest = hashlib.sha256(delivery.body).digest()
        mine = tables.solo_attempts.c.body_sha256 == digest
        with self._store.write() as tx:
            before = tx.execute(select(tables.solo_attempts.c.attempts).where(mine)).scalar()
            if before is None:
                tx.execute(insert(tables.solo_attempts).values(body_sha256=digest, attempts=1))
                return False
            if before < SOLO_ATTEMPTS:
                tx.execute(update(tables.solo_attempts).where(mine).values(attempts=before + 1))
                return False
            deadletters.keep(
                tx,
                queue=delivery.queue,
                source=delivery.user_id or "",
                message_id=delivery.message_id or "",
                reason="poison",
                body=delivery.body,
                headers=json.dumps({name: str(value) for name, value in delivery.headers.items()}),
                now=now,
            )
            tx.execute(delete(tables.solo_attempts).where(mine))
        _log.error("message.set_aside", queue=delivery.queue, source=delivery.user_id)
        return True

    def survived(self, delivery: Delivery) -> None:
        """The message was handled; forget its attempts."""
        digest = hashlib.sha256(delivery.body).digest()
        with self._store.write() as tx:
            tx.execute(delete(tables.solo_attempts).where(tables.solo_attempts.c.body_sha256 == digest))
