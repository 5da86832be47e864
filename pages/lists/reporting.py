"""The report of an expert review as PDF/A-2b: opinions with their drawn signatures, and how to verify each of them.

Chinese, as the files of a hall are; the same bytes for the same data.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Final

from pages.lists import drawing

_TEMPLATE: Final = "report.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One expert's part of the report."""

    head: str
    """Number, name and post."""
    result: str
    text: str
    points: Sequence[Sequence[str]]
    """Point, result and note of each."""
    signature: bytes | None = field(repr=False)
    """PNG; None when it was signed on paper."""
    signed: str
    """When and under which message."""


def report(
    *,
    title: str,
    subtitle: str,
    made: date,
    facts: Sequence[tuple[str, str]],
    opinions: Sequence[Opinion],
    notes: Sequence[tuple[str, Sequence[str]]],
    footer: str,
) -> bytes:
    """The whole file; `notes` are headings with their lines. Raises E-PAGE-140, -141 or -142."""
    told = [
        {**asdict(each), "signature": list(each.signature) if each.signature is not None else []} for each in opinions
    ]
    job: dict[str, object] = {
        "title": title,
        "subtitle": subtitle,
        "made": [made.year, made.month, made.day],
        "font": drawing.FONT,
        "facts": [list(each) for each in facts],
        "opinions": told,
        "notes": [[heading, list(lines)] for heading, lines in notes],
        "footer": footer,
    }
    return drawing.compiled(_TEMPLATE, job)
