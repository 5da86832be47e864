"""What admitted envelopes announce of attachments: whose they are, for whom, how long each part is and its digest."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from hub.store import tables
from schemas.attachments import CARRYING, part_bytes
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError

_REMEMBERED: Final = 256
"""Messages; each has at most some ten kilobytes of digests."""
_messages = tables.messages.c
_WANTED: Final = select(_messages.body).where(
    _messages.source == bindparam("source"),
    _messages.message_id == bindparam("message_id"),
    _messages.state == "admitted",
    _messages.type.in_(sorted(CARRYING)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """One attachment."""

    ciphertext_bytes: int
    part_sha256: Sequence[bytes]

    def length(self, part: int) -> int:
        """Of one part."""
        return part_bytes(self.ciphertext_bytes, part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One message's attachments."""

    source: str
    destination: str
    case_no: str
    attachments: Sequence[Announced]


class Announcements:
    """Looks them up, and remembers those of the last few messages: what was admitted does not change."""

    def __init__(self) -> None:
        """Nothing is remembered yet."""
        self._found: OrderedDict[tuple[str, str], Announcement] = OrderedDict()

    def of(self, tx: Connection, source: str, message_id: str) -> Announcement | None:
        """What a message announces; None when no such message was admitted, or its bytes are not kept any more."""
        key = (source, message_id)
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        body = tx.execute(_WANTED, {"source": source, "message_id": message_id}).scalar()
        found = _read(body) if body else None
        if found is not None:
            self._found[key] = found
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        return found


def _read(body: bytes) -> Announcement | None:
    try:
        envelope = Envelope.parse(body)
    except YunhuobanError:  # what is kept of it is not the whole message any more
        return None
    return Announcement(
        source=envelope.source,
        destination=envelope.destination,
        case_no=envelope.case_no,
        attachments=[
            Announced(ciphertext_bytes=each["ciphertext_bytes"], part_sha256=tuple(each["part_sha256"]))
            for each in envelope.attachments
        ],
    )
