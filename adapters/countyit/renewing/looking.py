"""How far this county's renewal is, read off its files."""

from datetime import datetime

from adapters.countyit.renewing import nextkeys
from adapters.countyit.renewing.online.posted import Posted
from adapters.countyit.renewing.progress import Next, Progress
from adapters.countyit.renewing.renewer import Stage, standing
from adapters.countyit.renewing.request import CARD, REQUEST
from adapters.instants import from_millis
from adapters.settings import CountySettings
from certs import files
from schemas.errors import YunhuobanError
from schemas.renewing.files import RenewalRequest, SignedRequest


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
