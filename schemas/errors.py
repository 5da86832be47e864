"""The one error root: a stable code, a sentence for the person who meets it, and what to do.

Chinese is the source language of every sentence (it is also the gettext msgid); `pages.wording` turns an
error into Chinese or English. A code is declared once, next to the place that raises it, so that the list of
all codes is the list of all places (`declared`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SHAPE: Final = re.compile(r"E-[A-Z]{2,7}-[0-9]{3}")
_DECLARED: Final[dict[str, "Code"]] = {}
_DEEPEST: Final = 5  # what stands behind an error is shown this far: further down is the library's own affair


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

    It has three readers (`pages.wording.Sentence`): the clerk is told sentence and remedy, county IT also place,
    `found`, `expected` and the `causes`, the log keeps code and place. `found` and `expected` are shown to people and
    travel in refusals: they never hold a name, an identity number, a key or the body of a license. `params` fill the
    placeholders of the code's sentences.
    """

    def __init__(self, code: Code, *, place: str = "", found: str = "", expected: str = "", **params: str) -> None:
        """Keep the facts; the text of the exception is the code and the place only, so that it may be logged."""
        super().__init__(f"{code.code} {place}".rstrip())
        self.code = code
        self.place = place
        self.found = found
        self.expected = expected
        self.params = params


def causes(error: BaseException) -> tuple[str, ...]:
    """What stands behind an error, nearest first: the types of its causes, and the codes of those that are ours.

    Never their texts: a library's may quote a citizen. A cause that was cut off with `from None` is none.
    """
    behind = tuple(_behind(error))
    if isinstance(error, BaseExceptionGroup):
        behind += tuple(map(type_name, error.exceptions[:_DEEPEST]))
    return behind


def type_name(error: BaseException) -> str:
    """The type of an exception with its module, as a programmer looks it up."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _behind(error: BaseException) -> Iterator[str]:
    seen = [error]
    while len(seen) < _DEEPEST:
        following = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if following is None or following in seen:
            return
        seen.append(following)
        error = following
        yield f"{type_name(error)} {error.code.code}" if isinstance(error, YunhuobanError) else type_name(error)
