"""The operators' record as its screen and its command show it: newest first, a page at a time. Pure reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from hub.instants import from_millis
from hub.record.acts import word
from hub.record.tables import operator_record

PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line."""

    number: int
    at: datetime
    who: str
    second: str
    address: str
    what: str
    """In Chinese, marked for translation."""
    about: str
    reason: str
    digest: str


def lines(
    tx: Connection, *, before: int | None = None, who: str = "", about: str = "", limit: int = PAGE
) -> Sequence[Line]:
    """The newest lines, or those before a number; of one person, or about one thing, where it is said."""
    record = operator_record
    chosen = select(record).order_by(record.c.number.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(record.c.number < before)
    if who:
        chosen = chosen.where(record.c.who == who)
    if about:
        chosen = chosen.where(record.c.about == about)
    return [
        Line(
            number=row.number,
            at=from_millis(row.at),
            who=row.who,
            second=row.second,
            address=row.address,
            what=word(row.what),
            about=row.about,
            reason=row.reason,
            digest=bytes(row.digest).hex(),
        )
        for row in tx.execute(chosen)
    ]
