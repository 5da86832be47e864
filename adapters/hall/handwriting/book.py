"""Keeps drawn signatures, sealed and bound to the message that each belongs to."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from adapters.hall.handwriting.tables import handwriting
from adapters.identity import Identity
from adapters.instants import to_millis


def keep(
    tx: Connection, identity: Identity, *, message_id: str, case_no: str, picture: bytes, by: str, now: datetime
) -> None:
    """Keep one, in the transaction of its message."""
    tx.execute(
        insert(handwriting).values(
            message_id=message_id,
            case_no=case_no,
            picture_sealed=identity.storage.seal(picture, place=f"handwriting/{message_id}"),
            taken_by=by,
            drawn_at=to_millis(now),
        )
    )


def of_message(tx: Connection, identity: Identity, message_id: str) -> bytes | None:
    """The picture that belongs to a message, if there is one and it is kept still."""
    sealed = tx.execute(
        select(handwriting.c.picture_sealed).where(handwriting.c.message_id == message_id)
    ).scalar_one_or_none()
    return None if not sealed else identity.storage.open(sealed, place=f"handwriting/{message_id}")
