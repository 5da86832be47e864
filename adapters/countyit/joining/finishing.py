"""From the hub's answer to the county's card: certificates installed, where the hub is written down, the card made."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from adapters.countyit.joining import accepting, hubsection
from adapters.countyit.joining.memory import Joining
from adapters.identity import Identity, card
from adapters.settings import CountySettings
from certs import files


def finish(settings: CountySettings, answer: bytes, *, out: Path, now: datetime) -> bytes:
    """Read the answer in and write the card, which is returned. Raises what `accepting.accept` does, and E-CERT-002."""
    accepted = accepting.accept(settings, answer, now=now)
    section = hubsection.write(settings, accepted.answer)
    replace(Joining.load(settings.certificates), section=section).save(settings.certificates)
    text = card(settings, Identity.load(settings), now=now, challenge=accepted.challenge).encode()
    files.write_atomically(out, text)
    return text


def card_place(settings: CountySettings) -> Path:
    """Where the card lies unless somebody wants it elsewhere."""
    return settings.folder / "card.json"
