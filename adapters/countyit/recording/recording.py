"""Records real traffic: reads records from the county's own system, masks them, keeps what the mapping makes of them.

Nothing is sent and nothing is written into the local system. What became of a masked record must be what became of the
real one: the same message with the same fields filled, or the same problems in the same columns. A record of which that
is not so would teach something untrue, and is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.countyit.recording.fixtures import Recorded, Recording
from adapters.countyit.recording.masking import mask
from adapters.local.mapping import CountyMapping, samples
from adapters.local.sources import LocalRecord, Source
from schemas.errors import YunhuobanError


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What came of one recording."""

    recording: Recording
    unlike: int
    """Records left out because their masked form came out differently."""
    unhidden: int
    """Records left out because no key hid everything."""
    failures: Sequence[YunhuobanError]
    """What the source could not read; it is not recorded."""


def record(mapping: CountyMapping, source: Source, *, name: str, limit: int, today: date) -> Session:
    """Record at most `limit` records from the beginning of a source. Raises what polling the source raises."""
    batch = source.poll(None, limit)
    kept, unlike, unhidden = [], 0, 0
    for real, masked in zip(batch.records, mask(mapping.rules, batch.records), strict=True):
        if masked is None:
            unhidden += 1
            continue
        outcome = samples.outcomes(mapping, [masked])[masked.key]
        if _shape(outcome, masked) == _shape(samples.outcomes(mapping, [real])[real.key], real):
            kept.append(Recorded(record=masked, outcome=outcome))
        else:
            unlike += 1
    recording = Recording(name=name, county=mapping.county, recorded_on=today, records=kept)
    return Session(recording=recording, unlike=unlike, unhidden=unhidden, failures=batch.failures)


def _shape(outcome: Any, record: LocalRecord) -> Any:
    """What an outcome says without its texts: fields, amounts and days, or codes and columns."""
    if isinstance(outcome, Mapping):
        texts = ("message_type", "destination", "service_item", "trial")
        return [outcome[each] for each in texts], sorted(_fields(outcome["canonical"], ""), key=str)
    if isinstance(outcome, list):
        return [(each["code"], each["place"].removeprefix(record.place)) for each in outcome]
    return outcome


def _fields(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _fields(each, f"{path}.{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _fields(each, f"{path}[{number}]")
    else:
        yield path, bool(value) if isinstance(value, str) else value
