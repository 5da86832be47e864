"""How much a case carries: what all its admitted messages announce of attachments stays within the case's limit.

The files themselves never come here (`hub.parts`). What is announced twice, by a message that takes the place of an
earlier one, counts once.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select

from hub.store import tables
from schemas.attachments import CARRYING, check_total
from schemas.envelope import Envelope

_messages = tables.messages.c
_BEFORE: Final = select(_messages.body).where(
    _messages.case_no == bindparam("case_no"),
    _messages.state == "admitted",
    _messages.type.in_(sorted(CARRYING)),
)


def check(tx: Connection, envelope: Envelope, batch: Sequence[Envelope]) -> None:
    """See that a message's attachments fit into its case; `batch` are admitted already and not stored yet.

    Raises E-ENV-014. Costs nothing for a message without attachments.
    """
    if not envelope.attachments:
        return
    stored = [Envelope.parse(body) for body in tx.execute(_BEFORE, {"case_no": envelope.case_no}).scalars() if body]
    others = [*stored, *(each for each in batch if each.case_no == envelope.case_no)]
    check_total([*envelope.attachments, *(one for each in others for one in each.attachments)])
