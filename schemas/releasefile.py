"""One version of the contract as a file: every type, message type and fingerprint, in one form that people can compare.

It is read strictly wherever it comes from: what is read can be written out, compared and looked at by the lint, or it
is refused. Pure.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from schemas import shapes, strictjson
from schemas.errors import YunhuobanError, declare

MALFORMED: Final = declare(
    "E-SCHEMA-001", "这不是一份完好的标准版本文件。", "请取用原文件；拟议的标准可用放 avsc 文件的文件夹。"
)

CAPS: Final = ("max_bytes", "max_items", "item_max_bytes")
"""What says of a field how much it holds at most."""
_MESSAGE: Final = ("record", "facts", "sender", "receiver")
_LARGEST_FILE: Final = 2**22
_DEEPEST: Final = 20
_HEX: Final = {"sha256": re.compile(r"[0-9a-f]{64}"), "crc64": re.compile(r"[0-9a-f]{16}")}
VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All records of one version, or of a contract that is only proposed."""

    version: str
    """`1.0`; for the working contract what `current` says."""
    types: Mapping[str, Mapping[str, Any]]
    """Every named type by its short name."""
    sha256: Mapping[str, str]
    """Of each record that travels on its own: the digest in hex."""
    crc64: Mapping[str, str]
    """Of each of these: the CRC-64-AVRO in hex, in the order of the bytes on the wire."""
    messages: Mapping[str, Mapping[str, str]]
    """Every message type with its record, its facts (empty: none), who may send it and to whom."""
    _expanded: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False, compare=False)

    def expanded(self, name: str) -> dict[str, Any]:
        """One record, written out as Avro wants it. Raises KeyError."""
        if name not in self._expanded:
            self._expanded[name] = shapes.expand(self.types, name)
        return self._expanded[name]

    def dataschema(self, name: str) -> str:
        """What the envelope of such a payload says. Raises KeyError."""
        return shapes.dataschema_of(name, self.sha256[name])


def sums(text: str) -> dict[str, str]:
    """The digests that stand in `SHA256SUMS`, by file name."""
    return {name: digest for digest, _, name in (line.partition("  ") for line in text.splitlines())}


def render(contract: Contract) -> bytes:
    """A version's file: one line for each field, so that two versions can be compared by eye."""
    fingerprints = [
        f"    {_line(name)}: {_line({'sha256': contract.sha256[name], 'crc64': contract.crc64[name]})}"
        for name in sorted(contract.sha256)
    ]
    messages = [f"    {_line(name)}: {_line(contract.messages[name])}" for name in sorted(contract.messages)]
    types = [_type(name, contract.types[name]) for name in sorted(contract.types)]
    return (
        f'{{\n  "version": {_line(contract.version)},\n  "records": {{\n'
        + ",\n".join(fingerprints)
        + '\n  },\n  "messages": {\n'
        + ",\n".join(messages)
        + '\n  },\n  "types": {\n'
        + ",\n".join(types)
        + "\n  }\n}\n"
    ).encode()


def parse(data: bytes) -> Contract:
    """Read a version's file, from wherever it comes. Raises E-SCHEMA-001."""
    try:
        if len(data) > _LARGEST_FILE:
            raise _malformed("file")
        whole = strictjson.members(strictjson.load(data), "file", ("version", "records", "messages", "types"))
        version = strictjson.string(whole["version"], "version")
        if not VERSION.fullmatch(version):
            raise _malformed("version")
        records, messages, types = whole["records"], whole["messages"], whole["types"]
        if not isinstance(records, dict) or not isinstance(messages, dict) or not isinstance(types, dict):
            raise _malformed("types")
        for each in messages.values():
            carried = strictjson.members(each, "messages", _MESSAGE)
            if not all(isinstance(value, str) for value in carried.values()):
                raise _malformed("messages")
        for name, each in records.items():
            prints = strictjson.members(each, "records", tuple(_HEX))
            if not all(shape.fullmatch(strictjson.string(prints[kind], "records")) for kind, shape in _HEX.items()):
                raise _malformed("records")
            if name not in types:
                raise _malformed("records")
    except YunhuobanError as error:
        raise _malformed(error.place) from error
    return Contract(
        version=version,
        types=well_formed(types),
        sha256={name: each["sha256"] for name, each in records.items()},
        crc64={name: each["crc64"] for name, each in records.items()},
        messages=messages,
    )


def well_formed(types: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Named types that have the form of Avro's, whatever they say, and do not contain themselves.

    Raises E-SCHEMA-001, naming the type.
    """
    for name, each in types.items():
        named = isinstance(each, dict) and each.get("name") == name and each.get("type") in ("record", "enum", "fixed")
        if not named or not name.isidentifier() or not _is_type(each, 0):
            raise _malformed(name[:60])
    done: set[str] = set()
    for name in types:
        _closed(types, name, (), done)
    return types


def _is_type(kind: Any, depth: int) -> bool:
    """Whether this is a type as Avro writes one."""
    if depth > _DEEPEST:
        return False
    if isinstance(kind, list):
        return all(_is_type(each, depth + 1) for each in kind)
    if isinstance(kind, str):
        return True
    if not isinstance(kind, dict) or not isinstance(kind.get("type"), str):
        return False
    match kind["type"]:
        case "record":
            return isinstance(kind.get("name"), str) and _are_fields(kind.get("fields"), depth)
        case "enum":
            return isinstance(kind.get("name"), str) and _are_texts(kind.get("symbols"))
        case "fixed":
            return isinstance(kind.get("name"), str) and type(kind.get("size")) is int
        case "array":
            return "items" in kind and _is_type(kind["items"], depth + 1)
    return True


def _are_fields(fields: Any, depth: int) -> bool:
    good = isinstance(fields, list) and all(
        isinstance(each, dict)
        and all(isinstance(each.get(name, ""), str) for name in ("doc", "pii", "code"))
        and all(type(each.get(name, 1)) is int for name in CAPS)
        and isinstance(each.get("name"), str)
        and _is_type(each.get("type"), depth + 1)
        for each in fields
    )
    return good and len({each["name"] for each in fields}) == len(fields)


def _are_texts(values: Any) -> bool:
    return (
        isinstance(values, list) and all(isinstance(each, str) for each in values) and len(set(values)) == len(values)
    )


def _closed(types: Mapping[str, Any], name: str, above: tuple[str, ...], done: set[str]) -> None:
    """No type contains itself: one that did could not be written out."""
    if name in above or len(above) > _DEEPEST:
        raise _malformed(name)
    if name in done:
        return
    for used in _used(types[name]):
        short = used.removeprefix(f"{shapes.NAMESPACE}.")
        if short in types:
            _closed(types, short, (*above, name), done)
    done.add(name)


def _used(kind: Any) -> Iterable[str]:
    """The names that a type mentions."""
    if isinstance(kind, str):
        yield kind
    elif isinstance(kind, list):
        for each in kind:
            yield from _used(each)
    elif kind["type"] == "record":
        for each in kind["fields"]:
            yield from _used(each["type"])
    elif kind["type"] == "array":
        yield from _used(kind["items"])


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _type(name: str, kind: Mapping[str, Any]) -> str:
    if kind["type"] != "record":
        return f"    {_line(name)}: {_line(kind)}"
    head = _line({key: value for key, value in kind.items() if key != "fields"})[:-1]
    fields = ",\n".join(f"      {_line(each)}" for each in kind["fields"])
    return f'    {_line(name)}: {head}, "fields": [\n{fields}\n    ]}}'


def _malformed(place: str) -> YunhuobanError:
    return YunhuobanError(MALFORMED, place=place, expected='{"version", "records", "messages", "types"}')
