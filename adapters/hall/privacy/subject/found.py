"""What a search finds: one row per thing that is held, and who looked at any of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from adapters.hall.revealing.book import Look
from adapters.hall.revealing.showing import Field
from pages.wording import mark as _


class Kind(StrEnum):
    """Where it is held."""

    CASE = "case"
    SENT = "sent"
    RECEIVED = "received"
    LICENSE = "license"
    PRINT = "print"
    HAND_OVER = "hand_over"
    SIGNATURE = "signature"
    TAKING = "taking"
    SCAN = "scan"
    WAITING = "waiting"
    PUSHED = "pushed"
    LOCAL = "local"
    NOTICE = "notice"
    ACCOUNT = "account"


KINDS: Final[Mapping[Kind, str]] = {
    Kind.CASE: _("办件"),
    Kind.SENT: _("发出的报文"),
    Kind.RECEIVED: _("收到的报文"),
    Kind.LICENSE: _("证照文件"),
    Kind.PRINT: _("打印账"),
    Kind.HAND_OVER: _("交付登记"),
    Kind.SIGNATURE: _("手写签名"),
    Kind.TAKING: _("窗口收件与草稿"),
    Kind.SCAN: _("材料扫描件"),
    Kind.WAITING: _("等候报送的本地记录"),
    Kind.PUSHED: _("推送来还没有读的内容"),
    Kind.LOCAL: _("写回本地系统的内容"),
    Kind.NOTICE: _("通知"),
    Kind.ACCOUNT: _("同名的登录账号"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing. Its fields are masked unless the search was for an export."""

    kind: Kind
    place: str
    """A case, an authorisation, an id: nothing personal."""
    said: str
    """A type, a state, a digest."""
    at: datetime | None
    fields: Sequence[Field] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything about one person or body."""

    number: str = field(repr=False)
    """Masked unless revealed."""
    names: Sequence[str] = field(repr=False)
    cases: Sequence[str]
    found: Sequence[Found]
    looks: Sequence[Look]

    def of(self, kind: Kind) -> Sequence[Found]:
        """What is held in one place."""
        return [each for each in self.found if each.kind is kind]
