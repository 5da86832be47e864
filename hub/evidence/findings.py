"""What a check of the journal found wrong: one line each, in both languages."""

from dataclasses import dataclass, field
from typing import Final

from hub.views.bilingual import both

MOST: Final = 100
"""A gap makes everything after it wrong; a person needs the first lines, not the last million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it must be."""

    sentence: str
    """Chinese, a msgid."""
    place: str
    """Table and key of the row."""
    found: str = ""
    expected: str = ""

    def __str__(self) -> str:
        """Both languages, the place, and what was found."""
        parts = [both(self.sentence), self.place, self.found, self.expected and f"→ {self.expected}"]
        return " · ".join(part for part in parts if part)


@dataclass(slots=True)
class Findings:
    """Collects them."""

    all: list[Finding] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether nobody would read any more of them."""
        return len(self.all) >= MOST

    def add(self, sentence: str, place: str, *, found: str = "", expected: str = "") -> None:
        """One more."""
        self.all.append(Finding(sentence=sentence, place=place, found=found, expected=expected))
