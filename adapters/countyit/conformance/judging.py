"""What became of one awkward record: as expected, or what was wrong with it."""

from dataclasses import dataclass
from typing import Any, Final

from adapters.countyit.conformance.edges import Edge, value_of
from adapters.local.mapping import CountyMapping, MappingFailed
from adapters.local.mapping.reading.showing import shown

MAPPED, REFUSED, CRASHED, LOST, IGNORED = "mapped", "refused", "crashed", "lost", "ignored"
SOURCE, LINK = "source", "link"
"""In the place of a part: what concerns all of them."""
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One case of the suite and how it went. Holds no personal content: at most its length."""

    kind: str
    part: str
    """The part of the mapping it belongs to, SOURCE or LINK."""
    place: str
    """Field and column, or the step of the link."""
    passed: bool
    outcome: str
    expected: str = ""
    found: str = ""


def judge(mapping: CountyMapping, edge: Edge) -> Judged:
    """Translate the record and hold what comes out against what is expected."""
    try:
        found = mapping.read(edge.record)
    except MappingFailed as failed:
        here = [each for each in failed.problems if _at(each.place, edge.column) or edge.column == each.expected]
        return _judged(edge, REFUSED, passed=edge.refusable and bool(here), found=_codes(here or failed.problems))
    except Exception as error:  # noqa: BLE001 -- that anything else comes out is what is looked for
        return _judged(edge, CRASHED, passed=False, found=type(error).__name__)
    if found is None:
        return _judged(edge, IGNORED, passed=False, found="")
    value: Any = value_of(found, edge.field) if edge.field else found.canonical
    right = any(value == each for each in edge.good)
    return _judged(edge, MAPPED if right else LOST, passed=right, found="" if right else _said(value))


def _at(place: str, column: str) -> bool:
    return f"“{column}”" in place or place.endswith(column)


def _codes(problems: Any) -> str:
    return " ".join(dict.fromkeys(each.code.code for each in problems))


def _said(value: Any) -> str:
    """Something of what came out: what a sample holds may be a real person's."""
    return shown(value, personal=True) if isinstance(value, str) else type(value).__name__


def _judged(edge: Edge, outcome: str, *, passed: bool, found: str) -> Judged:
    whole = not edge.field
    good = tuple(
        f"（{len(each)} 字）" if isinstance(each, str) and len(each) > _LONGEST else each for each in edge.good
    )
    kept = "" if whole else " / ".join("空" if each in (None, "") else str(each) for each in good)
    refused = f"拒收于“{edge.column}”列" if edge.refusable else ""
    return Judged(
        kind=edge.kind,
        part=edge.part,
        place="" if whole else f"{edge.field} ← {edge.column}",
        passed=passed,
        outcome=outcome,
        expected="" if passed else "，或".join(filter(None, (kept, refused))) or "与样例相同",
        found=found,
    )
