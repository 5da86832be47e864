"""What a person of this county has to know about: records that could not be mapped, messages that were refused."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from adapters.instants import to_millis
from adapters.local.lineages import Origin
from adapters.store import tables
from pages import wording
from schemas.errors import Code, YunhuobanError

NOWHERE: Final = Origin()
_CLEAR: Final = delete(tables.troubles).where(tables.troubles.c.key == bindparam("about"))


def note(tx: Connection, key: str, error: YunhuobanError, now: datetime, *, case_no: str = "") -> None:
    """Keep what is wrong with one thing, in both languages, in the place of what was said of it before.

    An error with `problems` (`MappingFailed`) is kept as all of them.
    """
    clear(tx, key)
    for each in getattr(error, "problems", None) or (error,):
        _note(tx, key, each, now, case_no)


def _note(tx: Connection, key: str, error: YunhuobanError, now: datetime, case_no: str) -> None:
    said, english = wording.sentence(error, "zh"), wording.sentence(error, "en")
    keep(
        tx,
        key=key,
        code=said.code,
        place=said.place,
        found=said.found,
        expected=said.expected,
        causes=said.causes,
        sentence=said.sentence,
        remedy=said.remedy,
        sentence_en=english.sentence,
        remedy_en=english.remedy,
        case_no=case_no,
        now=now,
    )


def keep(
    tx: Connection,
    *,
    key: str,
    code: str,
    place: str,
    found: str,
    expected: str,
    sentence: str,
    remedy: str,
    sentence_en: str,
    remedy_en: str,
    case_no: str,
    now: datetime,
    origin: Origin = NOWHERE,
    causes: Sequence[str] = (),
) -> None:
    """Keep one trouble whose words are there already, as those of a refusal from the hub are.

    Two troubles of one thing in one place are two when something else was expected; persons in them are masked here
    whoever wrote the words. `origin` is the county's own side of the field that was refused.
    """
    place, expected = wording.without_persons(place)[:300], wording.shown(expected)[:400]
    same = {"key": key[:300], "code": code, "place": place, "expected": expected}
    here = and_(*(tables.troubles.c[name] == value for name, value in same.items()))
    values = {
        "found": wording.shown(found)[:400],
        "causes": " ← ".join(causes)[:400],
        "sentence": wording.shown(sentence)[:600],
        "remedy": wording.shown(remedy)[:600],
        "sentence_en": wording.shown(sentence_en)[:900],
        "remedy_en": wording.shown(remedy_en)[:900],
        "case_no": case_no,
        "local_field": origin.local_field[:400],
        "rule": origin.rule[:400],
        "mapping": origin.mapping,
        "record_place": origin.record_place,
        "seen_at": to_millis(now),
    }
    if tx.execute(update(tables.troubles).where(here).values(**values)).rowcount == 0:
        tx.execute(insert(tables.troubles).values(**same, **values))


def stands(tx: Connection, key: str, code: Code, place: str = "") -> bool:
    """Whether a person is told this of the thing already; with a place, of it there."""
    same = (tables.troubles.c.key == key[:300]) & (tables.troubles.c.code == code.code)
    if place:
        same &= tables.troubles.c.place == wording.without_persons(place)[:300]
    return tx.execute(select(tables.troubles.c.id).where(same).limit(1)).first() is not None


def of(tx: Connection, key: str) -> list[Any]:
    """What is wrong with one thing."""
    mine = select(tables.troubles).where(tables.troubles.c.key == key[:300])
    return list(tx.execute(mine.order_by(tables.troubles.c.id)))


def clear(tx: Connection, key: str) -> None:
    """The thing is in order now."""
    tx.execute(_CLEAR, {"about": key[:300]})


def origin_of(row: Any) -> Origin:
    """The county's own side of what a trouble is about."""
    return Origin(local_field=row.local_field, rule=row.rule, mapping=row.mapping, record_place=row.record_place)


def newest(tx: Connection, limit: int = 50) -> list[Any]:
    """The newest troubles."""
    return list(
        tx.execute(
            select(tables.troubles).order_by(tables.troubles.c.seen_at.desc(), tables.troubles.c.id.desc()).limit(limit)
        )
    )
