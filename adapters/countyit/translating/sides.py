"""The two sides of a record as texts that may be shown: personal data is masked unless somebody asks for it.

Whether a value is personal is what the contract says of its field; what merely looks like an identity or a telephone
number is masked wherever it stands, for it may have slipped into the wrong column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.local.mapping import CountyMapping, samples
from adapters.local.mapping.functions.plain import half_width, text_of
from adapters.local.mapping.named import spoken
from adapters.local.mapping.reading.showing import personal_look
from adapters.local.mapping.records import FieldSeen
from adapters.local.sources import LocalRecord
from pages import labels, wording
from pages.wording import Sentence
from pages.wording import mark as _
from schemas.errors import YunhuobanError
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.masking import HIDDEN, masked_name, masked_phone

_NAMES: Final = labels.RUNGS | {"application.submitted": _("申请"), "message.refused": _("拒收")}
NOTHING: Final = "—"
EMPTY: Final = "（空）"
_SHOWN: Final = 120
_MASKED: Final = 8
_PHONE_DIGITS: Final = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a field, in both languages."""

    zh: Sentence
    en: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field."""

    local_field: str
    found: str
    rule: str
    """In the mapping's own words."""
    spoken: str
    """As a clerk reads it."""
    canonical_field: str
    doc: str
    value: str
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """One local record beside the canonical one."""

    place: str
    message_type: str
    name: str
    """What the message is called, Chinese (marked); empty when the record is none of ours."""
    why_not: str
    lines: Sequence[Line]
    problems: Sequence[Problem]
    """Of the record as a whole."""
    unused: Sequence[str]
    wrong: int
    """How many problems in all."""


def sides(mapping: CountyMapping, record: LocalRecord, *, unmasked: bool) -> Sides:
    """Put one record beside what becomes of it."""
    seen = mapping.see(record)
    return Sides(
        place=record.place,
        message_type=seen.message_type,
        name=_NAMES.get(seen.message_type, seen.message_type),
        why_not=seen.why_not,
        lines=[_line(each, unmasked=unmasked) for each in seen.fields],
        problems=[problem(each) for each in seen.problems],
        unused=seen.unused,
        wrong=len(seen.all_problems),
    )


def problem(error: YunhuobanError) -> Problem:
    """An error in both languages."""
    return Problem(zh=wording.sentence(error, "zh"), en=wording.sentence(error, "en"))


def _line(field: FieldSeen, *, unmasked: bool) -> Line:
    nothing_asked = not field.local_field
    return Line(
        local_field=field.local_field,
        found=NOTHING if nothing_asked else shown(field.found, personal=field.personal, unmasked=unmasked),
        rule=field.rule,
        spoken=spoken(field.rule),
        canonical_field=field.canonical_field,
        doc=field.doc,
        value=shown(samples.plain(field.value), personal=field.personal, unmasked=unmasked),
        problems=[problem(each) for each in field.problems],
    )


def shown(value: object, *, personal: bool, unmasked: bool) -> str:
    """One value as it may be shown."""
    if value is None:
        return NOTHING
    try:
        text = text_of(value)
    except YunhuobanError:
        return f"（{type(value).__name__}）"
    text = text.encode(errors="replace").decode()
    if not text.strip():
        return EMPTY
    if not unmasked and (personal or personal_look(text)):
        return masked(text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}……（共 {len(text)} 个字符）"


def masked(text: str) -> str:
    """A personal value by its look: an identity number, a telephone number, or only its first character."""
    plain = half_width(text).replace(" ", "")
    if len(plain) == _PHONE_DIGITS and plain.isdecimal():
        return masked_phone(plain)
    try:
        return CitizenNumber.parse(plain.upper()).masked()
    except YunhuobanError:
        pass
    if personal_look(text):
        return f"{HIDDEN}（{len(text)} 个字符）"
    hidden = masked_name(text)
    return hidden if len(hidden) <= _MASKED else f"{hidden[:_MASKED]}…（{len(text)} 个字符）"
