"""What is kept of applications no longer than it has to be: wiped after the county's terms, with a record of each time.

A draft that nobody touches goes as a whole. Of a taken application text and scans go, with those of its supplement,
when its case has been at an end for the term, or was refused and not corrected; numbers stay, and so do the messages,
which have rules of their own. The record says how much went and the digest of the sealed bytes, nothing personal:
whoever has a copy from before (a backup) can tell that these bytes were meant. Source: PIPL art. 19 and 47.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update

from adapters.attachments import sealing
from adapters.attachments.tables import parts
from adapters.hall.taking import scans as scan_book
from adapters.hall.taking.fields import OPENING
from adapters.hall.taking.tables import scans, takings, wipes
from adapters.instants import from_millis, to_millis
from adapters.store import Store, tables
from schemas.attachments import parts_of
from schemas.lifecycle import ENDED

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 50
"""Applications of one transaction; the loop comes again at once while there is more."""
_SHOWN: Final = 200


class Why(StrEnum):
    """Which term had passed."""

    DRAFT = "draft"
    """Nobody had touched a draft that was never sent."""
    ENDED = "ended"
    """The case had ended, or was refused and not corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiped:
    """One row of the record."""

    at: datetime
    why: str
    applications: int
    scans: int
    size_bytes: int
    sha256: str
    cleared_at: datetime | None
    """When the bytes had left the store's files, too."""


class Wiper:
    """The loop's step."""

    def __init__(
        self, *, store: Store, clock: Callable[[], datetime], drafts_kept: timedelta, taken_kept: timedelta
    ) -> None:
        """`drafts_kept` counts from the last touch, `taken_kept` from the last message of a case at its end."""
        self._store = store
        self._clock = clock
        self._terms = ((Why.DRAFT, _old_drafts, drafts_kept), (Why.ENDED, _ended, taken_kept))

    def run_once(self) -> int:
        """Wipe what is due; returns how many applications. Raises E-STORE-002."""
        now = self._clock()
        done = sum(self._wipe(why, due(to_millis(now - kept)), now) for why, due, kept in self._terms)
        self._reclose(now)
        self._clear()
        return done

    def _wipe(self, why: Why, due: Select[Any], now: datetime) -> int:
        with self._store.read() as tx:
            if tx.execute(due.limit(1)).first() is None:
                return 0
        with self._store.write() as tx:
            mine = list(tx.execute(due.limit(_AT_ONCE).with_for_update(of=takings)).scalars())
            more = select(takings.c.draft_id).where(takings.c.supplement_of.in_(mine))
            every = [*mine, *tx.execute(more).scalars()]
            found = _weighed(tx, every)
            scan_book.forget(tx, every)
            these = takings.c.draft_id.in_(every)
            tx.execute(delete(takings).where(these, takings.c.message_id.is_(None)))  # never sent: nothing of it stays
            tx.execute(update(takings).where(these).values(typed_sealed=b"", wiped_at=to_millis(now)))
            tx.execute(insert(wipes).values(wiped_at=to_millis(now), why=why.value, applications=len(mine), **found))
        _log.info("taking.wiped", rule=why.value, application_count=len(mine), scan_count=found["scans"])
        return len(mine)

    def _reclose(self, now: datetime) -> None:
        """What was opened for correction and left lying is a refused application again, and no draft."""
        _why, _due, kept = self._terms[0]
        left = takings.c.taken.is_(False) & takings.c.message_id.is_not(None)
        old = left & (takings.c.changed_at < to_millis(now - kept))
        with self._store.read() as tx:
            if tx.execute(select(takings.c.draft_id).where(old).limit(1)).first() is None:
                return
        with self._store.write() as tx:
            tx.execute(update(takings).where(old).values(taken=True))

    def _clear(self) -> None:
        """Let the bytes leave the store's files; tried again the next time while somebody reads what was before."""
        left = wipes.c.cleared_at.is_(None)
        with self._store.read() as tx:
            if tx.execute(select(wipes.c.id).where(left).limit(1)).first() is None:
                return
        if self._store.clear_deleted([takings.name, scans.name, parts.name]):
            with self._store.write() as tx:
                tx.execute(update(wipes).where(left).values(cleared_at=to_millis(self._clock())))


def record(tx: Connection) -> Sequence[Wiped]:
    """What was wiped, newest first."""
    rows = tx.execute(select(wipes).order_by(wipes.c.id.desc()).limit(_SHOWN))
    return [
        Wiped(
            at=from_millis(row.wiped_at),
            why=row.why,
            applications=row.applications,
            scans=row.scans,
            size_bytes=row.size_bytes,
            sha256=row.sha256.hex(),
            cleared_at=from_millis(row.cleared_at) if row.cleared_at is not None else None,
        )
        for row in rows
    ]


def _old_drafts(limit: int) -> Select[Any]:
    never_sent = takings.c.taken.is_(False) & takings.c.message_id.is_(None)
    return select(takings.c.draft_id).where(never_sent, takings.c.changed_at < limit)


def _ended(limit: int) -> Select[Any]:
    """Taken applications without anything new since: their case has ended, or none of their messages counts."""
    cases, box, inbox = tables.cases.c, tables.outbox.c, tables.inbox.c
    last_out = select(func.max(box.created_at)).where(box.case_no == takings.c.case_no).scalar_subquery()
    last_in = select(func.max(inbox.applied_at)).where(inbox.case_no == takings.c.case_no).scalar_subquery()
    ended = select(cases.case_no).where(
        cases.case_no == takings.c.case_no, cases.state.in_([each.value for each in ENDED])
    )
    counts = select(box.seq).where(box.case_no == takings.c.case_no, box.type == OPENING, box.state != "refused")
    return select(takings.c.draft_id).where(
        takings.c.taken,
        takings.c.supplement_of.is_(None),
        takings.c.wiped_at.is_(None),
        takings.c.taken_at < limit,
        func.coalesce(last_out, 0) < limit,
        func.coalesce(last_in, 0) < limit,
        or_(ended.exists(), ~counts.exists()),
    )


def _weighed(tx: Connection, draft_ids: Sequence[str]) -> dict[str, Any]:
    """How many scans, how many bytes, and the digest over the digests of what is sealed, in the order of their ids."""
    digest, size = hashlib.sha256(), 0
    texts = select(takings.c.draft_id, takings.c.typed_sealed).where(takings.c.draft_id.in_(draft_ids))
    for draft_id, sealed in tx.execute(texts.order_by(takings.c.draft_id)).all():
        digest.update(f"{draft_id}:{hashlib.sha256(sealed).hexdigest()}\n".encode())
        size += len(sealed)
    ids = select(scans.c.scan_id, scans.c.ciphertext_bytes).where(scans.c.draft_id.in_(draft_ids))
    files = tx.execute(ids.order_by(scans.c.scan_id)).all()
    for scan_id, ciphertext_bytes in files:
        whole = hashlib.sha256()
        for sealed in sealing.sealed_parts(tx, scan_id, parts_of(ciphertext_bytes)):  # up to a hundred megabytes
            whole.update(sealed)
        digest.update(f"{scan_id}:{whole.hexdigest()}\n".encode())
        size += ciphertext_bytes
    return {"scans": len(files), "size_bytes": size, "sha256": digest.digest()}
