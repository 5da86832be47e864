"""What stands in the book of codes, how it is kept as a file, and how a person looks something up in it."""

import difflib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from pages import wording
from schemas.errors import YunhuobanError, declare

UNKNOWN_CODE: Final = declare(
    "E-PAGE-050", "没有这样的代码。", "请照抄屏幕、回执或日志中的代码，写全或只写一部分都可以；什么都不写则列出全部。"
)
FILE: Final = "codes.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What came out once: Chinese as it was raised, persons masked. A field is empty where the code has none."""

    place: str = ""
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One place of the source that raises, refuses with or shows a code."""

    file: str
    """`hub/intake/refusals.py`."""
    function: str
    """`LocalReader.run_once`, or empty outside a function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One declared code. Sentence and remedy are Chinese, as in `schemas.errors.Code`."""

    code: str
    sentence: str
    remedy: str
    declared_in: str
    """A file of the source tree, `hub/intake/refusals.py`."""
    sites: tuple[Site, ...]
    """In alphabetical order."""
    example: Example | None = None

    @property
    def area(self) -> str:
        """The middle part of the code."""
        return self.code.split("-")[1]

    @property
    def raised_in(self) -> tuple[str, ...]:
        """The files that raise, refuse with or show it."""
        return tuple(dict.fromkeys(site.file for site in self.sites))

    def said(self, language: str) -> tuple[str, str]:
        """Sentence and remedy in a language, with their placeholders still in braces."""
        return _unfilled(self.sentence, language), _unfilled(self.remedy, language)


def written(entries: Sequence[Entry]) -> str:
    """The book as the text of its file, one line to each code, so that two changes to it meet only where they must."""
    lines = [json.dumps(asdict(entry), ensure_ascii=False) for entry in entries]
    return "[\n" + ",\n".join(lines) + "\n]\n"


@cache
def installed() -> tuple[Entry, ...]:
    """Every code of the whole system, sorted, as both sides are installed. Read once per process."""
    text = resources.files("pages.codes").joinpath(FILE).read_text(encoding="utf-8")
    return tuple(_entry(each) for each in json.loads(text))


def matching(found: Sequence[Entry], words: str) -> list[Entry]:
    """The codes that contain what a person typed, in any case, with or without `E-`. Raises E-PAGE-050 for none."""
    wanted = words.strip().upper()
    chosen = [entry for entry in found if wanted in entry.code]
    if not chosen:
        nearest = difflib.get_close_matches(wanted, [entry.code for entry in found], n=1)
        raise YunhuobanError(UNKNOWN_CODE, expected=nearest[0] if nearest else "E-ADM-041")
    return chosen


def one(found: Sequence[Entry], code: str) -> Entry:
    """The entry of exactly this code, in any case. Raises E-PAGE-050."""
    chosen = [entry for entry in found if entry.code == code.strip().upper()]
    if not chosen:
        raise YunhuobanError(UNKNOWN_CODE)
    return chosen[0]


def _entry(data: dict[str, Any]) -> Entry:
    example = data.pop("example")
    sites = tuple(Site(**each) for each in data.pop("sites"))
    return Entry(**data, sites=sites, example=Example(**example) if example else None)


def _unfilled(text: str, language: str) -> str:
    return wording.say(text, language, **{name: f"{{{name}}}" for name in wording.placeholders(text)})
