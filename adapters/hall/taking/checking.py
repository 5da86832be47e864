"""What is wrong with an application as it is typed, each problem at its field, and what each field means.

The functions are those that read a local system's columns and that the contract's identifiers are made of, so that a
number which passes here passes at the issuing county.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from adapters.authority import windowpowers
from adapters.case import agency
from adapters.hall.taking import materials
from adapters.hall.taking.fields import (
    ACCEPTANCE,
    ACCEPTED,
    ADDRESS,
    AGENT,
    AUTHORITY_DOCUMENT,
    AUTHORITY_SCOPE,
    AUTHORITY_UNTIL,
    CHANNEL,
    HALL,
    METHOD,
    OPENING,
    ORGANISATION,
    ORIGIN,
    PLACE,
    POST,
    SELF,
    Field,
    Form,
    fields,
)
from adapters.hall.taking.materials import Row
from adapters.hall.taking.offered import Offered
from adapters.local.mapping import canonical
from adapters.local.mapping.functions import money, numbers
from adapters.local.mapping.functions.times import day
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.credit import CreditCode

EMPTY: Final = declare("E-TAKE-010", "这一项还没有填。", "请填写后再报送；已填的都存着。")
MISFIT: Final = declare("E-TAKE-011", "这一项填得不合要求：应为{expected}。", "请照要求改正。")
OTHER_DOCUMENT: Final = declare(
    "E-TAKE-012", "证件类型与申请人类型不相符。", "自然人用居民身份证、护照等，法人用统一社会信用代码。"
)
MATERIAL_OPEN: Final = declare("E-TAKE-013", "这份必要材料还没有收。", "请选收取方式；确实没有的，不能报送。")
SCAN_OPEN: Final = declare("E-TAKE-014", "以电子方式收取的材料还没有文件。", "请上传扫描件，或改选原件、复印件。")
TRUST_OPEN: Final = declare("E-TAKE-015", "这份材料还没有选可信等级。", "请按看到的选 A、B、C 或 D。")
TRUST_CHOSEN: Final = declare(
    "E-TAKE-016",
    "A 级不由窗口选：只有存证账本里核对过的证照是 A 级。",
    "请用免提交指名证照，或者照看到的选 B、C 或 D。",
)
_NAMED: Final = 20
"""Choices that an error lists."""
_NATURAL, _CREDIT = "natural_person", "001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something about one field that a person has to see."""

    path: str
    error: YunhuobanError
    hinders: bool = True
    """Whether the application cannot be sent with it; a suspicious but possible number hinders nothing."""
    open: bool = False
    """Whether the field is only not filled yet: told at the press, and not while the clerk is on the way to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One application as typed."""

    values: Mapping[str, Any] = field(repr=False)
    """What each field means, in the canonical record's own types; of a field with a problem nothing."""
    problems: Sequence[Problem]
    rows: Sequence[Row]

    @property
    def hindrances(self) -> Sequence[Problem]:
        """What has to be put right before it can be sent."""
        return [each for each in self.problems if each.hinders]

    def at(self, path: str) -> Sequence[Problem]:
        """What is wrong with one field."""
        return [each for each in self.problems if each.path == path]


def check(
    what: Offered,
    typed: Mapping[str, str],
    scanned: Collection[str],
    stamped: Collection[str] = (),
    *,
    places: Mapping[str, str] = MappingProxyType({}),
    today: date | None = None,
) -> Checked:
    """Look at an application. Never raises.

    `scanned` are the keys of the materials that have a file, `stamped` the paths of what somebody checked: a material
    for which a license was named (`naming`) needs nothing else. `places` are this county's towns and villages; on
    `today` an agent's authorisation has to hold.
    """
    asked = fields(what, typed, places)
    rows = materials.rows(what, typed)
    found = judge(asked, rows, typed, scanned, may_compare=what.may_compare, stamped=stamped)
    problems = list(found.problems)
    if typed.get(ACCEPTANCE) == ACCEPTED and not what.may_accept:
        problems.append(Problem(path=ACCEPTANCE, error=_error(windowpowers.NOT_ACCEPTING, ACCEPTANCE)))
    until = found.values.get(AUTHORITY_UNTIL)
    if until is not None and today is not None and typed.get(AGENT, SELF) != SELF and until < today:
        problems.append(Problem(path=AUTHORITY_UNTIL, error=_error(agency.OVER, AUTHORITY_UNTIL)))
    return replace(found, problems=problems)


def judge(
    asked: Sequence[Field],
    rows: Sequence[Row],
    typed: Mapping[str, str],
    scanned: Collection[str],
    *,
    before: Mapping[str, str] | None = None,
    may_compare: bool = True,
    stamped: Collection[str] = (),
) -> Checked:
    """Look at these fields and materials; `may_compare` says whether the window has 原件核验权. Never raises.

    `before` is what is corrected: nothing has to be filled then, and what depends on another field sees that one as it
    was unless it is corrected, too.
    """
    whole = typed if before is None else {**before, **{path: text for path, text in typed.items() if text.strip()}}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for each in asked:
        text = typed.get(each.path, each.first).strip()
        if not text:
            if before is None and _demanded(each, typed):
                problems.append(Problem(path=each.path, error=_error(EMPTY, each.path), open=True))
            elif each.sent:
                values[each.path] = None if each.nullable else ""
            continue
        try:
            values[each.path] = _read(each, text, whole)
        except YunhuobanError as error:
            error.place = each.path
            problems.append(Problem(path=each.path, error=error))
            continue
        problems += _warnings(each, values[each.path])
    problems += _document_kind(whole)
    for row in rows:
        if not (row.shareable and {row.path("license"), row.path("annotation")} & set(stamped)):
            problems += _material(row, typed, scanned, may_compare=may_compare)
    return Checked(values=values, problems=problems, rows=rows)


def _demanded(each: Field, typed: Mapping[str, str]) -> bool:
    """Whether it has to be filled, as the rest stands."""
    agent = typed.get(AGENT, SELF) != SELF
    return each.required or {
        "contact_name": agent,
        "contact_mobile": agent,
        ORGANISATION: typed.get(AGENT) in ("assisted", "bank"),
        **dict.fromkeys((AUTHORITY_DOCUMENT, AUTHORITY_SCOPE, AUTHORITY_UNTIL), agent),
        PLACE: typed.get(CHANNEL, HALL) != HALL and not typed.get(ORIGIN),
        ADDRESS: typed.get(METHOD) == POST,
    }.get(each.path, False)


def _read(each: Field, text: str, typed: Mapping[str, str]) -> Any:
    """The value of a typed field. Raises E-ID-…, E-MAP-… or E-TAKE-011."""
    value: Any = _READ[each.form](text, each, typed)
    leaf = canonical.shape(OPENING).leaves.get(each.path) if each.sent else None
    leaf = leaf or _plain(each)
    expected = leaf.misfit(value)
    if expected is not None:
        raise YunhuobanError(MISFIT, expected=expected)
    return value


def _plain(each: Field) -> canonical.Leaf:
    """The same look at a field that stays in this county."""
    form = "date" if each.form is Form.DATE else "string"
    return canonical.Leaf(each.path, form, (), each.max_bytes, each.personal, nullable=True, doc=each.label)


def _choice(text: str, each: Field, _typed: Mapping[str, str]) -> str:
    if text not in each.choices:
        raise YunhuobanError(MISFIT, expected=" / ".join(list(each.choices)[:_NAMED]))
    return text


def _document(text: str, _each: Field, typed: Mapping[str, str]) -> str:
    kind = typed.get("applicant.document_kind", "111")
    if kind == "111":
        return numbers.citizen(text)
    return numbers.credit(text) if kind == _CREDIT else text


def _whole(text: str, _each: Field, _typed: Mapping[str, str]) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise YunhuobanError(MISFIT, expected="0, 1, 2 …")
    return int(text)


_READ: Final[Mapping[Form, Callable[[str, Field, Mapping[str, str]], Any]]] = {
    Form.TEXT: lambda text, _each, _typed: text,
    Form.LONG: lambda text, _each, _typed: text,
    Form.CHOICE: _choice,
    Form.AMOUNT: lambda text, _each, _typed: money.yuan(text),
    Form.WHOLE: _whole,
    Form.DATE: lambda text, _each, _typed: day(text),
    Form.DOCUMENT: _document,
    Form.CITIZEN: lambda text, _each, _typed: numbers.citizen(text),
    Form.CREDIT: lambda text, _each, _typed: numbers.credit(text),
    Form.PHONE: lambda text, _each, _typed: numbers.phone(text),
}


def _warnings(each: Field, value: Any) -> list[Problem]:
    """What is only suspicious about a number."""
    if each.form not in (Form.DOCUMENT, Form.CITIZEN, Form.CREDIT):
        return []
    for kind in (CitizenNumber, CreditCode):
        try:
            return [Problem(path=each.path, error=w, hinders=False) for w in kind.parse(value).warnings]
        except YunhuobanError:
            continue
    return []


def _document_kind(typed: Mapping[str, str]) -> list[Problem]:
    natural = typed.get("applicant.kind", _NATURAL) == _NATURAL
    credit = typed.get("applicant.document_kind", "111") == _CREDIT
    if natural != credit:
        return []
    path = "applicant.document_kind"
    return [Problem(path=path, error=_error(OTHER_DOCUMENT, path))]


def _material(row: Row, typed: Mapping[str, str], scanned: Collection[str], *, may_compare: bool) -> list[Problem]:
    said = {part: typed.get(row.path(part), "").strip() for part in materials.PARTS}
    found: list[Problem] = []

    def wrong(part: str, error: YunhuobanError, *, is_open: bool = False) -> None:
        error.place = row.path(part)
        found.append(Problem(path=error.place, error=error, open=is_open))

    taken = said["taken_as"]
    if not taken:
        begun = bool(said["name"]) or row.key in scanned
        if row.demanded or begun:
            wrong("taken_as", YunhuobanError(MATERIAL_OPEN), is_open=True)
        return found
    if taken not in materials.TAKEN_AS:
        wrong("taken_as", YunhuobanError(MISFIT, expected=" / ".join(materials.TAKEN_AS)))
    if taken == "electronic" and row.key not in scanned:
        wrong("taken_as", YunhuobanError(SCAN_OPEN), is_open=True)
    if not row.name and not said["name"]:
        wrong("name", YunhuobanError(EMPTY), is_open=True)
    if said["trust"] == materials.FROM_JOURNAL:
        wrong("trust", YunhuobanError(TRUST_CHOSEN))
    elif said["trust"] not in materials.TRUST:
        wrong("trust", YunhuobanError(TRUST_OPEN), is_open=not said["trust"])
    if said["trust"] == materials.COMPARED and not may_compare:
        wrong("trust", YunhuobanError(windowpowers.NOT_COMPARING))
    copies = said["copies"] or "1"
    if not (copies.isascii() and copies.isdecimal() and len(copies) < 3 and int(copies) >= 1):
        wrong("copies", YunhuobanError(MISFIT, expected=f"1–{materials.MOST_COPIES}"))
    for part, most in (("name", materials.NAME_BYTES), ("note", materials.NOTE_BYTES)):
        misfit = replace(_TEXT, max_bytes=most).misfit(said[part])
        if misfit is not None:
            wrong(part, YunhuobanError(MISFIT, expected=misfit))
    return found


_TEXT: Final = canonical.Leaf("", "string", (), None, personal=False, nullable=False, doc="")


def _error(code: Any, path: str) -> YunhuobanError:
    return YunhuobanError(code, place=path)
