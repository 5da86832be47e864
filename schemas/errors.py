"""The one error root: a stable code, a sentence for the person who meets it, and what to do.

Chinese is the source language of every sentence (it is also the gettext msgid); `pages.wording` turns an
error into Chinese or English. A code is declared once, next to the place that raises it, so that the list of
all codes is the list of all places (`declared`).
"""

import re
from dataclasses import dataclass
from typing import Final

_SHAPE: Final = re.compile(r"E-[A-Z]{2,7}-[0-9]{3}")
_DECLARED: Final[dict[str, "Code"]] = {}


@dataclass(frozen=True, slots=True)
class Code:
    """A stable refusal or error code, `E-<AREA>-<nnn>`, that counties may program against.

    `sentence` and `remedy` are Chinese and may hold `{placeholders}`; no placeholder ever takes personal data.
    """

    code: str
    sentence: str
    remedy: str

    @property
    def area(self) -> str:
        """The middle part of the code, which names the part of the system that speaks."""
        return self.code.split("-")[1]

    def __str__(self) -> str:
        """Return the bare code, the only form that goes into logs and onto the wire."""
        return self.code


def declare(code: str, sentence: str, remedy: str) -> Code:
    """Declare a code once. Raises ValueError when its shape is wrong or it is taken: a mistake of the programmer."""
    if not _SHAPE.fullmatch(code):
        raise ValueError(f"not of the shape E-AREA-nnn: {code}")
    if code in _DECLARED:
        raise ValueError(f"declared twice: {code}")
    _DECLARED[code] = Code(code, sentence, remedy)
    return _DECLARED[code]


def declared() -> dict[str, Code]:
    """Every code declared by the modules imported so far, by its name."""
    return dict(_DECLARED)


class YunhuobanError(Exception):
    """Something a person has to know about, with its place, what was found and what was expected.

    `found` and `expected` are shown to people and travel in refusals: they never hold a name, an identity number,
    a key or the body of a license. `params` fill the placeholders of the code's sentences.
    """

    def __init__(self, code: Code, *, place: str = "", found: str = "", expected: str = "", **params: str) -> None:
        """Keep the facts; the text of the exception is the code and the place only, so that it may be logged."""
        super().__init__(f"{code.code} {place}".rstrip())
        self.code = code
        self.place = place
        self.found = found
        self.expected = expected
        self.params = params
