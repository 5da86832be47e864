"""What a license says and who holds it, out of what was applied for and decided.

A business license says what was registered; every other license has a part of its own in the application
(`particulars`), and that part, as the face shows it, is in the license, too. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from adapters.licenses import facelines
from adapters.licenses.facelines import FACT_UNFIT, FACTS_MISSING, Fact
from adapters.licenses.particulars import BY_LICENSE, CITIZEN_NUMBER, CREDIT_CODE, PARTS, Particulars
from adapters.licenses.template import FACE_INCOMPLETE, Template
from schemas.errors import YunhuobanError

_VALIDITY: Final = ("valid_until", "validity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Personal data: never logged."""

    lines: tuple[tuple[str, str], ...]
    holder: str
    holder_code: str
    holder_code_kind: str
    parts: Mapping[str, Any]
    """Every part of the License record; all but the license's own are None."""
    complaint_phone: str
    """Empty where the face does not bear it."""


def contents(
    form: Template,
    application: Mapping[str, Any],
    decision: Mapping[str, Any],
    *,
    issued_on: date,
    complaint_phone: str,
) -> Contents:
    """What a license of this template says.

    Raises FACTS_MISSING when the application has no such part (it came from a county that does not know it),
    FACE_INCOMPLETE or FACT_UNFIT.
    """
    about = BY_LICENSE.get(form.license)
    part = application[about.part] if about is not None else None
    if about is not None and part is None:
        raise YunhuobanError(FACTS_MISSING, place=form.id, labels="、".join(form.labels))
    known = _decided(form, decision["valid_until"], issued_on) | {"complaint_phone": complaint_phone}
    if about is None or part is None:
        registration = application["registration"]
        # Company Law (2023), art. 33: the day the license is issued is the day the company is established.
        known |= {**registration, "established_on": decision["established_on"] or issued_on}
        return Contents(
            lines=facelines.from_sources(form, known),
            holder=registration["enterprise_name"],
            holder_code=decision["license_number"],
            holder_code_kind=CREDIT_CODE,
            parts=dict.fromkeys(PARTS),
            complaint_phone="",
        )
    known |= {f"{about.part}.{name}": value for name, value in part.items()}
    lines = facelines.from_sources(form, known)
    shown = _as_shown(form, about, part, dict(lines))
    kind = application["applicant"]["document_kind"]
    code = application["applicant"]["document_no"]
    if about.holder_code:
        code = shown[about.holder_code]
        kind = CITIZEN_NUMBER if about.holder_code == "identity_no" else CREDIT_CODE
    return Contents(
        lines=lines,
        holder=part[about.holder],
        holder_code=code,
        holder_code_kind=kind,
        parts=dict.fromkeys(PARTS) | {about.part: shown},
        complaint_phone=complaint_phone if any(line.source == "complaint_phone" for line in form.lines) else "",
    )


def _decided(form: Template, until: date | None, issued_on: date) -> dict[str, Fact]:
    """The days that the authority decided. A blank of the template never stands for a validity that nobody decided."""
    for line in form.lines:
        if line.source in _VALIDITY and until is None:
            raise YunhuobanError(FACE_INCOMPLETE, place=f"{form.id} {line.label}", expected="decision.valid_until")
        if line.source in _VALIDITY and until is not None and until < issued_on:
            raise YunhuobanError(FACT_UNFIT, place=line.label, expected=f">= {issued_on}", label=line.label)
    return {} if until is None else {"valid_until": until, "validity": (issued_on, until)}


def _as_shown(form: Template, about: Particulars, part: Mapping[str, Any], face: Mapping[str, str]) -> dict[str, Any]:
    """The part with what the face hides hidden: no license says in its fields what its paper does not."""
    masked = {
        str(line.source).removeprefix(f"{about.part}."): face[line.label]
        for line in form.lines
        if line.mask is not None
    }
    return {**part, **masked}
