"""The parts of a mapping, each with the digest of everything in the mapping that it hangs on.

`read.<type>` hangs on its rule, on the rules before it that could take the same record, on what is ignored of the same
table or file, and on how that table or file is read; `write.<type>` on its rules and on the sink. A lookup table counts
by its content, a function of the county's own by the whole of `overrides.py`, whose functions may use each other. So a
change expires what it touches, and nothing else.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

from adapters.local.mapping import CountyMapping
from adapters.local.mapping.named import NAMED
from adapters.local.mapping.rules import MISSING, Cell, ReadRule, Step
from schemas.conformance.result import READ, WINDOW, WRITE
from schemas.conformance.standing import used_by

OVERRIDES: Final = "overrides.py"
_DISTRIBUTION: Final = "yunhuoban"
_TRANSLATING: Final = ("adapters.local.mapping", "adapters.local.sources", "adapters.local.sinks")
_UNSAID: Final = "\0unsaid"
"""What stands in a digest for a value that the mapping does not name; no text of a mapping holds a zero byte."""


def digests(mapping: CountyMapping, folder: Path) -> dict[str, str]:
    """SHA-256 of each part, in hexadecimal."""
    overrides = folder / OVERRIDES
    own = hashlib.sha256(overrides.read_bytes()).hexdigest() if overrides.exists() else ""
    return {name: _digest(said, own) for name, said in _parts(mapping)}


def items_of(mapping: CountyMapping, offered: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The parts that each offered item uses, and under `window` those of the county's own window if it has one."""
    names = [name for name, _ in _parts(mapping)]
    columns = {rule.service_item.column for rule in mapping.rules.reads if rule.service_item is not None}
    shut = {
        item: {_name(READ, rule.message_type) for rule in mapping.rules.reads if _bars(rule, columns, item)}
        for item in offered
    }
    found = {item: tuple(each for each in used_by(item, names) if each not in shut[item]) for item in offered}
    window = tuple(used_by(WINDOW, names))
    return found | ({WINDOW: window} if any(each.startswith(f"{READ}.") for each in window) else {})


@cache
def program() -> str:
    """What tested: the installed version, or of a checkout a digest of what translates."""
    try:
        return metadata.version(_DISTRIBUTION)
    except metadata.PackageNotFoundError:
        whole = hashlib.sha256()
        for package in _TRANSLATING:
            for file in sorted(resources.files(package).iterdir(), key=lambda each: each.name):
                if file.name.endswith(".py"):
                    whole.update(file.read_bytes())
        return f"checkout-{whole.hexdigest()[:12]}"


def _bars(rule: ReadRule, columns: set[str], item: str) -> bool:
    """Whether a rule's conditions on the item's column keep this item out."""
    return any(each.column in columns and not each.holds({each.column: item}) for each in rule.when)


def _parts(mapping: CountyMapping) -> Iterator[tuple[str, Any]]:
    rules = mapping.rules
    for at, rule in enumerate(rules.reads):
        before = [(each.message_type, each.when) for each in rules.reads[:at] if each.kind == rule.kind]
        ignored = [each.when for each in rules.ignores if each.kind == rule.kind]
        yield _name(READ, rule.message_type), (rule, before, ignored, _place(rules.source, [rule.kind]))
    for message_type, writes in rules.writes.items():
        yield _name(WRITE, message_type), (writes, _place(rules.sink, [each.kind for each in writes]))


def _name(side: str, message_type: str) -> str:
    return f"{side}.{message_type}"


def _place(section: Mapping[str, Any], kinds: Sequence[str]) -> dict[str, Any]:
    """What `[source]` or `[sink]` says of these tables or files, without the others."""
    said = {name: value for name, value in section.items() if name not in ("tables", "files")}
    for name in ("tables", "files"):
        each = section.get(name)
        if isinstance(each, dict):
            said[name] = {kind: each.get(kind) for kind in sorted(set(kinds))}
    return said


def _digest(said: Any, own: str) -> str:
    text = json.dumps(_plain(said, own), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any, own: str) -> Any:
    """The rules as JSON. The contract's leaves are left out: the shape of the record stands beside the digest."""
    if value is MISSING:
        return _UNSAID
    if isinstance(value, Step):
        return [value.name, "" if value.name.removeprefix("back ") in NAMED else own]
    if is_dataclass(value) and not isinstance(value, type):
        names = (each.name for each in fields(value) if each.name not in ("leaves", "target"))
        extra = {"target": value.target.path} if hasattr(value, "target") else {}
        return extra | {name: _plain(getattr(value, name), own) for name in names}
    if isinstance(value, Mapping):
        return {str(name): _plain(each, own) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, own) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def columns_of(cell: Cell) -> str:
    """The local column of a cell, without the table that it may name."""
    return cell.column.rpartition(".")[2]
