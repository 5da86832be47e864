"""The papers of the desk: what each act asks of the approver, and the canonical record that his answers make.

The questions are the fields of the contract, under the contract's own names, but for those that the program knows: the
time, who acts, the outcome that the button says. Numbers and dates are proposed and may be changed. What a document
must say is the law's matter and judged where it is signed (`schemas.documents`). Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from adapters.hall.approving import weighing
from adapters.hall.approving.acts import TYPES, Act
from adapters.hall.approving.grounds import Grounds
from adapters.local.mapping import canonical
from adapters.local.mapping.canonical import Leaf
from pages import fieldnames, outcomes
from pages.people.person import Person
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.credit import CreditCode
from schemas.licensestates import CHANGES

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
    Act.OPEN_PROCEDURE: "TB",
    Act.EXTEND: "YQ",
    Act.CHANGE_STATE: "BG",
}
_NUMBERS: Final = ("accept_doc_no", "notice_no", "decision_no", "document_no")
_TIMES: Final = ("accepted_at", "requested_at", "decided_at", "terminated_at", "opened_at", "closed_at", "extended_at",
                 "changed_at")  # fmt: skip
_OUTCOMES: Final = {Act.GRANT: "granted", Act.DENY: "denied"}
_NOT_ASKED: Final[Mapping[Act, frozenset[str]]] = {
    Act.GRANT: frozenset({"reasons", "remedies"}),
    Act.DENY: frozenset({"license_number", "established_on", "renews", "valid_until"}),
    Act.CLOSE_PROCEDURE: frozenset({"procedure"}),
}
_PROGRAM: Final = frozenset({*_TIMES, "clerk", "approver", "approver_no", "outcome"})
_OPTIONAL: Final = frozenset({"established_on", "renews", "successor", "valid_until"})
_LONG_BYTES: Final = 1000
DEFECTS: Final = "defects"
DEFECT_FIELDS: Final = ("material", "problem", "remedy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question of a paper."""

    name: str
    label: str
    form: str
    """text, long, date, number or choice."""
    proposed: str = ""
    choices: Sequence[str] = ()
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a paper says in one place."""

    label: str
    value: str
    word: str
    """Marked: the word of a value that was chosen from a list; empty for any other."""


def asks(act: Act, case_no: str, known: Grounds) -> list[Ask]:
    """The questions of one paper, in the order of the contract."""
    return [_ask(act, leaf, case_no, known) for leaf in _asked(act)]


def kept(act: Act, said: Mapping[str, str]) -> dict[str, str]:
    """Of what was posted the answers of this paper, as they were typed."""
    return {leaf.path: said.get(leaf.path, "") for leaf in _asked(act)}


def shown(act: Act, said: Mapping[str, str]) -> list[Answer]:
    """The answers to be read by who approves them; what was left empty is left out."""
    words = outcomes.OUTCOMES.get(TYPES[act], {})
    return [
        Answer(label=fieldnames.name(leaf.doc), value=value, word=words[value].text if value in words else "")
        for leaf in _asked(act)
        if (value := said.get(leaf.path, "").strip())
    ]


def record(
    act: Act, said: Mapping[str, str], defects: Sequence[Mapping[str, str]], *, person: Person, known: Grounds
) -> dict[str, Any]:
    """The canonical record. Raises E-APPR-001 for the first answer that does not fit, E-ID-… for a wrong number.

    The number of what is registered is a 统一社会信用代码; other licenses have numbers of their own.
    """
    kind = TYPES[act]
    found: dict[str, Any] = {leaf.path: _answer(leaf, said.get(leaf.path, "")) for leaf in _asked(act)}
    for path in canonical.shape(kind).leaves:
        if path in _TIMES:
            found[path] = known.now
        elif path in ("clerk", "approver"):
            found[path] = person.name
        elif path == "approver_no":
            found[path] = person.account
        elif path not in found:
            found[path] = _OUTCOMES.get(act) if path == "outcome" else None if path in _OPTIONAL else ""
    if act is Act.CLOSE_PROCEDURE:
        found["procedure"] = known.procedure
    if act is Act.GRANT and known.registers:
        found["license_number"] = str(CreditCode.parse(found["license_number"].upper()))
    if act is Act.SUPPLEMENT:
        found[DEFECTS] = [_defect(number, each) for number, each in enumerate(defects, 1)]
    return found


def _asked(act: Act) -> list[Leaf]:
    skipped = _PROGRAM | _NOT_ASKED.get(act, frozenset())
    return [leaf for path, leaf in canonical.shape(TYPES[act]).leaves.items() if path not in skipped]


def _ask(act: Act, leaf: Leaf, case_no: str, known: Grounds) -> Ask:
    choices = _choices(leaf, known)
    form = {"date": "date", "enum": "choice", "int": "number"}.get(leaf.form, "choice" if choices else "text")
    if form == "text" and (leaf.max_bytes or 0) >= _LONG_BYTES:
        form = "long"
    return Ask(
        name=leaf.path,
        label=fieldnames.name(leaf.doc),
        form=form,
        proposed=_proposed(act, leaf.path, case_no, known),
        choices=choices,
        required=leaf.path not in _OPTIONAL,
    )


def _choices(leaf: Leaf, known: Grounds) -> Sequence[str]:
    if leaf.path == "license_identifier":
        return [each.identifier for each in known.changeable]
    if leaf.path == "license_state":
        return [state for state in leaf.symbols if any(state in CHANGES[each.state] for each in known.changeable)]
    if leaf.path == "procedure" and known.procedures is not None:
        return known.procedures
    return leaf.symbols


def _proposed(act: Act, path: str, case_no: str, known: Grounds) -> str:
    if path in _NUMBERS:
        return f"{_PREFIXES[act]}-{case_no}"
    if path == "promised_on":
        return _day(weighing.proposed_promise(known) if act is Act.EXTEND else known.promised_on)
    if path == "license_identifier" and len(known.changeable) == 1:
        return known.changeable[0].identifier
    return {
        "project_no": case_no,
        "supply_until": _day(known.supply_until),
        "remedies": known.remedies,
        "extended_days": str(weighing.most_extended(known)),
    }.get(path, "")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _answer(leaf: Leaf, said: str) -> Any:
    text = said.strip()
    value: Any = text
    if leaf.form == "date":
        try:
            value = date.fromisoformat(text) if text else None
        except ValueError:
            raise _wrong(leaf.path, "YYYY-MM-DD") from None
    elif leaf.form == "int":
        value = int(text) if text.isascii() and text.isdigit() else text
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
