"""Local sources: what a county's own system writes, read record by record, without ever losing one.

A source remembers nothing between two polls but the cursor that its caller keeps: the same cursor gives the same
records again, so the caller commits a record and the new cursor in one transaction. Records may come twice (a late
commit, a file delivered again); the caller's unique (source, key) makes that harmless.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from schemas.errors import YunhuobanError, declare

CURSOR_UNREADABLE = declare(
    "E-SRC-001", "读取位置的记录已损坏。", "请把该来源的读取位置清空，从头再读；已读过的记录不会重复上报。"
)


@dataclass(frozen=True, kw_only=True)
class LocalRecord:
    """One row of a county's own table or file."""

    kind: str
    """The table or the kind of file, as the mapping names it."""
    key: str
    """Stable and unique within the source, however often the record is read."""
    row: Mapping[str, object]
    """Column name to value, as the local system keeps it."""
    place: str
    """Where a person finds it: 表 up_pro_accept 行 row_guid=… / 文件 ….csv 第 3 行."""
    children: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    """Rows of other tables that belong to this one, by table."""


@dataclass(frozen=True)
class Batch:
    """What one poll found."""

    records: Sequence[LocalRecord]
    cursor: str
    """To be kept with the records, and given to the next poll. Equal to the last one when nothing new was found."""
    failures: Sequence[YunhuobanError] = ()
    """Rows and files that cannot be read. The new cursor has passed them: each is reported once."""


class Source(Protocol):
    """Anything that can be polled for local records."""

    name: str

    def poll(self, cursor: str | None, limit: int) -> Batch:
        """Return at most `limit` records after the cursor (None: from the beginning).

        Raises YunhuobanError when the whole source cannot be reached; then nothing has moved.
        """
        ...

    def close(self) -> None:
        """Give back connections, and close what was opened; `poll` opens it again."""
        ...
