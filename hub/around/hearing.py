"""What was said in one case or matter, from the messages of the journal, as far as it counts here. Pure reading."""

from typing import Final

from sqlalchemy import Connection, select

from hub.around.saying import WANTED, Said, needs_facts
from hub.instants import from_millis
from hub.store import tables
from hub.views.ladder import leaf_index
from schemas.envelope import Envelope
from schemas.leaf import ADMITTED

REFUSED: Final = "message.refused"
_messages = tables.messages.c


def said(tx: Connection, case_no: str) -> list[Said]:
    """In the order of the journal; what its destination refused was never said."""
    chosen = select(
        _messages.message_id,
        _messages.type,
        _messages.source,
        _messages.destination,
        _messages.in_reply_to,
        _messages.admitted_at,
        _messages.body,
        _messages.evidence,
    ).where(_messages.case_no == case_no, _messages.verdict == ADMITTED, _messages.type.in_(WANTED))
    found = sorted(tx.execute(chosen), key=lambda row: leaf_index(row.evidence) or 0)
    refused = {(row.destination, row.in_reply_to) for row in found if row.type == REFUSED}
    return [
        Said(
            type=row.type,
            source=row.source,
            at=from_millis(row.admitted_at),
            facts=(Envelope.parse(row.body).facts or {}) if needs_facts(row.type) else {},
        )
        for row in found
        if row.type != REFUSED and (row.source, row.message_id) not in refused
    ]
