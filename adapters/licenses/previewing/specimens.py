"""Faces for looking at a template: invented contents, or somebody's own file, and always 样张.

A file of contents is TOML: one line per label; an amount is a number of fen, a day a date, a period two dates. A table
named after a template adds what that one says otherwise.
"""

import tomllib
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from adapters.licenses import facelines, qr
from adapters.licenses.face import LicenseFace
from adapters.licenses.facelines import Fact
from adapters.licenses.template import Template
from schemas.errors import YunhuobanError, declare
from schemas.scanning import TOKEN_BYTES

SORTS: Final = ("short", "long", "rare")
"""The invented contents of this package."""
_AUTHORITY, _ISSUED_ON = "发证机关", "发证日期"
_NOBODY: Final = "0" * 18
_SPECIMEN: Final = "样张"

CONTENTS_FAULTY: Final = declare(
    "E-LIC-017",
    "预览用的内容文件有误。",
    "请按提示修改：TOML 格式，每行一个项目；金额写分数，日期写 2026-11-24，期限写两个日期。",
)


def face_of(form: Template, contents: Path | None = None, sort: str = "short") -> LicenseFace:
    """A face for the template: the invented contents of that sort, and over them those of the file.

    Raises CONTENTS_FAULTY, FACE_INCOMPLETE, FACT_UNFIT or FACE_CHARACTER.
    """
    facts: dict[str, Any] = {}
    for each in dict.fromkeys(("short", sort)):
        facts |= _for(form, _invented(each))
    if contents is not None:
        facts |= _own(form, contents)
    issued_on, number = facts[_ISSUED_ON], facts[form.number_label]
    for label, value, kind in (
        (_ISSUED_ON, issued_on, date), (form.number_label, number, str), (_AUTHORITY, facts[_AUTHORITY], str)
    ):  # fmt: skip
        if type(value) is not kind:  # a moment is a day to Python, not to a license
            raise YunhuobanError(CONTENTS_FAULTY, place=label, expected=kind.__name__)
    return LicenseFace(
        identifier=_SPECIMEN,
        number=number,
        lines=facelines.from_labels(form, {label: _fact(facts.get(label)) for label in form.labels}),
        issuing_authority=facts[_AUTHORITY],
        issuing_authority_code=_NOBODY,
        issued_on=issued_on,
        copy_no=1,
        copies=1,
        verification_url=qr.verification_url("verify.example", bytes(TOKEN_BYTES)),
        trial=True,
    )


def _own(form: Template, contents: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(contents.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror or "" if isinstance(error, OSError) else f"{type(error).__name__} {_line(error)}".strip()
        raise YunhuobanError(CONTENTS_FAULTY, place=contents.name, found=why) from None
    found = _for(form, data)
    known = (*form.labels, form.number_label, _AUTHORITY, _ISSUED_ON)
    foreign = [label for label in found if label not in known]
    if foreign:
        raise YunhuobanError(
            CONTENTS_FAULTY, place=contents.name, found=" ".join(foreign)[:100], expected=" ".join(known)
        )
    return found


def _line(error: Exception) -> str:
    """Where a TOML file is wrong; what stands there is left out, it may be a person's."""
    return str(error).rpartition("(")[2].rstrip(")") if isinstance(error, tomllib.TOMLDecodeError) else ""


def _for(form: Template, data: dict[str, Any]) -> dict[str, Any]:
    """The contents for one template: what stands outside tables, and over it the template's own table."""
    stem = form.id.removesuffix(f"-{form.copy_kind}")
    own = data.get(stem, {})
    plain = {label: value for label, value in data.items() if not isinstance(value, dict)}
    return plain | (own if isinstance(own, dict) else {})


def _fact(value: Any) -> Fact:
    """A content as `facelines` knows it; what is none of them is refused there, by its label."""
    if isinstance(value, list):
        days = [each for each in value if isinstance(each, date) and not isinstance(each, datetime)]
        return (days[0], days[1]) if len(days) == len(value) == 2 else 0
    return value if isinstance(value, (str, int, date)) else None


@cache
def _invented(sort: str) -> dict[str, Any]:
    file = resources.files("adapters.licenses.previewing").joinpath("data", f"{sort}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
