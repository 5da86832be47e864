"""What the partner directory and the matrix of items and counties show, as frozen records and one protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

THROUGH: Final = "through"
"""Passed `adapter test` in the version that the county is written to; the others say what is lacking."""
STATES: Final = (THROUGH, "not_tested", "failed", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """One county that joined; whom to telephone stands in `hub county list` only."""

    code: str
    name: str
    state: str
    contract: Sequence[str]  # the versions it states to read, the newest first
    alliances: Sequence[str]  # names of those that it belongs to today
    counts: Mapping[str, int]  # of its items by state
    window: str  # how far its own window is, by the same states


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One service item, and how far it is at each county that offers it."""

    basic: str
    name: str
    cells: Mapping[str, str]  # division code → state


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The items of one alliance and its counties; without a catalogue, everything that anybody offers."""

    alliance: str
    alliances: Mapping[str, str]  # id → name
    counties: Mapping[str, str]  # division code → name, in the order of codes
    items: Sequence[ItemRow]


class PartnersSource(Protocol):
    """Where the two pages get their rows."""

    def partners(self) -> Sequence[PartnerRow]:
        """Every county, in the order of codes."""

    def matrix(self, alliance: str) -> Matrix:
        """The items of an alliance; of the first one where none is named or it is not known."""
