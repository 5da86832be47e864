"""The contents of a license's lines: what is known of each, written by the rule that its template names.

A rule decides how a content stands on paper, never what it is: an amount in words, a day in digits or characters, a
number with some of it hidden. What is hidden is hidden here, before the face is made: neither message, file nor seal
ever holds it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from adapters.licenses.amounts import amount_in_words, chinese_date, chinese_date_in_characters
from adapters.licenses.sheet import LineForm
from adapters.licenses.template import FACE_INCOMPLETE, Template
from schemas.errors import YunhuobanError, declare

Fact = str | int | date | tuple[date, date] | None
"""What is known of a line: a text, an amount in fen, a day, or the first and the last day of a period."""

FACTS_MISSING: Final = declare(
    "E-LIC-014",
    "申请与决定中没有这个证照要印的内容：{labels}。",
    "请收件地升级到标准 1.2 后重新报送带有这些内容的申请；等不及的，请在本地系统中制作。",
)
FACT_UNFIT: Final = declare(
    "E-LIC-015",
    "“{label}”的内容不合模板的写法。",
    "请核对这一项：金额是以分为单位的整数，日期是日期，要遮盖的号码位数须够。",
)

_BRACKET: Final = re.compile(r"^(?P<before>[^（(]*)(?:[（(](?P<inside>.*)[）)])?\s*$", re.DOTALL)


def from_sources(form: Template, known: Mapping[str, Fact]) -> tuple[tuple[str, str], ...]:
    """The lines out of what application and decision say, by the names in `sheet.Source`.

    Raises FACTS_MISSING, naming all lines that no message carries, FACE_INCOMPLETE or FACT_UNFIT.
    """
    homeless = [line.label for line in form.lines if line.source is None]
    if homeless:
        raise YunhuobanError(FACTS_MISSING, place=form.id, labels="、".join(homeless))
    return from_labels(form, {line.label: known.get(str(line.source)) for line in form.lines})


def from_labels(form: Template, facts: Mapping[str, Fact]) -> tuple[tuple[str, str], ...]:
    """The lines out of what is known by label. Raises FACE_INCOMPLETE or FACT_UNFIT, which name the label."""
    return tuple((line.label, _written(form, line, facts.get(line.label))) for line in form.lines)


def day_written(form: Template, day: date) -> str:
    """A day in the template's style."""
    return chinese_date_in_characters(day) if form.date_style == "characters" else chinese_date(day)


def _written(form: Template, line: LineForm, fact: Fact) -> str:
    text = "" if fact is None or fact == "" else _RULES[line.rule](form, line, fact).strip()
    if not text and not form.blank:
        raise YunhuobanError(FACE_INCOMPLETE, place=f"{form.id} {line.label}", expected=line.label)
    return text or form.blank


def _text(_form: Template, line: LineForm, fact: Fact) -> str:
    if not isinstance(fact, str):
        raise _unfit(line)
    return fact


def _amount(_form: Template, line: LineForm, fact: Fact) -> str:
    if not isinstance(fact, int) or isinstance(fact, bool):
        raise _unfit(line)
    return amount_in_words(fact)


def _date(form: Template, line: LineForm, fact: Fact) -> str:
    if not isinstance(fact, date) or isinstance(fact, datetime):
        raise _unfit(line)
    return day_written(form, fact)


def _period(form: Template, line: LineForm, fact: Fact) -> str:
    if not isinstance(fact, tuple) or fact[0] > fact[1]:
        raise _unfit(line)
    return f"{day_written(form, fact[0])}至{day_written(form, fact[1])}"


def _masked(_form: Template, line: LineForm, fact: Fact) -> str:
    if not isinstance(fact, str) or line.mask is None or len(fact.strip()) < line.mask.last:
        raise _unfit(line)
    number, mask = fact.strip(), line.mask
    return number[: mask.first - 1] + "*" * (mask.last - mask.first + 1) + number[mask.last :]


def _before_bracket(form: Template, line: LineForm, fact: Fact) -> str:
    """个体工商户 of 个体工商户（个人经营）."""
    match = _BRACKET.match(_text(form, line, fact))
    return match["before"] if match else str(fact)


def _in_bracket(form: Template, line: LineForm, fact: Fact) -> str:
    """个人经营 of 个体工商户（个人经营）; nothing when there is no bracket."""
    match = _BRACKET.match(_text(form, line, fact))
    return (match["inside"] or "") if match else ""


def _unfit(line: LineForm) -> YunhuobanError:
    return YunhuobanError(FACT_UNFIT, place=line.label, expected=line.rule, label=line.label)


_RULES: Final[Mapping[str, Callable[[Template, LineForm, Fact], str]]] = {
    "text": _text,
    "amount": _amount,
    "date": _date,
    "period": _period,
    "masked": _masked,
    "before_bracket": _before_bracket,
    "in_bracket": _in_bracket,
}
