"""Making a version of the contract: what `schemas/avro` says now, what somebody proposes, and what may be released.

The gate is open when the working contract is compatible with every released version (a county may run any of them),
when no released file was touched, and when the privacy lint has nothing to say. Releasing writes nothing itself: it
gives the version's file and the new list of digests, which a command puts into the checkout for review.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas import codec, compatibility, privacy, releasefile, releases, shapes, strictjson
from schemas.errors import YunhuobanError, declare
from schemas.messages import TYPES
from schemas.releasefile import Contract

EDITED: Final = declare(
    "E-SCHEMA-029", "已发布的标准版本文件被改动过，或不在清单里。", "请从版本库恢复原文件；已发布的版本永不修改。"
)
NOT_NEXT: Final = declare("E-SCHEMA-030", "新版本号必须大于最近发布的版本。", "请换一个更大的版本号，如 1.1。")
NO_FINGERPRINT: Final = declare(
    "E-SCHEMA-033", "没有哪个版本的记录有这个指纹。", "请给出 16 位的 CRC-64、至少 16 位的 SHA-256，或整个 dataschema。"
)
NOTHING_NEW: Final = declare("E-SCHEMA-031", "标准自最近发布以来没有变化。", "无需发布。")


_SHORTEST: Final = 16


@dataclass(frozen=True, slots=True)
class Release:
    """The two files that a release puts into `schemas/released`."""

    name: str
    body: bytes
    sums: bytes


def working() -> Contract:
    """The contract as `schemas/avro` says it now."""
    return _contract(shapes.raw(), shapes.MESSAGE_RECORDS, releases.current())


def proposed(files: Iterable[bytes]) -> Contract:
    """A contract out of the contents of `.avsc` files, with the message types that there are. Raises E-SCHEMA-001."""
    types = {}
    for data in files:
        try:
            kind = strictjson.load(data)
        except YunhuobanError as error:
            raise YunhuobanError(releasefile.MALFORMED, place="avsc") from error
        if not isinstance(kind, dict) or not isinstance(kind.get("name"), str):
            raise YunhuobanError(releasefile.MALFORMED, place="avsc", expected="name")
        types[kind["name"]] = kind
    records = [name for name in shapes.MESSAGE_RECORDS if name in types and types[name].get("type") == "record"]
    return _contract(releasefile.well_formed(types), records, "proposed")


def find(fingerprint: str) -> list[tuple[str, str]]:
    """Which records have a fingerprint, as (version, name): a CRC-64, the beginning of a SHA-256, or a `dataschema`.

    Several versions may hold the same record. Raises E-SCHEMA-033.
    """
    wanted = fingerprint.rsplit("#", 1)[-1].lower()
    versions = {each.version: each for each in (*releases.released(), working())}
    found = [
        (version, name)
        for version, contract in versions.items()
        for name in contract.sha256
        if len(wanted) >= _SHORTEST and (contract.sha256[name].startswith(wanted) or contract.crc64[name] == wanted)
    ]
    if not found:
        raise YunhuobanError(NO_FINGERPRINT, found=f"{len(fingerprint)} characters")
    return found


def problems(contract: Contract | None = None) -> list[YunhuobanError]:
    """Everything that keeps the gate shut for the working contract, or another; each difference is told once."""
    contract = contract or working()
    found = [*edited(), *privacy.findings(contract.types)]
    told = set()
    for older in reversed(releases.released()):
        for each in compatibility.findings(older, contract):
            key = (each.code, each.place, each.found, each.expected)
            if key not in told:
                told.add(key)
                found.append(each)
    return found


def edited() -> Iterator[YunhuobanError]:
    """The released files that are not what they were when they were released."""
    folder = releases.files()
    listed = releasefile.sums((folder / releases.SUMS).read_text(encoding="ascii"))
    names = {each.name for each in folder.iterdir() if each.name.endswith(".json")}
    for name in sorted(names | listed.keys()):
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest() if name in names else ""
        if digest != listed.get(name):
            yield YunhuobanError(EDITED, place=name, found=digest[:16] or "-", expected=listed.get(name, "-")[:16])


def release(version: str) -> Release:
    """The files of the next version. Raises E-SCHEMA-002, -030 or -031, or E-SCHEMA-010 with what shuts the gate."""
    place = releases.order(version)
    older = releases.released()
    if older and place <= releases.order(older[-1].version):
        raise YunhuobanError(NOT_NEXT, found=version, expected=f"> {older[-1].version}")
    if older and releases.current() == older[-1].version:
        raise YunhuobanError(NOTHING_NEW, found=older[-1].version)
    compatibility.demand(problems())
    body = releasefile.render(_contract(shapes.raw(), shapes.MESSAGE_RECORDS, version))
    name = f"{version}.json"
    before = (releases.files() / releases.SUMS).read_text(encoding="ascii")
    return Release(name, body, f"{before}{hashlib.sha256(body).hexdigest()}  {name}\n".encode())


def _contract(types: Mapping[str, Mapping[str, Any]], records: Iterable[str], version: str) -> Contract:
    schemas = {name: shapes.expand(types, name) for name in records}
    return Contract(
        version=version,
        types=types,
        sha256={name: shapes.digest_of(schema) for name, schema in schemas.items()},
        crc64={name: codec.crc64(schema) for name, schema in schemas.items()},
        messages={
            name: {"record": kind.record, "facts": kind.facts or "", "sender": kind.sender, "receiver": kind.receiver}
            for name, kind in TYPES.items()
        },
    )
