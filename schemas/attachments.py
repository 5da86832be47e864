"""Attachments: into which parts a file is cut, what of them the envelope announces, and how much a case may carry.

A file is encrypted part by part under a key of its own (`certs.attachments`), and the ciphertext of every part but the
last is `PART_BYTES` long: from the announced size everybody knows how many parts there are and how long each is. The
envelope announces each part's digest, so that whoever has no key (the hub), and whoever has one, tells a part that was
altered when it comes, and not after a hundred megabytes. Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.errors import YunhuobanError, declare

PART_BYTES: Final = 512 * 1024
"""The longest ciphertext of one part (design §4)."""
TAG_BYTES: Final = 16
"""What a part grows by when it is encrypted."""
MOST_CASE_BYTES: Final = 100 * 1024 * 1024
"""Of all files of one case together, before encryption (design §4)."""
CREDIT: Final = 16
"""How many parts a county may have asked another one for that have not come yet (design §4)."""
WHOLE: Final = -1
"""In the place of a part's number: the attachment as a whole."""

REQUESTED: Final = "attachment.requested"
PART: Final = "attachment.part"
REFUSED: Final = "attachment.refused"
RECORDS: Final[Mapping[str, str]] = {
    REQUESTED: "AttachmentRequest",
    PART: "AttachmentPart",
    REFUSED: "AttachmentRefusal",
}
"""What passes outside an envelope on the road of parts, and its record."""
CARRYING: Final = frozenset({"application.submitted", "supplement.provided"})
"""The types of messages that may announce attachments: those that bring materials."""

NONE_HERE: Final = declare("E-ENV-012", "这类报文不能带附件。", "只有申请与补正可以带材料的附件；请清空 attachments。")
MISSHAPEN: Final = declare(
    "E-ENV-013",
    "附件的大小与分片摘要的个数不符，或同一附件列了两次。",
    "请按每片 512 KiB 切分，为每一片写一个摘要，每个附件用自己的密钥加密并只列一次。",
)
TOO_LARGE: Final = declare(
    "E-ENV-014", "一个办件的附件合计超过了 {most} MB。", "请降低扫描的分辨率，或删去不需要的文件后重新报送。"
)
FILES_DIFFER: Final = declare(
    "E-ENV-113", "正文里材料的文件与信封上的附件不一致。", "请发送方核对：每个附件属于一个材料，大小与摘要相同。"
)


def parts_of(ciphertext_bytes: int) -> int:
    """How many parts an attachment has."""
    return -(-ciphertext_bytes // PART_BYTES)


def part_bytes(ciphertext_bytes: int, part: int) -> int:
    """How long the ciphertext of one part is."""
    return min(PART_BYTES, ciphertext_bytes - part * PART_BYTES)


def plain_bytes(ciphertext_bytes: int) -> int:
    """How long the file is; below nought when nothing can have that ciphertext."""
    return ciphertext_bytes - TAG_BYTES * parts_of(ciphertext_bytes)


def check(message_type: str, attachments: Sequence[Mapping[str, Any]]) -> None:
    """See that what an envelope announces can be so. Raises E-ENV-012 to -014."""
    if not attachments:
        return
    if message_type not in CARRYING:
        raise YunhuobanError(NONE_HERE, place="attachments", found=str(len(attachments)), expected="0")
    seen = {each["ciphertext_sha256"] for each in attachments}
    for each in attachments:
        size, digests = each["ciphertext_bytes"], len(each["part_sha256"])
        last = part_bytes(size, digests - 1) if digests else 0
        if digests != parts_of(size) or last <= TAG_BYTES:
            expected = f"ceil({size} / {PART_BYTES})"
            raise YunhuobanError(MISSHAPEN, place="attachments[].part_sha256", found=str(digests), expected=expected)
    if len(seen) != len(attachments):
        raise YunhuobanError(MISSHAPEN, place="attachments[].ciphertext_sha256", found="2", expected="1")
    check_total(attachments)


def check_total(attachments: Sequence[Mapping[str, Any]]) -> None:
    """See that the attachments of one case are not too much; what is announced again counts once. Raises E-ENV-014."""
    sizes = {each["ciphertext_sha256"]: plain_bytes(each["ciphertext_bytes"]) for each in attachments}
    total = sum(sizes.values())
    if total > MOST_CASE_BYTES:
        most = str(MOST_CASE_BYTES // 1024 // 1024)
        raise YunhuobanError(
            TOO_LARGE, place="attachments", found=f"{total} B", expected=f"<= {MOST_CASE_BYTES} B", most=most
        )


def check_files(message_type: str, record: Mapping[str, Any], attachments: Sequence[Mapping[str, Any]]) -> None:
    """See that the files inside `data` are the attachments outside, one to one and in order. Raises E-ENV-113.

    A license's files are inside as a whole: they are none of these.
    """
    files = record["files"] if message_type in CARRYING else ()
    if len(files) != len(attachments):
        raise YunhuobanError(FILES_DIFFER, place="files", found=str(len(files)), expected=str(len(attachments)))
    for number, (file, announced) in enumerate(zip(files, attachments, strict=True)):
        same = file["ciphertext_sha256"] == announced["ciphertext_sha256"]
        fits = file["size_bytes"] == plain_bytes(announced["ciphertext_bytes"])
        if not same or not fits or not 0 <= file["material"] < len(record["materials"]):
            raise YunhuobanError(FILES_DIFFER, place=f"files[{number}]", expected=f"attachments[{number}]")
