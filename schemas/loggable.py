"""Which fields may stand in a log line: an allow-list, and patterns replaced even inside allowed text.

The list follows from the contract: a field may be logged when every record that has a field of that name calls it
`pii: none` and its value is short or a number. Free text, bytes and lists stay out whatever their class. To these come
the operational names that no record has (queue, port, duration). What is not listed is dropped, so that a field
nobody thought of cannot leak (domain §8.2, P1 and P3). Pure: reads only the schemas of this package.
"""

import re
from functools import cache
from typing import Any, Final

from schemas import shapes

# Longer than an electronic license identifier (128) is prose, and prose may name a person.
_LONGEST_TEXT: Final = 128
_NUMBERS: Final = frozenset({"int", "long", "boolean"})

# fmt: off
OPERATIONAL: Final = frozenset(
    {
        "event", "level", "timestamp", "process", "logger", "module", "lineno", "pid", "thread", "trace_id",
        "span_id", "dropped", "code", "place", "error", "frames", "causes", "message_id", "envelope_sha256", "queue",
        "exchange", "routing_key", "shard", "queue_type", "consumer_tag", "delivery_tag", "redelivered",
        "solo_attempts", "attempts", "attempt", "count", "total", "batch", "ready", "unacknowledged", "consumers",
        "oldest_age_seconds", "online", "held", "drained", "county", "division_code", "window_county",
        "issuing_county", "rung", "state", "before", "after", "outcome", "verdict", "host", "port", "address_family",
        "status", "method", "route", "page", "version", "revision", "dialect", "table", "migration", "exit_code",
        "signal", "command", "check", "rule", "line", "row", "cursor", "mapping", "field", "thumbprint",
        "serial_number", "role", "not_after_at", "crl_age_seconds", "generation", "leaf_index", "station", "printer",
        "job_id", "job_state", "job_state_reasons", "media", "stock_kind", "authorisation_no", "claim_id", "language",
        "plugin", "seal_key", "typeface", "alarm", "node", "cluster", "reason_code", "since_at", "at", "until_at",
        "template", "library", "account", "digest",
    }
)
# fmt: on

# A name that ends in a unit may carry any number: nobody is identified by a duration or a size.
MEASURES: Final = ("_seconds", "_days", "_bytes", "_count", "_millis")

PATTERNS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("<pem>", re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL)),
    ("<credentials>@", re.compile(r"(?<=://)[^/\s@]+@")),
    ("<token>", re.compile(r"(?i)(?<=token=)[^&\s\"']+")),
    ("<identity number>", re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")),  # GB 11643-1999
    ("<mobile>", re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")),
)

# Digests and UUIDs hold long runs of digits by chance and identify no person: they pass untouched.
_DIGEST: Final = re.compile(r"(?=[0-9]*[a-f])(?:[0-9a-f]{32,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@cache
def fields() -> frozenset[str]:
    """Every name that may be logged, from the contract and from the operational list."""
    contract = [field for record in shapes.raw().values() for field in record.get("fields", [])]
    short = {field["name"] for field in contract if _short(field)}
    return (OPERATIONAL | short) - {field["name"] for field in contract if field["pii"] != "none" or _prose(field)}


def may_log(name: str, value: object) -> bool:
    """Whether a field of this name and kind of value may stand in a log line."""
    if name in fields():
        return True
    return name.endswith(MEASURES) and isinstance(value, (int, float)) and abs(value) < 10**16


def scrub(text: str) -> str:
    """The text with identity numbers, keys, mobile numbers, passwords and tokens replaced by what they are."""
    if _DIGEST.fullmatch(text):
        return text
    for replacement, pattern in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _kind(field: dict[str, Any]) -> Any:
    kind = field["type"]
    return next(part for part in kind if part != "null") if isinstance(kind, list) else kind


def _prose(field: dict[str, Any]) -> bool:
    """Whether values of this field may be a sentence or a body: what somebody wrote, about anybody."""
    return _kind(field) == "bytes" or (_kind(field) == "string" and int(field["max_bytes"]) > _LONGEST_TEXT)


def _short(field: dict[str, Any]) -> bool:
    """Whether values of this field are numbers, codes, digests or short strings."""
    kind = _kind(field)
    if isinstance(kind, dict):
        return kind["type"] == "enum" or kind["type"] in _NUMBERS
    if kind in _NUMBERS or kind == "string":
        return True
    named = shapes.raw().get(kind.removeprefix(f"{shapes.NAMESPACE}."), {})
    # Of the named types only enumerations and digests say nothing of a person; records and nonces stay out.
    return named.get("type") == "enum" or named.get("name") == "Sha256"
