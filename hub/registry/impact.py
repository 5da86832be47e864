"""Which counties break if a contract is published: each is judged by what it states to run, not by what it should.

A county states in its key statement which versions of the contract it reads, the newest first. It writes in the first
of them, and is written to in the newest that its correspondent has, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from hub.registry import county
from schemas import compatibility, releases, releasing
from schemas.errors import YunhuobanError
from schemas.releasefile import Contract

Verdict = Literal["fits", "breaks", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """One county that takes part, or is suspended and may come back."""

    division_code: str
    name: str
    state: str
    stated: Sequence[str]
    """What it says it reads."""
    runs: str
    """The newest of these that we know; empty when there is none."""
    verdict: Verdict
    """Unknown when it does not say, or says nothing that we know: nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What publishing would do."""

    counties: Sequence[Affected]
    findings: Mapping[str, Sequence[YunhuobanError]]
    """By version that some county runs: what its counties and others would misunderstand; empty when nothing."""

    @property
    def harmless(self) -> bool:
        """Whether every county is known to go on."""
        return all(each.verdict == "fits" for each in self.counties)


def impact(tx: Connection, proposed: Contract) -> Impact:
    """Compare the proposed contract with what each county runs."""
    known = {each.version: each for each in (releasing.working(), *releases.released())}
    stated = county.contract_versions(tx)
    rows = [row for row in county.listed(tx) if row.state != "revoked"]
    runs = {row.division_code: _runs(stated[row.division_code], known) for row in rows}
    findings = {
        version: compatibility.findings(known[version], proposed) for version in sorted(set(runs.values()) - {""})
    }
    return Impact(
        counties=[
            Affected(
                division_code=row.division_code,
                name=row.name,
                state=row.state,
                stated=stated[row.division_code],
                runs=runs[row.division_code],
                verdict=_verdict(runs[row.division_code], findings),
            )
            for row in rows
        ],
        findings=findings,
    )


def _runs(stated: Sequence[str], known: Mapping[str, Contract]) -> str:
    return next((each for each in stated if each in known), "")


def _verdict(version: str, findings: Mapping[str, Sequence[YunhuobanError]]) -> Verdict:
    if not version:
        return "unknown"
    return "breaks" if findings[version] else "fits"
