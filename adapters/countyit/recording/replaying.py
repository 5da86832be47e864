"""Runs a county's recordings through its mapping as it is now; nothing is sent, no broker and no hub are needed.

`replay` is what `adapter replay` shows, and what a county may call in a test of its own: `assert replay(FOLDER).same`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.countyit.recording import fixtures
from adapters.countyit.recording.differences import Difference, differences
from adapters.countyit.recording.fixtures import Recorded, Recording
from adapters.local.mapping import CountyMapping, load_mapping, samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of it."""

    county: str
    records: int
    differences: Sequence[Difference]
    renewed: Sequence[Recording]
    """The recordings with what becomes of their records now."""

    @property
    def same(self) -> bool:
        """Whether the mapping makes of every record what it made when it was recorded."""
        return not self.differences


def replay(folder: Path) -> Replay:
    """Replay every recording of a county's folder. Raises MappingFailed, E-MAP-051 to E-MAP-054, E-MAP-061, -063."""
    mapping = load_mapping(folder)
    recordings = fixtures.read_all(folder)
    renewed = [_renewed(mapping, each) for each in recordings]
    found = [
        difference
        for before, now in zip(recordings, renewed, strict=True)
        for old, new in zip(before.records, now.records, strict=True)
        for difference in differences(before.name, old, new.outcome)
    ]
    return Replay(
        county=f"{mapping.name} {mapping.county}",
        records=sum(len(each.records) for each in recordings),
        differences=found,
        renewed=renewed,
    )


def accept(folder: Path, replayed: Replay) -> None:
    """Keep what came out as what is to come out from now on. Raises E-CERT-002."""
    for each in replayed.renewed:
        fixtures.write(folder, each)


def _renewed(mapping: CountyMapping, recording: Recording) -> Recording:
    outcomes = [samples.outcomes(mapping, [each.record])[each.record.key] for each in recording.records]
    return replace(
        recording,
        records=[
            Recorded(record=each.record, outcome=outcome)
            for each, outcome in zip(recording.records, outcomes, strict=True)
        ],
    )
