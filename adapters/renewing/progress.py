"""How far a renewal is, for whoever looks: who is next, since when, and whether anything has to be carried."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from adapters.instants import from_millis
from adapters.renewing import nextkeys
from adapters.renewing.online.posted import Posted
from adapters.renewing.renewer import Stage, standing
from adapters.renewing.request import CARD, REQUEST
from adapters.settings import CountySettings
from certs import files
from pages.wording import mark as _
from schemas.errors import YunhuobanError
from schemas.renewing.files import RenewalRequest, SignedRequest


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


def progress(settings: CountySettings, now: datetime) -> Progress | None:
    """None when nothing is under way, or it cannot be read, which others say."""
    try:
        stage = standing(settings, now).stage
        kept = settings.certificates / nextkeys.NEXT / REQUEST
        if stage not in {Stage.ASKED, Stage.ANSWERED} or not kept.exists():
            return None
        signed = SignedRequest.read(files.read(kept))
        posted = Posted.load(settings.certificates, signed.sha256.hex())
        if stage is Stage.ASKED and posted.kept_at:
            return Progress(next=Next.AUTHORITY, since=from_millis(posted.kept_at), trouble=posted.trouble)
        if stage is Stage.ASKED:
            made_at = from_millis(RenewalRequest.read(signed.body).made_at)
            return Progress(next=Next.CARRIED, since=made_at, trouble=posted.trouble)
        if posted.card_at:
            return Progress(next=Next.DIRECTORY, since=from_millis(posted.card_at), trouble=posted.trouble)
        card = settings.renewal / CARD
        written = datetime.fromtimestamp(card.stat().st_mtime, tz=now.tzinfo) if card.exists() else now
        return Progress(next=Next.CARD, since=written, trouble=posted.trouble)
    except (OSError, YunhuobanError):
        return None
