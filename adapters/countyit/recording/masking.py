"""Masks the records of one recording together, so that what was equal stays equal and nothing of a person is left.

1. Every value of a column that the contract calls personal is an original; columns that the mapping does not use count
   as personal, too.
2. An original is exchanged by what it is: a number with its check (`numbers`), an address below the township, else
   character by character (`characters`). The same value becomes the same wherever it stands, also within other texts.
3. What is public stays, except the numbers and originals in it.
4. Nothing is handed out in which an original is found: then a new key is drawn, and in the end the record is left out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from adapters.countyit.recording import characters, columns, numbers
from adapters.countyit.recording.columns import Columns, Holds, Pieces
from adapters.countyit.recording.originals import Originals
from adapters.countyit.recording.pseudonyms import Pseudonyms
from adapters.countyit.suggesting import codes
from adapters.local.mapping.functions.plain import blank, text_of
from adapters.local.mapping.rules import Rules
from adapters.local.sources import LocalRecord
from schemas.errors import YunhuobanError
from schemas.identifiers.masking import HIDDEN, masked_address

_HALF_WIDTH: Final = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_FULL_WIDTH: Final = {half: full for full, half in _HALF_WIDTH.items()}
_OF_ADDRESSES: Final = "省市区县乡镇路街巷道号村组楼室栋幢弄层单元"
_SEPARATORS: Final = str.maketrans("", "", " -")
_PREFIXED: Final = re.compile(r"\+?86(?=1[3-9][0-9]{9}$)")
_LONGEST_DAY: Final = 30
_DRAWS: Final = 5
_TRIES: Final = 50


def mask(rules: Rules, records: Sequence[LocalRecord]) -> list[LocalRecord | None]:
    """Each record masked; None for one that no key hides."""
    masked: list[LocalRecord | None] = []
    for _ in range(_DRAWS):
        masking = _Masking(rules, records)
        masked = [masking.masked(number, record) for number, record in enumerate(records, start=1)]
        if None not in masked:
            break
    return masked


class _Masking:
    """One draw."""

    def __init__(self, rules: Rules, records: Sequence[LocalRecord]) -> None:
        self._rules = rules
        self._words = columns.vocabulary(rules)
        self._pseudonyms = Pseudonyms()
        self._columns: dict[str, Columns] = {}
        self._originals = Originals(self._words)
        self._public: set[str] = set()
        self._holds: dict[str, Holds] = {}
        self._known: dict[str, str] = {}
        for record in records:
            self._walk(record, self._note)

    def masked(self, number: int, record: LocalRecord) -> LocalRecord | None:
        """The record with every cell exchanged; None when an original is still in it."""
        found = self._walk(record, self._value)
        record = replace(found, key=f"{record.kind}|{number}", place=f"第 {number} 条")
        return None if any(map(self._originals.within, _texts([record.row, record.children]))) else record

    # -- every cell of a record ---------------------------------------------------------------------------------

    def _walk(self, record: LocalRecord, cell: Callable[[Any, Holds], Any]) -> LocalRecord:
        known = self._columns.setdefault(record.kind, columns.of(self._rules, record.kind))
        row = {
            name: _pieces(value, known.pieces[name], cell)
            if name in known.pieces
            else cell(value, known.row.get(name, Holds.UNKNOWN))
            for name, value in record.row.items()
        }
        children = {
            table: [
                {
                    name: cell(value, known.children.get(table, {}).get(name, Holds.UNKNOWN))
                    for name, value in each.items()
                }
                for each in rows
            ]
            for table, rows in record.children.items()
        }
        return replace(record, row=row, children=children)

    # -- first: what is personal, what is public ----------------------------------------------------------------

    def _note(self, value: Any, holds: Holds) -> Any:
        try:
            text = text_of(value).translate(_HALF_WIDTH).strip()
        except YunhuobanError:
            return value
        if isinstance(value, bool) or not blank(text):
            return value
        if holds == Holds.PUBLIC:
            self._public.add(text)
        elif holds > Holds.PUBLIC:
            core = _core(text)
            if not (numbers.is_credit(core) and numbers.credit(core, self._pseudonyms) == core):  # a public body
                self._originals.add(text)
                self._originals.add(core)
                self._holds[text] = max(holds, self._holds.get(text, holds))
        return value

    # -- then: every value exchanged ----------------------------------------------------------------------------

    def _value(self, value: Any, holds: Holds) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value, holds)
        if isinstance(value, bytes):
            return bytes(len(value))
        if isinstance(value, list | tuple):
            return [self._value(each, holds) for each in value]
        if isinstance(value, dict):
            return {name: self._value(each, holds) for name, each in value.items()}
        if holds == Holds.PUBLIC:
            return value
        return self._unwritten(value)

    def _unwritten(self, value: Any) -> Any:
        """A day or a number that the local system keeps as one."""
        if isinstance(value, datetime):
            return datetime.combine(self._pseudonyms.day(value.date()), value.timetz())
        if isinstance(value, date):
            return self._pseudonyms.day(value)
        if not isinstance(value, int | float | Decimal):
            return None
        text = text_of(value)
        if text in self._public or codes.harmless(text):
            return value
        other = self._text(text, Holds.PERSONAL)
        first = next((at for at, digit in enumerate(other) if digit.isdecimal()), None)
        if first is not None and other[first] == "0" != text[first]:  # as long as before
            other = other[:first] + "1" + other[first + 1 :]
        return type(value)(other) if first is not None else value

    def _text(self, text: str, holds: Holds) -> str:
        plain = text.translate(_HALF_WIDTH)
        bare = plain.strip()
        if not blank(bare):
            return text
        if bare in self._holds:
            other = self._exchanged(bare)
        elif bare in self._words or (holds == Holds.UNKNOWN and codes.harmless(bare)):
            other = bare
        elif holds == Holds.PUBLIC or (holds == Holds.UNKNOWN and bare in self._public):
            other = self._within(bare, rest=lambda each: each, whole=False)
        else:
            other = self._exchanged(bare)
        at = plain.index(bare)
        return text[:at] + _as_wide(other, text[at : at + len(bare)]) + text[at + len(bare) :]

    def _exchanged(self, text: str) -> str:
        """Another text for one that is hidden as a whole; the same for the same."""
        if text not in self._known:
            self._known[text] = self._whole(text, self._holds.get(text, Holds.UNKNOWN))
        return self._known[text]

    def _whole(self, text: str, holds: Holds) -> str:
        number = self._number(_core(text), whole=True)
        if number is not None:
            return _put_back(number, text)
        if len(text) <= _LONGEST_DAY and (moved := numbers.day(text, self._pseudonyms)):
            return moved
        if holds == Holds.ADDRESS:
            front = masked_address(text).removesuffix(HIDDEN)
            # Of 张三乡 nothing is left when 张三 applies.
            if front and len(text) - len(front) > 1 and not self._originals.within(front):
                return front + self._other(text[len(front) :], of=text, kept=_OF_ADDRESSES)
        seed = self._pseudonyms.seed("text", text).hex()
        return self._within(text, rest=lambda each: self._other(each, of=seed + each), whole=True)

    def _other(self, text: str, *, of: str, kept: str = "") -> str:
        """Exchange the characters; chance must not bring forth another person's name."""
        for turn in range(_TRIES):
            other = characters.other(text, self._pseudonyms, of=f"{turn}\0{of}", kept=kept)
            if not self._originals.within(other):
                break
        return other

    def _number(self, core: str, *, whole: bool) -> str | None:
        """Another number of its form; None for a text that is none of them."""
        if numbers.IDENTITY.fullmatch(core) and (numbers.is_identity(core) or (whole and not numbers.is_credit(core))):
            return numbers.identity(core, self._pseudonyms)
        if numbers.CREDIT.fullmatch(core) and (whole or numbers.is_credit(core)):
            return numbers.credit(core, self._pseudonyms)
        if numbers.MOBILE.fullmatch(core):
            return numbers.mobile(core, self._pseudonyms)
        if numbers.LICENSE.fullmatch(core):
            return numbers.license_identifier(core, self._pseudonyms)
        return None

    def _within(self, text: str, *, rest: Callable[[str], str], whole: bool) -> str:
        """Exchange the numbers and originals that stand in a text, and what is between them by `rest`."""
        inner = dict.fromkeys(each for each in self._originals.within(text) if each != text or not whole)
        forms = [each.pattern for each in (numbers.LICENSE, numbers.IDENTITY, numbers.CREDIT, numbers.MOBILE)]
        pattern = re.compile("|".join([*forms, *map(re.escape, inner)]))
        parts, at = [], 0
        for match in pattern.finditer(text):
            found = match[0]
            number = self._number(found.upper() if numbers.IDENTITY.fullmatch(found) else found, whole=False)
            other = number if number is not None else self._exchanged(found) if found in inner else rest(found)
            parts += [rest(text[at : match.start()]), other]
            at = match.end()
        return "".join([*parts, rest(text[at:])])


def _pieces(value: Any, pieces: Pieces, cell: Callable[[Any, Holds], Any]) -> Any:
    """A cell that holds a small table, piece by piece; what is not laid out so is looked at as a whole."""
    if not isinstance(value, str):
        return cell(value, Holds.PERSONAL)
    lines = []
    for line in value.split(pieces.row_separator):
        parts = line.split(pieces.cell_separator)
        fits = len(parts) == len(pieces.columns)
        named = pieces.columns if fits else [""] * len(parts)
        holding = [pieces.holds.get(name, Holds.UNKNOWN) for name in named]
        lines.append(pieces.cell_separator.join(cell(each, holds) for each, holds in zip(parts, holding, strict=True)))
    return pieces.row_separator.join(lines)


def _core(text: str) -> str:
    """A number without the spaces, hyphens and country code that people write into it."""
    bare = text.translate(_SEPARATORS).upper()
    return _PREFIXED.sub("", bare)


def _put_back(core: str, text: str) -> str:
    """The characters of a number where those of the other stood, with what was written between them."""
    places = [at for at, each in enumerate(text) if each.isalnum()]
    if len(places) < len(core) or core.count("."):
        return core
    other = list(text)
    for at, each in zip(places[-len(core) :], core, strict=True):
        other[at] = each.lower() if text[at].islower() else each
    return "".join(other)


def _as_wide(other: str, text: str) -> str:
    """Characters full-width where they were."""
    if len(other) != len(text):
        return other
    return "".join(
        each.translate(_FULL_WIDTH) if ord(was) in _HALF_WIDTH else each for each, was in zip(other, text, strict=True)
    )


def _texts(value: Any) -> Sequence[str]:
    """Every text in a record, half-width, as one list."""
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    try:
        return [text_of(value).translate(_HALF_WIDTH)]
    except YunhuobanError:
        return []
