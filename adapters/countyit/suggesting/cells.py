"""From a proposed column to the cell of the mapping: which functions, which code table, what an empty cell becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.countyit.suggesting import codes, masked
from adapters.countyit.suggesting.proposal import Choice, FieldProposal
from adapters.countyit.suggesting.targets import DEFAULTS, Target
from adapters.countyit.suggesting.units import unit_of
from adapters.local.mapping.rules import UNFILLED

SURE: Final = 60
"""Less sure than this, a person has to look: 待核."""

_VIA: Final[Mapping[str, Sequence[str]]] = {
    "citizen": ("citizen",),
    "credit": ("credit",),
    "document_no": ("document_no",),
    "item": ("item",),
    "license_identifier": ("license_identifier",),
    "phone": ("phone",),
    "integer": ("half_width", "blank", "integer"),
    "flag": ("flag",),
}
_TEXT_VIA: Final = {
    "project_name": ("one_line",), "registration.address": ("one_line",), "window_no": ("half_width",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CellPlan:
    """One right-hand side of a mapping."""

    column: str = ""
    via: Sequence[str] = ()
    table: Mapping[str, str] | None = None
    """Local code to canonical value, as far as it is known."""
    unknown: int = 0
    """Codes whose meaning is not known."""
    const: str | int | None = None
    empty: str | int | None = None
    otherwise: str | None = None
    sure: bool = False
    """Whether a column was found that nobody has to look at again."""
    reason: str = ""
    """Why this column and these functions."""
    note: str = ""
    choices: Sequence[Choice] = field(default=())


def plan(proposal: FieldProposal) -> CellPlan | None:
    """Say what to write for a field; None when it may simply be left out."""
    target, first = proposal.target, proposal.first
    if first is None:
        return _without(target)
    coded = _coded(target, first)
    via, reason, sure = _via(target), first.reason, first.confidence >= SURE
    if target.shape == "amount":
        unit = unit_of(first.column)
        via, reason, sure = unit.via, f"{reason}；{unit.reason}", sure and unit.sure
    empty: str | int | None = "" if target.may_be_empty else DEFAULTS.get(target.path)
    return CellPlan(
        column=first.column.written,
        via=via if coded is None else (),
        table=coded,
        unknown=sum(code not in coded for code in first.column.evidence.codes()) if coded is not None else 0,
        empty=empty,
        otherwise=str(DEFAULTS[target.path]) if coded is not None and target.path in DEFAULTS else None,
        sure=sure,
        reason=reason,
        note=f"{first.confidence} {'' if sure else '待核：'}{reason}",
        choices=proposal.choices,
    )


def _without(target: Target) -> CellPlan | None:
    if target.path in DEFAULTS:
        return CellPlan(const=DEFAULTS[target.path], note=f"{target.leaf.doc}：没有找到像的列，一律算作它")
    if target.may_be_empty:
        return CellPlan(const="", note=f"{target.leaf.doc}：没有找到像的列，先空着")
    return CellPlan(column=UNFILLED, note=f"{target.leaf.doc}：没有找到像的列") if target.required else None


def _via(target: Target) -> Sequence[str]:
    if target.shape == "time":
        return ("date",) if target.leaf.form == "date" else ("datetime",)
    if target.shape == "phone":
        return ("blank", "phone")
    if target.may_be_empty or not target.required:
        return ("blank", *_VIA.get(target.shape, ()))
    return _VIA.get(target.shape, _TEXT_VIA.get(target.path, ()))


def _coded(target: Target, choice: Choice) -> Mapping[str, str] | None:
    """The code table that a column needs, as far as the codes are known; None when it needs none."""
    found = choice.column.evidence
    if target.shape != "code" or (not found.texts and target.leaf.form != "enum"):
        return None
    meanings = codes.MEANINGS.get(target.path, {})
    known = {code: meaning for code in masked.shown_codes(found) if (meaning := codes.meaning(target.path, code))}
    if target.leaf.form != "enum" and all(code == meaning for code, meaning in known.items()) and (
        len(known) == len(found.codes())
    ):  # fmt: skip
        return None
    if not found.texts:
        return {word: value for value, usual in meanings.items() for word in usual[:1]}
    # A table that knows 1 will meet 2 as well.
    like = {code.isdecimal() for code in known}
    return {word: value for value, usual in meanings.items() for word in usual if word.isdecimal() in like}
