"""What became of a taken application: how far its message is, and if it was refused, why, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from adapters.boxes import outbox
from adapters.case import caselist
from adapters.directory.directoryview import DirectoryView
from adapters.hall.desk.view import CaseLine
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.fields import OPENING
from adapters.instants import from_millis
from adapters.store import tables


class Rung(StrEnum):
    """How far the application is."""

    KEPT = "kept"
    """In this county's outbox: the line is down, or it has only just been pressed."""
    SENT = "sent"
    """On the broker; the hub has said nothing yet."""
    ADMITTED = "admitted"
    RECEIVED = "received"
    """The issuing county has signed for it."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why it came back, as the hub or the issuing county says it in both languages."""

    code: str
    sentence: str
    remedy: str
    sentence_en: str
    remedy_en: str
    place: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A taken application at one moment."""

    rung: Rung
    since: datetime
    case: CaseLine | None
    refusals: Sequence[Refusal] = ()

    @property
    def refused(self) -> bool:
        """Whether it can be corrected and sent anew."""
        return self.rung is Rung.REFUSED


_RUNGS = {
    "draft": Rung.KEPT,
    "waiting": Rung.KEPT,
    "sent": Rung.SENT,
    "admitted": Rung.ADMITTED,
    "received": Rung.RECEIVED,
}


def standing(tx: Connection, draft: Draft, directory: DirectoryView | None, county: str, now: datetime) -> Standing:
    """Of an application that was pressed; the message that counts may be one that was written anew by itself."""
    case = caselist.find(tx, draft.case_no, directory, county, now)
    rung, since = rung_of(tx, draft, OPENING)
    said = refusals(tx, draft.case_no) if rung is Rung.REFUSED else ()
    return Standing(rung=rung, since=since, case=case, refusals=said)


def rung_of(tx: Connection, draft: Draft, message_type: str) -> tuple[Rung, datetime]:
    """How far the case's message of this type is, and since when; what was pressed and does not count is refused."""
    counts = outbox.newest_good(tx, draft.case_no, message_type)
    if counts is None:
        return Rung.REFUSED, draft.taken_at or draft.changed_at
    return _RUNGS[counts.state], from_millis(counts.received_at or counts.admitted_at or counts.created_at)


def refusals(tx: Connection, case_no: str, message_id: str = "") -> Sequence[Refusal]:
    """Why messages of a case came back, or why this one did."""
    troubles = tables.troubles
    mine = troubles.c.key == f"message/{message_id}" if message_id else troubles.c.key.startswith("message/")
    rows = tx.execute(
        select(troubles).where(troubles.c.case_no == case_no, mine).order_by(troubles.c.seen_at, troubles.c.id)
    )
    return [refusal(row) for row in rows]


def refusal(row: Any) -> Refusal:
    """A trouble of the node as pages show it."""
    return Refusal(
        code=row.code,
        sentence=row.sentence,
        remedy=row.remedy,
        sentence_en=row.sentence_en,
        remedy_en=row.remedy_en,
        place=row.place,
        found=row.found,
        expected=row.expected,
    )
