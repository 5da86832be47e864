"""Checks the whole operators' record, line by line, and names what was done to it.

A chain shows every line that was changed, taken out, put in or moved. It cannot show that its end was cut off, or that
all of it was written anew: for that, whoever looks on writes down a line's number and digest now and then, and says
them to the next check.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from hub.record.noting import BEGINNING, FIELDS, digest
from hub.record.tables import operator_record
from schemas.errors import YunhuobanError, declare

CHANGED: Final = declare(
    "E-RECORD-001",
    "操作记录第 {place} 条与它的摘要不符：它或它前面的一条被改过。",
    "请封存数据库，由审计员与备份和日志中的摘要逐条核对，查明是谁改的。",
)
MISSING: Final = declare(
    "E-RECORD-002",
    "操作记录缺少第 {place} 条。",
    "请封存数据库，由审计员从备份中找回这一条，查明是谁删的。",
)
NOT_AS_KNOWN: Final = declare(
    "E-RECORD-003",
    "操作记录第 {place} 条不是以前抄下的那一条：记录被重写过，或者末尾被截掉。",
    "请核对抄下的编号与摘要；无误时请封存数据库，由审计员查明原因。",
)
KNOWN_WRONG: Final = declare("E-RECORD-004", "抄下的编号与摘要读不懂。", "请写成 编号:摘要，摘要是 64 位十六进制数。")

_DIGEST_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A line as somebody wrote it down earlier."""

    number: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Known":
        """Read `NUMBER:DIGEST`. Raises E-RECORD-004."""
        number, _, said = text.strip().lower().partition(":")
        if not (number.isascii() and number.isdecimal()) or len(said) != _DIGEST_CHARACTERS:
            raise YunhuobanError(KNOWN_WRONG, place="known")
        return cls(number=int(number), digest=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found; whole when nothing was."""

    lines: int
    digest: str
    """Of the last line, to be written down; empty while there is none."""
    findings: tuple[YunhuobanError, ...]


def verify(tx: Connection, known: Known | None = None) -> Checked:
    """Go through all lines. Whatever is wrong is a finding with its code, E-RECORD-001 to -003, and its number."""
    findings: list[YunhuobanError] = []
    before, expected, count, as_known = BEGINNING, 1, 0, known is None
    for row in _lines(tx):
        if row.number != expected:
            findings.append(YunhuobanError(MISSING, place=str(expected)))
        made = digest({name: getattr(row, name) for name in FIELDS}, before)
        if row.number == expected and made != row.digest:
            findings.append(YunhuobanError(CHANGED, place=str(row.number)))
        if known is not None and row.number == known.number:
            as_known = row.digest.hex() == known.digest
        before, expected, count = bytes(row.digest), row.number + 1, count + 1
    if known is not None and not as_known:
        findings.append(YunhuobanError(NOT_AS_KNOWN, place=str(known.number)))
    return Checked(lines=count, digest=before.hex() if count else "", findings=tuple(findings))


def _lines(tx: Connection) -> Iterator[Any]:
    """One after the other; a record of years is not held in memory at once."""
    yield from tx.execution_options(stream_results=True).execute(select(operator_record).order_by("number"))
