"""A message that takes the place of one which was admitted, and which its destination cannot open or read any more.

The destination destroyed the key (KEY_BURNT), or went back to an older version of the contract, after the hub had
admitted the first one. What the first one meant for the case and the print ledger stands; the second carries the same
step again, encrypted for another key or written in another version, and changes nothing. So it must say the same: same
type, case and destination, same clear facts. Of a destination that has opened the first form meanwhile the second asks
nothing more than its signature. What its destination refused for any other reason does not stand (`takingback`): what
takes its place may say anything, and is judged like any message.
"""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from hub.intake import refusals
from hub.intake.recall import Recall
from hub.store import tables
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.standing import refused_for_good

SAME: Final = ("type", "case_no", "destination", "service_item", "trial", "facts", "attachments")
"""What both forms must say alike."""
_messages = tables.messages
_FIRST: Final = select(_messages.c.body).where(
    _messages.c.source == bindparam("source"), _messages.c.message_id == bindparam("message_id")
)
_REFUSALS: Final = select(_messages.c.body).where(
    _messages.c.case_no == bindparam("case_no"),
    _messages.c.source == bindparam("destination"),
    _messages.c.type == "message.refused",
    _messages.c.in_reply_to == bindparam("message_id"),
    _messages.c.state == "admitted",
)


def carries_again(tx: Connection, envelope: Envelope, recall: Recall) -> bool:
    """Whether this is the second form of an admitted message.

    False when it supersedes nothing, or something that was refused, here or by its destination: then it is judged like
    any message. Raises E-ADM-058 when it would take the place of a message that stands.

    The county that went back cannot tell anybody what it cannot read: another version than the first one's, which check
    12 has found to be one that it reads, is reason enough.
    """
    if envelope.supersedes is None:
        return False
    first = recall.message(envelope.source, envelope.supersedes)
    if first is None or first.state != "admitted":
        return False
    before = Envelope.parse(
        tx.execute(_FIRST, {"source": envelope.source, "message_id": envelope.supersedes}).scalar_one()
    )
    of = {"case_no": before.case_no, "destination": before.destination, "message_id": before.id}
    words = [Envelope.parse(body) for body in tx.execute(_REFUSALS, of).scalars()]
    if any(refused_for_good(word) for word in words):
        return False
    for name in SAME:
        if getattr(before, name) != getattr(envelope, name):
            raise YunhuobanError(refusals.SUPERSEDES_WRONG, place=name)
    if written_in(before) != written_in(envelope):
        return True
    if not words:
        raise YunhuobanError(refusals.SUPERSEDES_WRONG, place="supersedes", found=envelope.supersedes)
    return True


def written_in(envelope: Envelope) -> tuple[str, str]:
    """In which version of the contract a message is written."""
    return envelope.dataschema, envelope.contract
