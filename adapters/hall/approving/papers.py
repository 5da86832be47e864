"""The papers of the desk: what each act asks of the approver, and the canonical record that his answers make.

The questions are the fields of the contract, under the contract's own names, but for those that the program knows: the
time, who acts, the outcome that the button says. Numbers and dates are proposed and may be changed. What a document
must say is the law's matter and judged where it is signed (`schemas.documents`). Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from adapters.hall.approving.acts import TYPES, Act
from adapters.hall.revealing import showing
from adapters.local.mapping import canonical
from adapters.local.mapping.canonical import Leaf
from pages.people.person import Person
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.credit import CreditCode

NOT_FILLED: Final = declare(
    "E-APPR-001", "文书中的这一项没有填，或者填得不合要求：{place}。", "请按“应为”一栏填写后再提交。"
)

_PREFIXES: Final[Mapping[Act, str]] = {
    Act.ACCEPT: "SL",
    Act.SUPPLEMENT: "BZ",
    Act.NOT_ACCEPT: "BYSL",
    Act.GRANT: "JD",
    Act.DENY: "JD",
    Act.TERMINATE: "ZZ",
}
_NUMBERS: Final = ("accept_doc_no", "notice_no", "decision_no")
_TIMES: Final = ("accepted_at", "requested_at", "decided_at", "terminated_at")
_OUTCOMES: Final = {Act.GRANT: "granted", Act.DENY: "denied"}
_NOT_ASKED: Final[Mapping[Act, frozenset[str]]] = {
    Act.GRANT: frozenset({"reasons", "remedies"}),
    Act.DENY: frozenset({"license_number", "established_on", "renews", "valid_until"}),
}
_PROGRAM: Final = frozenset({*_TIMES, "clerk", "approver", "approver_no", "outcome"})
_OPTIONAL: Final = frozenset({"established_on", "renews", "valid_until"})
_LONG_BYTES: Final = 1000
DEFECTS: Final = "defects"
DEFECT_FIELDS: Final = ("material", "problem", "remedy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question of a paper."""

    name: str
    label: str
    form: str
    """text, long, date or choice."""
    proposed: str = ""
    choices: Sequence[str] = ()
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """What the program can propose for a case."""

    promised_on: date | None = None
    supply_until: date | None = None
    remedies: str = ""
    materials: Sequence[str] = field(default_factory=tuple)
    """Names of what the application brought, to point at in a notice of defects."""


def asks(act: Act, case_no: str, proposals: Proposals) -> list[Ask]:
    """The questions of one paper, in the order of the contract."""
    return [_ask(act, leaf, case_no, proposals) for leaf in _asked(act)]


def record(
    act: Act,
    said: Mapping[str, str],
    defects: Sequence[Mapping[str, str]],
    *,
    registers: bool,
    person: Person,
    now: datetime,
) -> dict[str, Any]:
    """The canonical record. Raises E-APPR-001 for the first answer that does not fit, E-ID-… for a wrong number.

    The number of what is registered is a 统一社会信用代码; other licenses have numbers of their own.
    """
    kind = TYPES[act]
    found: dict[str, Any] = {leaf.path: _answer(leaf, said.get(leaf.path, "")) for leaf in _asked(act)}
    for path in canonical.shape(kind).leaves:
        if path in _TIMES:
            found[path] = now
        elif path in ("clerk", "approver"):
            found[path] = person.name
        elif path == "approver_no":
            found[path] = person.account
        elif path not in found:
            found[path] = _OUTCOMES.get(act) if path == "outcome" else None if path in _OPTIONAL else ""
    if act is Act.GRANT and registers:
        found["license_number"] = str(CreditCode.parse(found["license_number"].upper()))
    if act is Act.SUPPLEMENT:
        found[DEFECTS] = [_defect(number, each) for number, each in enumerate(defects, 1)]
    return found


def _asked(act: Act) -> list[Leaf]:
    skipped = _PROGRAM | _NOT_ASKED.get(act, frozenset())
    return [leaf for path, leaf in canonical.shape(TYPES[act]).leaves.items() if path not in skipped]


def _ask(act: Act, leaf: Leaf, case_no: str, proposals: Proposals) -> Ask:
    proposed = ""
    if leaf.path in _NUMBERS:
        proposed = f"{_PREFIXES[act]}-{case_no}"
    elif leaf.path == "project_no":
        proposed = case_no
    elif leaf.path in ("promised_on", "supply_until"):
        day = getattr(proposals, leaf.path)
        proposed = day.isoformat() if day else ""
    elif leaf.path == "remedies":
        proposed = proposals.remedies
    form = {"date": "date", "enum": "choice"}.get(leaf.form, "text")
    if form == "text" and (leaf.max_bytes or 0) >= _LONG_BYTES:
        form = "long"
    return Ask(
        name=leaf.path,
        label=showing.label(leaf.doc),
        form=form,
        proposed=proposed,
        choices=leaf.symbols,
        required=leaf.path not in _OPTIONAL,
    )


def _answer(leaf: Leaf, said: str) -> Any:
    text = said.strip()
    value: Any = text
    if leaf.form == "date":
        try:
            value = date.fromisoformat(text) if text else None
        except ValueError:
            raise _wrong(leaf.path, "YYYY-MM-DD") from None
    elif not text:
        value = None if leaf.path in _OPTIONAL else ""
    if value in (None, "") and leaf.path not in _OPTIONAL:
        raise _wrong(leaf.path, leaf.doc)
    misfit = leaf.misfit(value)
    if misfit is not None:
        raise _wrong(leaf.path, misfit)
    return value


def _defect(number: int, said: Mapping[str, str]) -> dict[str, Any]:
    leaves = canonical.shape(TYPES[Act.SUPPLEMENT]).repeated[DEFECTS].leaves
    found: dict[str, Any] = {"material_code": None}
    for name in DEFECT_FIELDS:
        text = said.get(name, "").strip()
        misfit = leaves[name].misfit(text)
        if not text or misfit is not None:
            raise _wrong(f"{DEFECTS}[{number}].{name}", misfit or leaves[name].doc)
        found[name] = text
    return found


def _wrong(place: str, expected: str) -> YunhuobanError:
    """What was typed is not repeated: it may be personal."""
    return YunhuobanError(NOT_FILLED, place=place, expected=expected)
