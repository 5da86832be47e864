"""One code explained for its three readers, in one language: what the web page, the command and the document say.

The example goes the way of a real error (`pages.wording`, `pages.logs`), so that what is shown here is what is shown
there.
"""

import json
from dataclasses import dataclass
from typing import Final

from pages import logs, wording
from pages.codes.areas import AREAS, Area
from pages.codes.book import Entry, Site
from pages.wording import Sentence
from pages.wording import mark as _
from schemas.errors import Code, YunhuobanError

LOG_RULE: Final = _("日志只留下列出的字段；实际值与应为值从不进日志。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a page says of a code."""

    code: str
    area: Area
    clerk: Sentence
    """Sentence and remedy as the clerk is shown them; what is filled in on the spot stands in braces."""
    example: Sentence | None
    """What county IT was shown once: place, found and expected; None when no example is kept."""
    log: str
    """The line that the log kept of it, as JSON."""
    sites: tuple[Site, ...]


def explain(entry: Entry, language: str) -> Explanation:
    """Explain one code in a language."""
    sentence, remedy = entry.said(language)
    error = _as_raised(entry)
    return Explanation(
        code=entry.code,
        area=AREAS[entry.area],
        clerk=Sentence(sentence=sentence, remedy=remedy, code=entry.code),
        example=wording.sentence(error, language) if entry.example else None,
        log=json.dumps(logs.kept(error), ensure_ascii=False),
        sites=entry.sites,
    )


def _as_raised(entry: Entry) -> YunhuobanError:
    """The error of the example; its sentences are those of the book, whoever declares them being loaded or not."""
    braces = {name: f"{{{name}}}" for name in wording.placeholders(entry.sentence + entry.remedy)}
    details = {"place": "", "found": "", "expected": ""}
    if entry.example is not None:
        details = {"place": entry.example.place, "found": entry.example.found, "expected": entry.example.expected}
    code = Code(entry.code, entry.sentence, entry.remedy)
    return YunhuobanError(code, **details, **{n: text for n, text in braces.items() if n not in details})
