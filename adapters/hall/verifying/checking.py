"""One file against what this county holds and knows: examined, looked up, examined again by the journal's time.

The store is asked by the identifier that the file states; what it knows of the file counts only where the digest is
the journalled one. Two things are kept apart to the end: sealed validly at a time, and the license's state now.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO, Final

from adapters.hall.verifying.confined import examined
from adapters.hall.verifying.knowledge import Known
from adapters.licenses.examining import verdicts
from adapters.licenses.examining.examination import Examination, Finding, in_order
from adapters.licenses.examining.examine import Verifier
from adapters.licenses.verify import Line, StateNow
from schemas.licensestates import VALID

AskKnown = Callable[[str], Known | None]
_TOLD_APART: Final = frozenset({"license.sealed_at", "license.state"})
_SEAL_IS_TRUE: Final = frozenset({verdicts.GENUINE, verdicts.REVOKED_SINCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The whole answer to "is this file good?"."""

    examination: Examination
    findings: tuple[Finding, ...]
    """What the file is, then what else; the store's word among it."""
    lines: tuple[Line, ...]
    """Every check of the file but the two that are told apart (`sealed_validly`, `state`)."""
    known: bool
    """Whether this county has heard of the license at all."""
    state: StateNow | None
    """As the issuer said last, with its age; None when this county does not know."""

    @property
    def verdict(self) -> Finding:
        """What the clerk is told first."""
        return self.findings[0]

    @property
    def good(self) -> bool:
        """Whether nothing at all is wrong."""
        return self.verdict.code is verdicts.GENUINE

    @property
    def sealed_validly(self) -> bool:
        """Whether the seal was good at its time and holds; the first of the two lines."""
        return self.verdict.code in {verdicts.GENUINE, verdicts.STATE_ENDED, verdicts.REPLACED}

    def to_json(self) -> str:
        """For programs: codes, times and the lines; no name of a person, no face."""
        seen = self.examination
        content = {
            "verdict": self.verdict.code.code,
            "good": self.good,
            "findings": [{"code": each.code.code, "found": each.found} for each in self.findings],
            "sealed": {
                "validly": self.sealed_validly,
                "at": seen.sealed_at and seen.sealed_at.isoformat(timespec="seconds"),
                "time_from": "journal" if seen.time_is_journalled else "seal" if seen.sealed_at else None,
                "certificate_revoked_at": seen.revoked_at and seen.revoked_at.isoformat(timespec="seconds"),
            },
            "state_now": self.state
            and {"state": self.state.state, "age_seconds": self.state.age_seconds, "source": "store"},
            "known_here": self.known,
            "identifier": seen.identifier,
            "issuing_authority": seen.issuing_authority,
            "issuing_authority_code": seen.issuing_authority_code,
            "sha256": seen.sha256,
            "lines": [{"id": each.id, "standing": each.standing, "detail": each.detail} for each in self.lines],
        }
        return json.dumps(content, ensure_ascii=False, indent=2)


def check(file: BinaryIO, verifier: Verifier, ask: AskKnown) -> Checked:
    """The answer. Raises `jail.OVER_LIMITS` or `jail.NOT_LOOKED_AT`, and what asking the store raises."""
    seen = examined(file, verifier)
    known = ask(seen.identifier) if seen.identifier else None
    if known is not None and known.journalled_at is not None and seen.sha256 in known.files:
        seen = examined(file, replace(verifier, journalled_at=known.journalled_at))
    return judged(seen, known, verifier.now)


def judged(seen: Examination, known: Known | None, now: datetime) -> Checked:
    """What the store adds: only of a file whose seal is true does it say anything."""
    found = {each.code: each.found for each in seen.findings}
    state = None
    if known is not None and known.state and known.state_said_at is not None:
        state = StateNow(state=known.state, age_seconds=max(0, int((now - known.state_said_at).total_seconds())))
    if known is not None and seen.verdict.code in _SEAL_IS_TRUE:
        if known.files and seen.sha256 not in known.files:
            same = seen.statement_sha256 in known.files.values()
            found[verdicts.OTHER_FILE if same else verdicts.FACE_DIFFERS] = ""
        if known.newest:
            found[verdicts.REPLACED] = f"{known.newest.split('.')[-2]}"
        elif known.state == "superseded":
            found[verdicts.REPLACED] = ""
        elif known.state not in ("", VALID):
            found[verdicts.STATE_ENDED] = known.state
        if len(found) > 1:
            found.pop(verdicts.GENUINE, None)
    return Checked(
        examination=seen,
        findings=in_order(found),
        lines=_lines(seen, known),
        known=known is not None,
        state=state,
    )


def _lines(seen: Examination, known: Known | None) -> tuple[Line, ...]:
    """The list of checks, with the store's word on digest and face; what it does not know stays unknown."""
    ours = known.files if known is not None else {}
    answers = {
        "file.digest": seen.sha256 in ours,
        "license.face": seen.statement_sha256 in ([ours[seen.sha256]] if seen.sha256 in ours else ours.values()),
    }
    return tuple(
        replace(line, standing="ok" if answers[line.id] else "failed") if ours and line.id in answers else line
        for line in seen.lines
        if line.id not in _TOLD_APART
    )
