"""What came out of looking at one file: the verdict, whatever else was found, the lines, and what the file says it is.

Everything in it may be shown and logged but for nothing: no name of a person, no face. It crosses the border of the
process that looked as JSON.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from adapters.licenses.examining import verdicts
from adapters.licenses.verify import Line
from schemas.errors import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that the file is."""

    code: Code
    found: str = ""
    """Names of PDF, codes, counts or times; never personal data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One file, as far as it could be looked into."""

    sha256: str
    """Of the file, in lower-case hex."""
    findings: tuple[Finding, ...]
    """What is told first stands first; GENUINE alone is good."""
    lines: tuple[Line, ...] = ()
    """Of `adapters.licenses.verify`; empty when the file was not opened so far."""
    identifier: str = ""
    """电子证照标识 as the file states it."""
    issuing_authority: str = ""
    issuing_authority_code: str = ""
    sealed_at: datetime | None = None
    """UTC."""
    time_is_journalled: bool = False
    """Whether `sealed_at` is the journal's; the seal's own word otherwise."""
    statement_sha256: str = ""
    """Of the face's statement, so that it can be compared and not read."""
    revoked_at: datetime | None = None
    """When the seal's certificate was revoked, as the verifier's own lists say."""
    pages: int = 0

    @property
    def verdict(self) -> Finding:
        """What the file is."""
        return self.findings[0]

    @property
    def genuine(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.verdict.code is verdicts.GENUINE

    def to_json(self) -> str:
        """As text, for another process."""
        content = asdict(self) | {"findings": [[each.code.code, each.found] for each in self.findings]}
        return json.dumps(content, ensure_ascii=False, default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read `to_json`. Raises ValueError, KeyError or TypeError for anything else."""
        content: dict[str, Any] = json.loads(text)
        content["findings"] = tuple(
            Finding(code=verdicts.BY_CODE[code], found=str(found)) for code, found in content["findings"]
        )
        content["lines"] = tuple(Line(**each) for each in content["lines"])
        for name in ("sealed_at", "revoked_at"):
            content[name] = content[name] and datetime.fromisoformat(content[name])
        return cls(**content)


def in_order(found: dict[Code, str]) -> tuple[Finding, ...]:
    """Findings as they are told; GENUINE when there is none."""
    ordered = [Finding(code=code, found=found[code]) for code in verdicts.ORDER if code in found]
    return tuple(ordered) or (Finding(code=verdicts.GENUINE),)
