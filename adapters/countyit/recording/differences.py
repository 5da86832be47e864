"""What a changed mapping makes differently of a recording, field by field. The values are masked already: shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from adapters.countyit.recording.fixtures import Recorded

NOTHING: Final = "—"
_IGNORED: Final = "ignored"
_ABSENT: Final = object()


class Change(StrEnum):
    """What happened to a field, or to a record as a whole."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REFUSED = "newly_refused"
    ACCEPTED = "newly_accepted"
    IGNORED = "newly_ignored"
    NO_LONGER_IGNORED = "no_longer_ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference."""

    recording: str
    key: str
    change: Change
    field: str
    """The canonical field, or code and place of a problem; empty for a record as a whole."""
    before: str
    now: str


def differences(recording: str, recorded: Recorded, now: Any) -> Iterator[Difference]:
    """What is different about one record, the whole of it first."""
    before, key = recorded.outcome, recorded.record.key

    def found(change: Change, field: str = "", was: object = NOTHING, is_now: object = NOTHING) -> Difference:
        return Difference(
            recording=recording, key=key, change=change, field=field, before=_said(was), now=_said(is_now)
        )

    if _kind(before) is not _kind(now):
        yield found(_whole(before, now), was=_name(before), is_now=_name(now))
    # Of a message that became problems all its fields are gone: the problems say enough; and the other way round.
    old = _flat(before) if _kind(before) is _kind(now) or _kind(before) is list else {}
    new = _flat(now) if _kind(before) is _kind(now) or _kind(now) is list else {}
    for field in dict.fromkeys((*old, *new)):
        was, is_now = old.get(field, _ABSENT), new.get(field, _ABSENT)
        if was != is_now:
            change = Change.ADDED if _nothing(was) else Change.REMOVED if _nothing(is_now) else Change.CHANGED
            yield found(change, field, was, is_now)


def _whole(before: Any, now: Any) -> Change:
    if isinstance(now, list):
        return Change.REFUSED
    if now == _IGNORED:
        return Change.IGNORED
    return Change.ACCEPTED if isinstance(before, list) else Change.NO_LONGER_IGNORED


def _kind(outcome: Any) -> type:
    return type(outcome)


def _name(outcome: Any) -> str:
    if isinstance(outcome, Mapping):
        return str(outcome["message_type"])
    return " ".join(sorted({each["code"] for each in outcome})) if isinstance(outcome, list) else str(outcome)


def _flat(outcome: Any) -> dict[str, Any]:
    if isinstance(outcome, list):
        problems: dict[str, Any] = {}
        for each in outcome:  # one column may be wrong in two ways
            name, said = (
                f"{each['code']} {each['place']}",
                f"{each['found'] or NOTHING} → {each['expected'] or NOTHING}",
            )
            problems[name] = f"{problems[name]}；{said}" if name in problems else said
        return problems
    if not isinstance(outcome, Mapping):
        return {}
    return dict(_fields({**{k: v for k, v in outcome.items() if k != "canonical"}, **outcome["canonical"]}, ""))


def _fields(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _fields(each, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, each in enumerate(value, start=1):
            yield from _fields(each, f"{path}[{number}]")
    else:
        yield path, value


def _nothing(value: Any) -> bool:
    return value is _ABSENT or value is None or value == ""


def _said(value: Any) -> str:
    return NOTHING if _nothing(value) else str(value)
