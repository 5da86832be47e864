"""One dead letter opened as far as the hub can: the envelope's clear fields, what became of it, and its correction.

The hub has no key for content. A mapping that was put right is tried where the content can be read, in the county
(`adapter replay`); here is shown what would be sent again and, when the sender has sent a correction since, in which
clear fields the two differ. Pure reading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from hub.instants import from_millis
from hub.outflow import deadletters
from hub.outflow.deadletters import envelope_of
from hub.replaying.choosing import Letter, letter_of
from hub.store import tables
from schemas.envelope import Envelope
from schemas.errors import Code

CLEAR: Final = (
    "id", "type", "source", "destination", "case_no", "service_item", "prev", "in_reply_to", "supersedes", "time",
    "expires", "trial", "dataschema", "contract", "suite", "traceparent",
)  # fmt: skip
"""What of an envelope is shown; `data` and its commitment are not."""
ALWAYS_OTHERWISE: Final = frozenset({"id", "time", "expires", "traceparent", "supersedes"})
"""In these any two messages differ; a correction's differences are elsewhere."""
_messages: Final = tables.messages
_MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A clear field in which a correction differs."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What the sender has sent in its place, or after it in the same case and of the same type."""

    message_id: str
    admitted_at: datetime
    verdict: str
    names_it: bool
    """Whether it says itself that it takes this one's place."""
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Everything that is known of one letter."""

    letter: Letter
    fields: Mapping[str, str]
    """Clear fields by name; empty for the hub's own words and for what is no envelope."""
    bytes: int
    received_at: datetime | None
    """When its destination signed for it, on another way than this."""
    refusals: Sequence[str]
    """Codes with which its destination refused it."""
    correction: Correction | None
    why_not: Code | None
    """Why it cannot be sent again."""


def opened(tx: Connection, number: str, now: datetime) -> Opened | None:
    """One letter; None when there is none of this number."""
    row = tx.execute(select(tables.dead_letters).where(tables.dead_letters.c.id == number)).one_or_none()
    if row is None:
        return None
    envelope = envelope_of(row.body)
    sent = _messages.c
    mine = select(sent.received_at).where(sent.source == row.source, sent.message_id == row.message_id)
    received = tx.execute(mine).scalar_one_or_none()
    return Opened(
        letter=letter_of(row),
        fields=clear(envelope) if envelope else {},
        bytes=len(row.body),
        received_at=from_millis(received) if received is not None else None,
        refusals=_refusals(tx, envelope) if envelope else (),
        correction=_correction(tx, envelope) if envelope else None,
        why_not=deadletters.why_not(row, now),
    )


def clear(envelope: Envelope) -> dict[str, str]:
    """The clear fields and facts as text; of attachments how many and how large, of the content how large."""
    fields = {name: _said(getattr(envelope, name)) for name in CLEAR}
    facts = {f"facts.{name}": _said(value) for name, value in (envelope.facts or {}).items()}
    sizes = {"attachments": str(len(envelope.attachments)), "data": f"{len(envelope.data)} B"}
    return {**{name: value for name, value in fields.items() if value}, **facts, **sizes}


def differences(before: Envelope, after: Envelope) -> list[Difference]:
    """In which clear fields two messages differ, those apart in which all do."""
    old, new = clear(before), clear(after)
    names = [name for name in dict.fromkeys([*old, *new]) if name not in ALWAYS_OTHERWISE]
    pairs = [(name, old.get(name, ""), new.get(name, "")) for name in names]
    return [Difference(field=name, before=one, after=other) for name, one, other in pairs if one != other]


def _refusals(tx: Connection, envelope: Envelope) -> list[str]:
    sent = _messages.c
    words = select(sent.body).where(
        sent.case_no == envelope.case_no,
        sent.source == envelope.destination,
        sent.type == "message.refused",
        sent.in_reply_to == envelope.id,
    )
    said = [envelope_of(body) for body in tx.execute(words.order_by(sent.admitted_at).limit(_MOST)).scalars()]
    return [str((each.facts or {}).get("code", "")) for each in said if each]


def _correction(tx: Connection, envelope: Envelope) -> Correction | None:
    """The newest message that takes its place; without one, the newest of its type that came after it in its case."""
    if not envelope.case_no:
        return None
    sent = _messages.c
    later = select(_messages).where(
        sent.case_no == envelope.case_no,
        sent.source == envelope.source,
        sent.destination == envelope.destination,
        sent.type == envelope.type,
        sent.message_id != envelope.id,
        sent.state != "refused",
    )
    found = [(row, envelope_of(row.body)) for row in tx.execute(later.order_by(sent.admitted_at.desc()).limit(_MOST))]
    after = [(row, each) for row, each in found if each and each.time >= envelope.time]
    chosen = next((pair for pair in after if pair[1].supersedes == envelope.id), after[0] if after else None)
    return _told(envelope, *chosen) if chosen else None


def _told(before: Envelope, row: Any, after: Envelope) -> Correction:
    return Correction(
        message_id=after.id,
        admitted_at=from_millis(row.admitted_at),
        verdict=row.verdict,
        names_it=after.supersedes == before.id,
        differences=differences(before, after),
    )


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex()
    return "" if value is None else str(value)
