"""The words people read: Chinese in the code is the source, one gettext catalogue holds the English.

A sentence stands once, in Chinese, where it is used; there it is marked (`mark`, `errors.declare`, `_("…")` in a
template) and is its own msgid. The catalogue is read from `locale/<language>/LC_MESSAGES/yunhuoban.po` as text, so that
nothing compiled lies in the repository; `python -m pages.catalogue` prints what it lacks.
Format: GNU gettext PO, read with Babel. Placeholders are `{name}` and nothing else: no attribute of an object is ever
reached from a translated text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from babel.messages.pofile import read_po

from schemas.errors import YunhuobanError

SOURCE_LANGUAGE: Final = "zh"
LANGUAGES: Final = ("zh", "en")
_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What a person sees of an error, in their language. Every field may be shown; none holds personal data."""

    code: str
    sentence: str
    found: str
    expected: str
    remedy: str
    place: str


def mark(text: str) -> str:
    """Return the text as it is; the call marks it for the catalogue."""
    return text


def say(text: str, language: str = SOURCE_LANGUAGE, **params: object) -> str:
    """The marked text in a language, its placeholders filled; what is not translated is said in Chinese.

    A placeholder without a value becomes a dash: a missing detail must never hide the sentence itself.
    """
    template = text if language == SOURCE_LANGUAGE else translations(language).get(text, text)
    return _fill(template, params)


def sentence(error: YunhuobanError, language: str = SOURCE_LANGUAGE) -> Sentence:
    """The sentence of an error, what was found and expected, and what to do about it."""
    params = {"place": error.place, "found": error.found, "expected": error.expected, **error.params}
    return Sentence(
        code=error.code.code,
        sentence=say(error.code.sentence, language, **params),
        found=error.found,
        expected=error.expected,
        remedy=say(error.code.remedy, language, **params),
        place=error.place,
    )


@cache
def translations(language: str) -> Mapping[str, str]:
    """Every msgid of the catalogue with its text, empty for a language that has none. Read once per process."""
    file = resources.files("pages").joinpath("locale", language, "LC_MESSAGES", "yunhuoban.po")
    if language not in LANGUAGES or not file.is_file():
        return {}
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string}


def placeholders(text: str) -> frozenset[str]:
    """The names of the placeholders in a text."""
    return frozenset(_PLACEHOLDER.findall(text))


def _fill(template: str, params: Mapping[str, object]) -> str:
    def value(match: re.Match[str]) -> str:
        text = str(params.get(match[1], ""))
        return text or "—"

    return _PLACEHOLDER.sub(value, template)
