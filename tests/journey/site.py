"""One application that runs for somebody to look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Site:
    """One application that runs: how it is entered, and its pages by name."""

    origin: str
    paths: Mapping[str, str]
    address: Callable[[], str] = str
    """Gives a new one-time address; nothing where nobody signs in."""


def made(folder: Path) -> Path:
    """A new folder."""
    folder.mkdir(parents=True)
    return folder
