"""One typed field of a form: what it means in the canonical record, or what is wrong with it. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from adapters.hall.around.forms import Ask, Form
from adapters.local.mapping.functions import numbers
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.case import CaseNo
from schemas.workdays.hours import BEIJING

EMPTY: Final = declare("E-AROUND-021", "往来表单的这一项没有填。", "请填写后再提交；已填的都还在。")
MISFIT: Final = declare("E-AROUND-022", "往来表单的这一项应为{expected}。", "请照要求改正；已填的都还在。")
_MOST_DIGITS: Final = 9
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def value_of(ask: Ask, text: str) -> Any:
    """What one field means. Raises E-AROUND-021, -022 or E-ID-…; what was typed is not repeated."""
    said = text.strip()
    if not said:
        if ask.required:
            raise YunhuobanError(EMPTY, place=ask.path)
        return None if ask.leaf.nullable else ""
    value = _READ[ask.form](ask, said)
    misfit = None if ask.form in (Form.YES_NO, Form.DIGEST) else ask.leaf.misfit(value)
    if misfit is not None:
        raise YunhuobanError(MISFIT, place=ask.path, expected=misfit)
    return value


def _choice(ask: Ask, said: str) -> Any:
    if said not in ask.choices:
        raise YunhuobanError(MISFIT, place=ask.path, expected=" / ".join(ask.choices.values()))
    return int(said) if ask.leaf.form == "int" else said


def _yes_no(ask: Ask, said: str) -> bool:
    return bool(_choice(ask, said) == "yes")


def _whole(ask: Ask, said: str) -> int:
    if not (said.isascii() and said.isdecimal() and len(said) <= _MOST_DIGITS):
        raise YunhuobanError(MISFIT, place=ask.path, expected="0, 1, 2 …")
    return int(said)


def _day(ask: Ask, said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise YunhuobanError(MISFIT, place=ask.path, expected="YYYY-MM-DD") from None


def _moment(ask: Ask, said: str) -> datetime:
    try:
        return datetime.strptime(said.replace(" ", "T")[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=BEIJING)
    except ValueError:
        raise YunhuobanError(MISFIT, place=ask.path, expected="YYYY-MM-DD HH:MM") from None


def _digest(ask: Ask, said: str) -> bytes:
    if not _DIGEST.fullmatch(said.lower()):
        raise YunhuobanError(MISFIT, place=ask.path, expected="0-9 a-f × 64")
    return bytes.fromhex(said)


_READ: Final[Mapping[Form, Callable[[Ask, str], Any]]] = {
    Form.TEXT: lambda _ask, said: said,
    Form.LONG: lambda _ask, said: said,
    Form.WHOLE: _whole,
    Form.CHOICE: _choice,
    Form.YES_NO: _yes_no,
    Form.DAY: _day,
    Form.MOMENT: _moment,
    Form.CITIZEN: lambda _ask, said: numbers.citizen(said),
    Form.DIGEST: _digest,
    Form.CASE: lambda _ask, said: str(CaseNo.parse(said)),
}
