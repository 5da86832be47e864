"""The sending side: what another county asks for of a message of ours is sent as it lies in the store, part by part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from adapters.attachments import sealing
from adapters.boxes import outbox
from schemas import codec
from schemas.attachments import PART, REFUSED, WHOLE
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare

GONE: Final = declare(
    "E-PART-010",
    "发送方已经没有这个附件：它随办件按保存期限擦除，或报文不是发送方的。",
    "需要时请申请人重新提交；请两县核对保存期限，让附件在擦除前传完。",
)

FindFile = Callable[[Connection, bytes], str | None]
"""The id of the file whose ciphertext has a digest, in this county's store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One record on its way to whoever asked."""

    word: str
    case_no: str
    body: bytes


def reply(tx: Connection, asked: Mapping[str, Any], part: int, find: FindFile) -> Reply | None:
    """One part that was asked for, or that it is gone; None for what no message of ours announces: nobody is to ask.

    The hub has checked that whoever asks is the message's destination.
    """
    row = outbox.find(tx, asked["message_id"])
    announced = _announced(row, asked["attachment"]) if row is not None else None
    if announced is None:
        return None
    about = {name: asked[name] for name in ("source", "message_id", "attachment")}
    file_id = find(tx, announced["ciphertext_sha256"])
    data = sealing.part_of(tx, file_id, part) if file_id is not None else None
    if data is None:
        body = codec.encode("AttachmentRefusal", about | {"part": WHOLE, "code": GONE.code})
        return Reply(word=REFUSED, case_no=row.case_no, body=body)
    return Reply(
        word=PART, case_no=row.case_no, body=codec.encode("AttachmentPart", about | {"part": part, "data": data})
    )


def _announced(row: Any, number: int) -> Mapping[str, Any] | None:
    try:
        attachments = Envelope.parse(row.body).attachments
    except YunhuobanError:
        return None
    return attachments[number] if 0 <= number < len(attachments) else None
