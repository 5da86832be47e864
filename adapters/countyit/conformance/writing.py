"""The way back: canonical records made from the contract alone, written as the mapping says.

What a partner may lawfully send is more than any sample shows: every optional field there and none of them there, rare
characters in each text. A row must come of it, or a refusal with a code; text that is written is written whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from adapters.countyit.conformance.edges import RARE
from adapters.countyit.conformance.judging import CRASHED, LOST, MAPPED, REFUSED, Judged
from adapters.local.mapping import CountyMapping, MappingFailed, WriteContext, canonical
from adapters.local.mapping.canonical import Leaf
from adapters.local.mapping.rules import Entry, Placeholder
from adapters.local.sinks import LocalWrite
from schemas.conformance.result import WRITE

_AT: Final = datetime(2026, 11, 22, 1, 18, tzinfo=UTC)
_CONTEXT: Final = WriteContext(
    case_no="130928-20261122-000017-C", local_case=None, source="130928", source_name=f"县{RARE}", written_at=_AT
)
_VALUES: Final[Mapping[str, Any]] = {
    "string": RARE, "int": 1, "long": 1, "date": date(2026, 11, 22), "timestamp-millis": _AT, "bytes": b"x",
    "fixed": bytes(32),
}  # fmt: skip


def tried(mapping: CountyMapping) -> Iterator[Judged]:
    """Every type that the mapping writes, with everything in it and with only what must be there."""
    for message_type in mapping.rules.writes:
        for kind, full in (("all_fields", True), ("fewest_fields", False)):
            yield _judge(mapping, message_type, kind, _record(message_type, full=full))


def _judge(mapping: CountyMapping, message_type: str, kind: str, record: Mapping[str, Any]) -> Judged:
    part = f"{WRITE}.{message_type}"
    try:
        writes = mapping.write(message_type, record, _CONTEXT)
    except MappingFailed as failed:
        codes = " ".join(dict.fromkeys(each.code.code for each in failed.problems))
        return Judged(kind=kind, part=part, place="", passed=True, outcome=REFUSED, found=codes)
    except Exception as error:  # noqa: BLE001 -- that anything else comes out is what is looked for
        return Judged(kind=kind, part=part, place="", passed=False, outcome=CRASHED, expected="写入的行，或代码",
                      found=type(error).__name__)  # fmt: skip
    lost = _lost(mapping, message_type, writes) if kind == "all_fields" else ("",) if not writes else ()
    outcome = LOST if lost else MAPPED
    return Judged(kind=kind, part=part, place=lost[0] if lost else "", passed=not lost, outcome=outcome,
                  expected="写入的行，文字完整" if lost else "", found="文字有缺" if lost else "")  # fmt: skip


def _lost(mapping: CountyMapping, message_type: str, writes: Sequence[LocalWrite]) -> tuple[str, ...]:
    """Columns that take a text as it is and do not have all of it."""
    shape = canonical.shape(message_type)
    texts = {path for path, leaf in shape.leaves.items() if leaf.form == "string"}
    wrong = []
    for rule in mapping.rules.writes[message_type]:
        rows = [each for each in writes if each.kind == rule.kind]
        for column, entry in rule.row.items():
            if _whole(entry, texts) and not any(RARE in str(row.row.get(column, "")) for row in rows):
                wrong.append(f"{rule.kind}.{column}")
    return tuple(wrong)


def _whole(entry: Entry, texts: set[str]) -> bool:
    """Whether a column takes a text of the message without any function or table."""
    if entry.text:
        return any(isinstance(part, Placeholder) and part.path in texts and not part.steps for part in entry.text)
    return entry.path in texts and not entry.steps and entry.table is None


def _record(message_type: str, *, full: bool) -> dict[str, Any]:
    shape = canonical.shape(message_type)
    record = _filled(shape.leaves, full=full)
    canonical.whole(record, shape.leaves)
    for path, repeated in shape.repeated.items():
        if not repeated.within or record.get(repeated.within) is not None:
            _put(record, path, [_filled(repeated.leaves, full=full)] * (2 if full else 0))
    return record | {path: [] for path in canonical.scanned(message_type)}


def _filled(leaves: Mapping[str, Leaf], *, full: bool) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for path, leaf in leaves.items():
        value = leaf.symbols[0] if leaf.symbols else _VALUES[leaf.form]
        _put(record, path, value if full or not leaf.nullable else None)
    return record


def _put(record: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        record = record.setdefault(name, {})
    record[last] = value
