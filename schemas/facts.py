"""The clear facts of a message, taken from its payload: the hub may know what the payload says, field by field.

A fact has the name of the record's field, but for a few that repeat one under another name or are drawn from a list.
The sender makes its facts here, and the destination holds what it was told against what it decrypted. Pure.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas import shapes
from schemas.messages import TYPES

Record = Mapping[str, Any]
_DRAWN: Final[Mapping[tuple[str, str], Callable[[Record], Any]]] = {
    ("ApplicationFacts", "material_codes"): lambda record: [
        each["code"] for each in record["materials"] if each["code"]
    ],
    ("ApplicationFacts", "named_licenses"): lambda record: [
        named["license_identifier"] for each in record["materials"] if (named := each.get("named_license"))
    ],
    ("LicenseFacts", "license_identifier"): lambda record: record["identifier"],
    ("LicenseFacts", "license_state"): lambda record: record["state"],
    ("LicenseFacts", "sealed_sha256"): lambda record: [each["sealed_sha256"] for each in record["files"]],
}


def names(facts: str) -> tuple[str, ...]:
    """The fields of a record of facts."""
    return tuple(field["name"] for field in shapes.raw()[facts]["fields"])


def facts_of(message_type: str, record: Record) -> dict[str, Any] | None:
    """The facts that a message of this type with this payload has; None for a type without. Raises KeyError."""
    facts = TYPES[message_type].facts
    if facts is None:
        return None
    return {name: _value(facts, name, record) for name in names(facts)}


def differing(message_type: str, facts: Record | None, record: Record) -> str | None:
    """The first fact that says something else than the payload, or None."""
    of_record = facts_of(message_type, record) or {}
    said = facts or {}
    return next((name for name in {**of_record, **said} if said.get(name) != of_record.get(name)), None)


def _value(facts: str, name: str, record: Record) -> Any:
    drawn = _DRAWN.get((facts, name))
    return drawn(record) if drawn is not None else record[name]
