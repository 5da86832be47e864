"""What follows at the hub when a destination refuses a step that was admitted: it is taken back.

The case goes back to where it stands without it (`schemas.standing`), so that the sender can correct it and send it
anew. What was said to restrain holds all the same: a license's state and a revocation are the issuing county's, and a
sheet's outcome is paper. An authorisation that its window has refused is never printed and ends as revoked.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from hub.printing import printledger
from hub.store import tables
from schemas.codec import decode
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState, begun
from schemas.standing import Standing

_messages = tables.messages
_ADMITTED: Final = select(_messages.c.body, _messages.c.evidence).where(
    _messages.c.case_no == bindparam("case_no"), _messages.c.state == "admitted"
)


def take_back(tx: Connection, word: Envelope, batch: Iterable[Envelope], stood: CaseState, now: datetime) -> CaseState:
    """Where the case stands after this refusal. `batch` are the case's messages admitted in this transaction."""
    standing = Standing()
    for each in (*_stored(tx, word.case_no), *batch, word):
        if (each.source, each.id) == (word.destination, word.in_reply_to) and each.type == "print.authorised":
            printledger.not_taken(tx, (each.facts or {})["authorisation_no"], now)
        try:
            standing.take(each)
        except YunhuobanError:
            continue  # after a restore steps may stand in another order than they were first admitted in
    return standing.state or begun(stood)


def _stored(tx: Connection, case_no: str) -> list[Envelope]:
    """What was admitted before, in the journal's order."""
    rows = tx.execute(_ADMITTED, {"case_no": case_no}).all()
    places = [decode(row.evidence, "AdmissionReceipt")["entries"][0]["leaf_index"] for row in rows]
    return [Envelope.parse(row.body) for _, row in sorted(zip(places, rows, strict=True), key=lambda pair: pair[0])]
