"""The released versions of the contract, kept for ever: one file each in `schemas/released`, never edited again.

A file `<major>.<minor>.json` holds every named type exactly as its `.avsc` file said, every message type with what it
carries, and of every record that travels on its own the SHA-256 of its full JSON and the CRC-64-AVRO of its header.
`SHA256SUMS` beside them holds each file's own digest, as `sha256sum` writes it. The contract that a county runs is the
newest version or, while it is being changed, an unreleased one that only equal checkouts share. Pure: reads only the
files of this package.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from schemas import shapes
from schemas.errors import YunhuobanError, declare
from schemas.releasefile import VERSION, Contract, parse

NO_VERSION: Final = declare("E-SCHEMA-002", "没有发布过这个版本的标准。", "请核对版本号，或升级本程序。")
NONE_IN_COMMON: Final = declare(
    "E-LINK-106", "与接收方没有共同的标准版本。", "请升级较旧的一方并更新其登记卡，之后报文自动继续。"
)

SUMS: Final = "SHA256SUMS"
MOST_STATED: Final = 16
"""Versions that a county states: the newest ones."""
UNRELEASED: Final = "unreleased-"


def files() -> Traversable:
    """The folder of released versions."""
    return resources.files("schemas") / "released"


@cache
def released() -> tuple[Contract, ...]:
    """Every released version, the oldest first."""
    found = [parse(each.read_bytes()) for each in files().iterdir() if each.name.endswith(".json")]
    return tuple(sorted(found, key=lambda each: order(each.version)))


def order(version: str) -> tuple[int, int]:
    """A version's place among the others: 1.10 comes after 1.9. Raises E-SCHEMA-002 for what is no version."""
    match = VERSION.fullmatch(version)
    if match is None:
        raise YunhuobanError(NO_VERSION, place="version", found=f"{len(version)} characters", expected="1.0")
    return int(match[1]), int(match[2])


def of(version: str) -> Contract:
    """A released version. Raises E-SCHEMA-002."""
    for each in released():
        if each.version == version:
            return each
    raise YunhuobanError(NO_VERSION, place="version", found=version[:40], expected=", ".join(readable()))


@cache
def current() -> str:
    """What this checkout runs: the newest version if nothing was changed since, or `unreleased-<twelve hex digits>`."""
    own = {name: shapes.digest(name) for name in shapes.MESSAGE_RECORDS}
    if released() and released()[-1].sha256 == own:
        return released()[-1].version
    whole = hashlib.sha256("\n".join(f"{name} {own[name]}" for name in sorted(own)).encode())
    return f"{UNRELEASED}{whole.hexdigest()[:12]}"


def readable() -> list[str]:
    """The versions that this checkout reads and writes, the newest first: what a county states of itself."""
    older = [each.version for each in reversed(released()) if each.version != current()]
    return [current(), *older][:MOST_STATED]


def target(stated: Sequence[str]) -> str:
    """The version in which to write for a reader that states these; empty for the working contract.

    A reader that states nothing reads what we do. Raises E-LINK-106 when it reads nothing that we can write.
    """
    if not stated or current() in stated:
        return ""
    for each in readable():
        if each in stated:
            return each
    raise YunhuobanError(
        NONE_IN_COMMON, place="contract_versions", found=", ".join(stated)[:200], expected=", ".join(readable())
    )


def dataschema(name: str, version: str) -> str:
    """The `dataschema` of a payload in a version; empty means the working contract. Raises E-SCHEMA-002."""
    if not version:
        return shapes.dataschema(name)
    contract = of(version)
    if name not in contract.sha256:
        raise YunhuobanError(NO_VERSION, place=name, found=version)
    return contract.dataschema(name)


def knows(name: str, stated: str) -> bool:
    """Whether an envelope's `dataschema` is that of this record in any version there is."""
    return stated == shapes.dataschema(name) or any(
        name in each.sha256 and stated == each.dataschema(name) for each in released()
    )


def has_field(version: str, record: str, field: str) -> bool:
    """Whether readers of a version know this field of a record; empty is the working one. Raises E-SCHEMA-002."""
    types = of(version).types if version else shapes.raw()
    return any(each["name"] == field for each in types.get(record, {}).get("fields", ()))


def has_type(version: str, message_type: str) -> bool:
    """Whether readers of a version know this type of message; of the working contract they do. Raises E-SCHEMA-002."""
    return not version or message_type in of(version).messages
