"""The whole suite over one county's folder, offline: what was tried, how it went, and the result for the hub."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.countyit.conformance import edges, localfiles, localtables, parts, sabotage, writing
from adapters.countyit.conformance.judging import LINK, SOURCE, Judged, judge
from adapters.countyit.describing.trying import Report, try_samples
from adapters.local.mapping import CountyMapping, MappingFailed, Translation, load_mapping, samples
from adapters.local.sources import LocalRecord
from schemas import releases, shapes
from schemas.conformance.result import READ, WRITE, PartResult, Result
from schemas.conformance.standing import message_type
from schemas.messages import TYPES

SAMPLES: Final = "samples"
STEPS: Final = ("samples", "cells", "source", "writing", "link")
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """Everything that was found."""

    county: str
    samples: Report
    cases: Sequence[Judged]
    digests: dict[str, str]
    untested: tuple[str, ...]
    """Parts that no sample of the county reaches."""

    @property
    def passed(self) -> bool:
        """Whether nothing failed; what was not tried is said, and is no failure."""
        return self.samples.passed and all(each.passed for each in self.cases)

    def counts(self, part: str) -> tuple[int, int]:
        """How many cases of a part passed and failed."""
        found = Counter(each.passed for each in self.cases if each.part == part)
        return found[True], found[False]

    def result(self, items: dict[str, tuple[str, ...]], now: datetime) -> Result:
        """What the county signs. A sample that came out otherwise, or a fault of the source, fails every read part."""
        link_passed, link_failed = self.counts(LINK)
        _, source_failed = self.counts(SOURCE)
        spoilt = bool(source_failed) or not self.samples.passed
        return Result(
            county=self.county,
            tested_at=now,
            contract=releases.current(),
            program=parts.program(),
            link_passed=link_passed,
            link_failed=link_failed,
            parts={name: self._part(name, digest, spoilt=spoilt) for name, digest in self.digests.items()},
            items=items,
        )

    def _part(self, name: str, digest: str, *, spoilt: bool) -> PartResult:
        passed, failed = self.counts(name)
        failed += spoilt and name.startswith(f"{READ}.")
        state = "failed" if failed else "untested" if name in self.untested else "passed"
        record = TYPES[message_type(name)].record
        return PartResult(mapping=digest, shape=shapes.dataschema(record), state=state, passed=passed, failed=failed)


def run(folder: Path, *, step: Step = lambda _: None) -> Conformance:
    """Try everything; `step` hears the name of each of STEPS when it is done.

    Raises MappingFailed, E-MAP-051 to E-MAP-054, E-MAP-056 or E-MAP-057.
    """
    mapping = load_mapping(folder)
    report = try_samples(folder)
    records, _ = samples.all_records(folder, mapping)
    became = list(_became(mapping, records))
    step("samples")
    cases = list(_cells(mapping, became))
    step("cells")
    with tempfile.TemporaryDirectory(prefix="yhb-conformance-") as scratch:
        cases += localfiles.tried(mapping, folder, Path(scratch))
        cases += localtables.tried(mapping, records, Path(scratch))
        step("source")
        cases += writing.tried(mapping)
        step("writing")
        cases += sabotage.tried(mapping, [found for _, found in became], Path(scratch))
        step("link")
    digests = parts.digests(mapping, folder)
    reached = {f"{READ}.{found.message_type}" for _, found in became}
    untested = tuple(each for each in digests if not each.startswith(f"{WRITE}.") and each not in reached)
    return Conformance(county=mapping.county, samples=report, cases=cases, digests=digests, untested=untested)


def _became(mapping: CountyMapping, records: Sequence[LocalRecord]) -> Iterator[tuple[LocalRecord, Translation]]:
    for record in records:
        try:
            found = mapping.read(record)
        except MappingFailed:
            continue  # a sample of what is refused: `samples` holds it against what is expected
        if found is not None:
            yield record, found


def _cells(mapping: CountyMapping, became: Sequence[tuple[LocalRecord, Translation]]) -> Iterator[Judged]:
    rules = {rule.message_type: rule for rule in mapping.rules.reads}
    seen: set[str] = set()
    for record, found in became:
        part = f"{READ}.{found.message_type}"
        for edge in edges.whole(part, record, found):
            yield judge(mapping, edge)
        if part not in seen:  # a second sample of the same rule has the same cells
            seen.add(part)
            for edge in edges.cells(part, rules[found.message_type], record, found):
                yield judge(mapping, edge)
