"""How far a renewal is, in words: who is next, since when, and whether anything has to be carried. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pages.wording import mark as _


class Next(StrEnum):
    """Who or what is next."""

    AUTHORITY = "authority"
    CARRIED = "carried"
    CARD = "card"
    DIRECTORY = "directory"


WORDS: Final = {
    Next.AUTHORITY: _("续期申请已交到中枢，自 {since} 起等发证机构签发，不必带文件。"),
    Next.CARRIED: _("续期申请自 {since} 起等人送到发证机构：renewal/request.json。"),
    Next.CARD: _("新证书已装好，新登记卡 renewal/card.json 还没有交给中枢（自 {since} 起）。"),
    Next.DIRECTORY: _("新登记卡自 {since} 起已在中枢，目录更新后自动换用。"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A renewal that is under way."""

    next: Next
    since: datetime
    trouble: str
    """Code of what keeps the hub from taking the file over the network; empty when nothing does."""
