"""Whether the content of a message is still kept: after its case has ended it is made unreadable by rule.

The row stays with digest, signature, receipt and times: they prove what happened and name nobody.
"""

from typing import Any, Final

from schemas.errors import YunhuobanError, declare

NOT_KEPT: Final = declare(
    "E-KEEP-001",
    "这个办件已经办结，报文的内容过了保存期限，已按规定清除。",
    "办件的编号、时间和回执还在；要看内容，请到本县自己的系统或档案里查。",
)


def is_kept(row: Any) -> bool:
    """Whether a row of inbox or outbox has its record still; one that was never opened has none yet."""
    return bool(row.record_sealed != b"")


def demand_kept(row: Any) -> None:
    """Raises E-KEEP-001 for one that was cleared."""
    if not is_kept(row):
        raise YunhuobanError(NOT_KEPT, place=row.case_no)
