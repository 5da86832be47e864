"""A notice of maintenance as the directory carries it: text that anybody can read, and a first line for machines.

    2026-11-28T12:00:00+00:00/2026-11-28T14:00:00+00:00
    消息服务升级，期间报文在各县发件箱等候。
    The message service is upgraded; meanwhile messages wait in the counties' outboxes.

The contract says of a notice that it is UTF-8 and no more: one of another form is shown as it stands.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from schemas.errors import YunhuobanError, declare

NO_TIMES: Final = declare(
    "E-OPS-080",
    "维护的起止时间不对：要写明日期和时刻，结束晚于开始，还没有过去，并且在九十天之内。",
    "请写成 2026-11-28T20:00（北京时间），或带时区的 2026-11-28T12:00+00:00。",
)
NO_WORDS: Final = declare(
    "E-OPS-081",
    "维护通知要有中文和英文各一行，每行三百字以内。",
    "请用 --zh 和 --en 各写一行；不要写任何申请人的信息，所有的县都看得到。",
)
MOST_CHARACTERS: Final = 300
MOST_DAYS: Final = 90
_LINES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is announced. Times are UTC; a notice of another form has none."""

    from_at: datetime | None
    to_at: datetime | None
    zh: str
    en: str

    def write(self) -> bytes:
        """Its value in the directory. Raises E-OPS-080 or E-OPS-081."""
        if self.from_at is None or self.to_at is None or not self.from_at < self.to_at:
            raise YunhuobanError(NO_TIMES, place="from, to", expected="from < to")
        for place, text in (("zh", self.zh), ("en", self.en)):
            if not (0 < len(text) <= MOST_CHARACTERS and text.isprintable() and text.strip()):
                raise YunhuobanError(NO_WORDS, place=place, found=str(len(text)), expected=f"1 … {MOST_CHARACTERS}")
        times = "/".join(each.astimezone(UTC).isoformat(timespec="seconds") for each in (self.from_at, self.to_at))
        return f"{times}\n{self.zh}\n{self.en}".encode()

    def is_over(self, now: datetime) -> bool:
        """Whether it need not be shown any more."""
        return self.to_at is not None and self.to_at <= now


def read(value: bytes) -> Notice:
    """A notice from the directory, whatever is in it."""
    text = value.decode(errors="replace")
    lines = text.split("\n")
    try:
        begins, ends = (datetime.fromisoformat(each) for each in lines[0].split("/"))
        if len(lines) == _LINES and begins.tzinfo is not None and ends.tzinfo is not None:
            return Notice(from_at=begins, to_at=ends, zh=lines[1], en=lines[2])
    except ValueError:
        pass  # no such first line: somebody else's form
    shown = text[: MOST_CHARACTERS * 2]
    return Notice(from_at=None, to_at=None, zh=shown, en=shown)
