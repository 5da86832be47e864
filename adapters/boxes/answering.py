"""The county's signed words about messages it was given: *received*, and *refused* with code, place and remedy."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from adapters.boxes.outbox import Draft, Outbox
from adapters.directory.directoryview import DirectoryView
from pages import wording
from schemas.envelope import Envelope, derived_id
from schemas.errors import YunhuobanError


def sign_for(
    tx: Connection, row: Any, envelope: Envelope, *, box: Outbox, directory: DirectoryView | None, now: datetime
) -> None:
    """The signed *received* that lets the sender close its outbox row; notices are not receipted."""
    if envelope.kind.chained:
        record = {"message_id": envelope.id, "envelope_sha256": row.envelope_sha256, "received_at": now}
        box.put(tx, _word("message.received", envelope, record), directory, now)


def refuse(
    tx: Connection,
    envelope: Envelope,
    error: YunhuobanError,
    *,
    box: Outbox,
    directory: DirectoryView | None,
    now: datetime,
) -> None:
    """The signed refusal that tells the sender why; said once per message, and never about a notice."""
    if not envelope.kind.chained:
        return
    zh, en = wording.sentence(error, "zh"), wording.sentence(error, "en")
    record = {
        "message_id": envelope.id,
        "code": error.code.code,
        "field": _fitting(error.place, 120),
        "found": _fitting(error.found, 400),
        "expected": _fitting(error.expected, 400),
        "sentence_zh": _fitting(zh.sentence, 600),
        "remedy_zh": _fitting(zh.remedy, 600),
        "sentence_en": _fitting(en.sentence, 900),
        "remedy_en": _fitting(en.remedy, 900),
        "refused_at": now,
    }
    box.put(tx, _word("message.refused", envelope, record), directory, now)


def _word(message_type: str, about: Envelope, record: dict[str, Any]) -> Draft:
    return Draft(
        type=message_type,
        case_no=about.case_no,
        destination=about.source,
        service_item=about.service_item,
        trial=about.trial,
        record=record,
        in_reply_to=about.id,
        message_id=derived_id(about.id, message_type),
        patient=True,
    )


def _fitting(text: str, most_bytes: int) -> str:
    """The text within the field's size, cut between characters."""
    return text.encode()[:most_bytes].decode(errors="ignore")
