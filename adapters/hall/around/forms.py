"""The form of a message around or beside a case, made from its record in the contract.

A field that a later contract adds appears by itself, under its own name. What the program knows is not asked
(`known`). Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from adapters.hall.around import turns
from adapters.hall.around.known import COUNTED, Known, first, settled
from adapters.hall.revealing.showing import NO, YES
from adapters.local.mapping import canonical
from adapters.local.mapping.canonical import Leaf
from pages import fieldnames
from pages.wording import mark as _
from schemas.workdays.hours import BEIJING

_LONG_BYTES: Final = 500
_MOST_BYTES: Final = 200


class Form(StrEnum):
    """How a field is typed and read."""

    TEXT = "text"
    LONG = "long"
    WHOLE = "whole"
    CHOICE = "choice"
    """Of an enumeration, or of what was said before."""
    YES_NO = "yes_no"
    DAY = "day"
    MOMENT = "moment"
    CITIZEN = "citizen"
    CASE = "case"
    DIGEST = "digest"
    """SHA-256, in hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question of a form."""

    path: str
    label: str
    """Chinese, marked."""
    form: Form
    leaf: Leaf
    required: bool
    choices: Mapping[str, str] = field(default_factory=dict)
    """Value and marked word."""
    first: str = ""
    hint: str = ""

    @property
    def characters(self) -> int:
        """The most that a browser lets one type; bytes are looked at afterwards."""
        return self.leaf.max_bytes or _MOST_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A list of a form: so many rows to fill, or to be pasted as one text."""

    path: str
    label: str
    columns: Sequence[Ask]
    count: int
    heads: Sequence[str] = ()
    """What each row is about, where that is fixed."""
    fixed: Sequence[Mapping[str, Any]] = ()
    """What the program puts into each of those rows."""
    most: int
    pasted: bool = False

    @property
    def grows(self) -> bool:
        """Whether a row appears when the one before it is begun: its first column is a text that has to be there."""
        return not self.fixed and self.columns[0].form is Form.TEXT and self.columns[0].required

    def name(self, row: int, column: Ask) -> str:
        """The field's name in the form, rows from one."""
        return f"{self.path}.{row}.{column.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One message's form."""

    kind: str
    asks: Sequence[Ask]
    rows: Sequence[Rows]


YES_NO: Final = {"yes": YES, "no": NO}
_OPTIONAL: Final = frozenset(
    {
        ("question.asked", "about_case"),
        ("question.answered", "telephone"),
        ("appeal.raised", "about_case"),
        ("appeal.raised", "person_name"),
        ("appeal.raised", "person_phone"),
        ("appeal.closed", "note"),
        ("alive.answered", "note"),
        ("rating.given", "text"),
        ("rating.given", "contact_phone"),
    }
)
_SAID_BEFORE: Final = frozenset(
    {("visit.booked", "slot_no"), ("parcel.received", "parcel"), ("license.expiring", "license_identifier")}
)
"""Chosen from what there is, and be it nothing."""
_OPTIONAL_IN_ROWS: Final = frozenset({"note", "slot_no", "text", "evidence_sha256"})
_TEXT_IS_NEEDED: Final = frozenset({"checklist"})
_LABELS: Final[Mapping[tuple[str, str], str]] = {
    ("visit.booked", "slot_no"): _("时段"),
    ("visit.offered", "slots.slot_no"): _("时段编号"),
}
_HINTS: Final[Mapping[str, str]] = {
    "slot_no": _("不填时按开始时间编号；两件约同一编号的，后约的被退回"),
    "stars": _("五为非常满意，一为非常不满意"),
    "for_guide": _("只在答复里没有个人信息时选“是”"),
    "about_case": _("没有就不填"),
    "evidence_sha256": _("影像文件的 SHA-256，64 位；没有影像就不填"),
}
_ROWS: Final[Mapping[str, int]] = {"manifest": 10, "mismatches": 6, "slots": 6, "checklist": 10}
_BY_PROGRAM: Final = frozenset({"point", "line"})
_FORMS: Final = {"date": Form.DAY, "timestamp-millis": Form.MOMENT, "boolean": Form.YES_NO, "int": Form.WHOLE}
_NAMED_FORMS: Final = {"identity_no": Form.CITIZEN, "about_case": Form.CASE, "evidence_sha256": Form.DIGEST}


def paper(kind: str, known: Known) -> Paper:
    """The form of one message, in the order of the contract."""
    shape, given = canonical.shape(kind), settled(kind, known)
    skipped = given.keys() | COUNTED.get(kind, frozenset())
    asks = [_ask(kind, leaf, known) for path, leaf in shape.leaves.items() if path not in skipped]
    return Paper(kind=kind, asks=asks, rows=[_rows(kind, each, known) for each in shape.repeated.values()])


def _ask(kind: str, leaf: Leaf, known: Known) -> Ask:
    choices = _choices(kind, leaf, known)
    return Ask(
        path=leaf.path,
        label=_LABELS.get((kind, leaf.path)) or fieldnames.name(leaf.doc),
        form=Form.CHOICE if (kind, leaf.path) in _SAID_BEFORE else _form(leaf, choices),
        leaf=leaf,
        required=(kind, leaf.path) not in _OPTIONAL,
        choices=choices,
        first=next(iter(choices)) if len(choices) == 1 else first(kind, leaf.path, known),
        hint=_HINTS.get(leaf.path, "") if (kind, leaf.path) != ("visit.booked", "slot_no") else "",
    )


def _form(leaf: Leaf, choices: Mapping[str, str]) -> Form:
    if leaf.path in _NAMED_FORMS:
        return _NAMED_FORMS[leaf.path]
    if leaf.form in _FORMS and not (choices and leaf.form == "int"):
        return _FORMS[leaf.form]
    if choices:
        return Form.CHOICE
    return Form.LONG if (leaf.max_bytes or 0) >= _LONG_BYTES else Form.TEXT


def _choices(kind: str, leaf: Leaf, known: Known) -> Mapping[str, str]:
    if leaf.form == "boolean":
        return YES_NO
    if (kind, leaf.path) == ("visit.booked", "slot_no"):
        slots = [slot for offer in turns.bookable(known.said) for slot in offer.record["slots"]]
        return {each["slot_no"]: f"{_span(each)}（{each['slot_no']}）" for each in slots}
    if (kind, leaf.path) == ("parcel.received", "parcel"):
        return {
            str(each.record["parcel"]): f"{each.record['parcel']}（{each.record['seal_no']}）"
            for each in turns.unopened(known.said, known.county, known.parties)
        }
    if (kind, leaf.path) == ("license.expiring", "license_identifier"):
        return {each.identifier: f"{each.identifier}（{each.valid_until}）" for each in known.licenses}
    if (kind, leaf.path) == ("rating.given", "stars"):
        return {str(each): f"{each} {'★' * each}" for each in range(5, 0, -1)}
    words = dict(zip(leaf.symbols, leaf.words or leaf.symbols, strict=True))
    if (kind, leaf.path) == ("rating.given", "target"):
        return {each: words[each] for each in turns.unrated(known.said)}
    return words


def _span(slot: Mapping[str, Any]) -> str:
    begins, ends = slot["begins_at"].astimezone(BEIJING), slot["ends_at"].astimezone(BEIJING)
    return f"{begins:%Y-%m-%d %H:%M}–{ends:%H:%M}"


def _rows(kind: str, each: canonical.Repeated, known: Known) -> Rows:
    heads, fixed = _fixed(kind, each.path, known)
    columns = [_column(kind, each.path, leaf) for name, leaf in each.leaves.items() if name not in _BY_PROGRAM]
    return Rows(
        path=each.path,
        label=fieldnames.name(each.doc),
        columns=columns,
        count=len(fixed) or _ROWS.get(each.path, 0),
        heads=heads,
        fixed=fixed,
        most=each.max_items,
        pasted=kind == "list.published",
    )


def _column(kind: str, rows: str, leaf: Leaf) -> Ask:
    choices: Mapping[str, str] = dict(zip(leaf.symbols, leaf.words or leaf.symbols, strict=True))
    if leaf.form == "boolean":
        choices = YES_NO
    return Ask(
        path=leaf.path,
        label=fieldnames.name(leaf.doc),
        form=Form.TEXT if leaf.form == "string" and leaf.path not in _NAMED_FORMS else _form(leaf, choices),
        leaf=leaf,
        required=leaf.path not in _OPTIONAL_IN_ROWS or rows in _TEXT_IS_NEEDED,
        choices=choices,
        first={("manifest", "copies"): "1", ("outcomes", "result"): "matches"}.get((rows, leaf.path), ""),
        hint=_HINTS.get(leaf.path, "") if kind in ("visit.offered", "visit.done") else "",
    )


def _fixed(kind: str, path: str, known: Known) -> tuple[Sequence[str], Sequence[Mapping[str, Any]]]:
    """The rows that another message laid down: the points of an inspection, the lines of a list."""
    if (kind, path) == ("visit.done", "results"):
        points = turns.booked(known.said)[0].record["checklist"]
        heads = [f"{each['point']} {each['text']}" for each in points]
        return heads, [{"point": each["point"]} for each in points]
    if (kind, path) == ("opinion.given", "results"):
        asked = [each for said in known.said if said.type == "opinion.asked" for each in said.record["questions"]]
        fixed = [{"point": each["point"], "evidence_sha256": None} for each in asked]
        return [f"{each['point']} {each['text']}" for each in asked], fixed
    if (kind, path) == ("list.reconciled", "outcomes"):
        lines = [line for each in known.said if each.type == "list.published" for line in each.record["lines"]]
        return [str(each["line"]) for each in lines], [{"line": each["line"]} for each in lines]
    return (), ()
