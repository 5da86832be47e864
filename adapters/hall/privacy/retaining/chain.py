"""The chain: which rule made how much unreadable, when, and the digest of which rows; each line holds the one before.

A changed, missing or exchanged line is found. Whoever cuts off the end, or writes the whole chain anew, is found by a
hash that was noted before: `adapter retention prove --holds`. Source: domain.md §8.2, P9 and P10.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from adapters.hall.privacy.retaining.rule import Rule
from adapters.hall.privacy.tables import erasures
from adapters.instants import from_millis, to_millis
from schemas.errors import YunhuobanError, declare

BROKEN: Final = declare(
    "E-KEEP-002",
    "清除记录的链条断了：第 {line} 行被改动、删去或调换过。",
    "请停止使用这个数据库，与备份核对，并告诉审计员；之前记下的散列可以说明断在什么时候。",
)
CUT: Final = declare(
    "E-KEEP-003",
    "清除记录里没有这个散列：链条被截短或整个重写过，或者散列抄错了。",
    "请核对抄下的散列；确实不在的，与备份核对，并告诉审计员。",
)
_NOTHING: Final = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line."""

    line: int
    rule: str
    days: int
    count: int
    keys_sha256: str
    at: datetime
    hash: str


def add(tx: Connection, rule: Rule, keys: Sequence[str], now: datetime) -> None:
    """Write the next line, in the transaction that erases."""
    last = tx.execute(select(erasures).order_by(erasures.c.line.desc()).limit(1)).one_or_none()
    values: dict[str, Any] = {
        "line": 1 if last is None else last.line + 1,
        "rule": rule.name,
        "days": rule.days,
        "count": len(keys),
        "keys_sha256": hashlib.sha256("\n".join(keys).encode()).digest(),
        "erased_at": to_millis(now),
        "previous": _NOTHING if last is None else last.hash,
    }
    tx.execute(insert(erasures).values(**values, hash=_hash(values)))


def lines(tx: Connection) -> Sequence[Line]:
    """The whole chain, oldest first."""
    return [
        Line(
            line=row.line,
            rule=row.rule,
            days=row.days,
            count=row._mapping["count"],  # noqa: SLF001 -- a tuple has a method of that name
            keys_sha256=row.keys_sha256.hex(),
            at=from_millis(row.erased_at),
            hash=row.hash.hex(),
        )
        for row in tx.execute(select(erasures).order_by(erasures.c.line))
    ]


def prove(tx: Connection, *, holds: str = "") -> Sequence[Line]:
    """The chain, after every line of it was checked. Raises E-KEEP-002, or E-KEEP-003 for a noted hash not in it."""
    previous = _NOTHING
    for expected, row in enumerate(tx.execute(select(erasures).order_by(erasures.c.line)), 1):
        values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name
        said = values.pop("hash")
        if values["line"] != expected or values["previous"] != previous or said != _hash(values):
            raise YunhuobanError(BROKEN, place="privacy_erasures", line=str(expected))
        previous = said
    found = lines(tx)
    if holds and holds.strip().lower() not in {each.hash for each in found}:
        raise YunhuobanError(CUT, place="privacy_erasures")
    return found


def _hash(values: dict[str, Any]) -> bytes:
    plain = {name: each.hex() if isinstance(each, bytes) else each for name, each in values.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).digest()
