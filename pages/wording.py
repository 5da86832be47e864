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

from schemas import loggable
from schemas.errors import YunhuobanError, causes
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.masking import masked_phone

SOURCE_LANGUAGE: Final = "zh"
LANGUAGES: Final = ("zh", "en")
_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_IDENTITY: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
_MOBILE: Final = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What people see of an error, in their language. Every field may be shown; none holds personal data.

    The clerk is shown the first three; county IT opens the others below them. What the log keeps of the same error is
    `pages.logs.kept`.
    """

    sentence: str
    remedy: str
    code: str
    place: str = ""
    found: str = ""
    expected: str = ""
    causes: tuple[str, ...] = ()
    """What stands behind it, nearest first: types and codes (`schemas.errors.causes`)."""

    @property
    def has_details(self) -> bool:
        """Whether there is anything for county IT to open."""
        return any((self.place, self.found, self.expected, self.causes))


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
    place, found, expected = without_persons(error.place), shown(error.found), shown(error.expected)
    params = {name: shown(value) for name, value in error.params.items()}
    params = {"place": place, "found": found, "expected": expected, **params}
    return Sentence(
        sentence=say(error.code.sentence, language, **params),
        remedy=say(error.code.remedy, language, **params),
        code=error.code.code,
        place=place,
        found=found,
        expected=expected,
        causes=causes(error),
    )


def shown(text: str) -> str:
    """What was found or expected, as it may be shown: numbers of persons masked, keys and passwords taken out.

    Whoever raises an error keeps persons out of it; this holds where somebody forgot, or a county wrote a number into
    the wrong column.
    """
    return loggable.scrub(without_persons(text))


def without_persons(text: str) -> str:
    """A text with identity and mobile numbers masked; a long number that is none stays: a row's key may be one."""
    return _MOBILE.sub(lambda match: masked_phone(match[0]), _IDENTITY.sub(_hidden, text))


def _hidden(match: re.Match[str]) -> str:
    try:
        return CitizenNumber.parse(match[0]).masked()
    except YunhuobanError:
        return match[0]


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
