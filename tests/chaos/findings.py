"""What the checker says: problems, each under the name of its rule, and the numbers that a report of a run shows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What sort of harm a problem is."""

    LOST = "lost"  # acknowledged, journalled or due by what went before, and not there
    DOUBLED = "doubled"  # there more often than once
    INVENTED = "invented"  # there, and nothing caused it; or refused, and there all the same
    REORDERED = "reordered"  # applied before what its sender said first
    DISAGREEMENT = "disagreement"  # two books say different things of the same
    UNFINISHED = "unfinished"  # nothing is lost yet, but the run ended and something still waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong."""

    rule: str
    kind: Kind
    case: str
    """Case number, local number or authorisation number; empty where none is meant."""
    found: str
    expected: str


@dataclass(slots=True)
class Report:
    """The verdict on one run: good when there is no problem at all."""

    cases: int
    """Cases that the hub opened."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every rule held."""
        return not self.problems

    @property
    def lost(self) -> int:
        """How many things are lost."""
        return self._number(Kind.LOST)

    @property
    def doubled(self) -> int:
        """How many things are there twice."""
        return self._number(Kind.DOUBLED)

    @property
    def invented(self) -> int:
        """How many things nothing caused."""
        return self._number(Kind.INVENTED)

    @property
    def reordered(self) -> int:
        """How many things came before their predecessor."""
        return self._number(Kind.REORDERED)

    def rules(self) -> Counter[str]:
        """How often each rule was broken."""
        return Counter(each.rule for each in self.problems)

    def numbers(self) -> Mapping[str, Any]:
        """For a JSON file: the five numbers, and how often each rule was broken."""
        return {
            "cases": self.cases,
            "lost": self.lost,
            "doubled": self.doubled,
            "invented": self.invented,
            "reordered": self.reordered,
            "problems": len(self.problems),
            "rules": dict(sorted(self.rules().items())),
        }

    def __str__(self) -> str:
        """For a person: one line a problem."""
        lines = [
            f"{each.kind} {each.rule} {each.case}: found {each.found}, expected {each.expected}"
            for each in self.problems
        ]
        return "\n".join([f"{self.cases} cases, {len(self.problems)} problems", *lines])

    def _number(self, kind: Kind) -> int:
        return sum(each.kind is kind for each in self.problems)
