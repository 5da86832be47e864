"""From the hub's answer to the county's card: certificates installed, where the hub is written down, the card made."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.identity import Identity, card
from adapters.joining import accepting, hubsection
from adapters.settings import CountySettings
from certs import files


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of an answer."""

    card: bytes
    section: str
    """What a person has to change in `county.toml`; empty when nothing is left to do."""


def finish(settings: CountySettings, answer: bytes, *, out: Path, now: datetime) -> Finished:
    """Read the answer in and write the card. Raises what `accepting.accept` does, and E-CERT-002."""
    accepted = accepting.accept(settings, answer, now=now)
    section = hubsection.write(settings, accepted.answer)
    text = card(settings, Identity.load(settings), now=now, challenge=accepted.challenge).encode()
    files.write_atomically(out, text)
    return Finished(text, section)


def card_place(settings: CountySettings) -> Path:
    """Where the card lies unless somebody wants it elsewhere."""
    return settings.folder / "card.json"
