"""A county's own system before anybody thought of us: one database, and the clerks who work in it.

What the clerks do is the same in every dialect; where it is written differs, and that is all that the dialects' own
modules say. Each step is one transaction. A hall knows its database only, never a file of the county node.
"""

import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from deploy.demo import invented

BEIJING: Final = timezone(timedelta(hours=8))
MATERIALS: Final = ("公司登记（备案）申请书", "住所使用证明", "公司章程")
REMEDIES: Final = "可在收到决定之日起六十日内申请行政复议，或者六个月内提起行政诉讼。"
_STATEMENT: Final = re.compile(r";\s*\n")
_COMMENT: Final = re.compile(r"^--.*$", re.MULTILINE)
_WAIT_SECONDS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What is taken at the window, before the hall's system has its own form of it."""

    number: str
    item: str
    person: Mapping[str, str]
    company: Mapping[str, str]
    materials: Sequence[str]
    trial: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that came back for a case and stands in the hall's own tables now."""

    step: str
    """In the hall's own word, such as 受理."""
    number: str = ""
    """The document, license or authorisation that it names, if any."""


class Hall(ABC):
    """One county's system: its window and its approvers."""

    region: ClassVar[str]

    def __init__(self, url: str) -> None:
        """Open nothing yet; the database is there."""
        waits = {"timeout": _WAIT_SECONDS} if url.startswith("sqlite") else {}
        self.engine = sa.create_engine(url, connect_args=waits)

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()

    def take(self, item: str, city: str, chance: Random, *, trial: bool = False, flawed: bool = False) -> str:
        """Take one application at the window, for an item of another county; returns the hall's own number of it.

        `city` is where the company will be; flawed is without articles of association, which will be denied.
        """
        person, company = invented.person(chance, self.region), invented.company(chance, city)
        with self.transaction() as tx:
            taken = Application(
                number=self._next_number(tx),
                item=item,
                person=person,
                company=company,
                materials=MATERIALS[:2] if flawed else MATERIALS,
                trial=trial,
            )
            self._take(tx, taken)
        return taken.number

    def _next_number(self, tx: sa.Connection) -> str:
        """The next of the day: division, date in six digits, serial in six."""
        prefix = f"{self.region}{now():%y%m%d}"
        last = next(iter(self.rows(tx, self._last_number(), prefix=f"{prefix}%")), ("",))[0]
        return f"{prefix}{int(last[len(prefix) :]) + 1 if last else 1:06}"

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One step of a clerk."""
        with self.engine.begin() as tx:
            yield tx

    def rows(self, tx: sa.Connection, query: str, **values: object) -> Sequence[Any]:
        """Ask the database."""
        return tx.execute(sa.text(query), values).all()

    def insert(self, tx: sa.Connection, table: str, row: Mapping[str, object]) -> None:
        """Add one row."""
        tx.execute(sa.text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{n}' for n in row)})"), row)

    @abstractmethod
    def came_back(self, number: str) -> list[Answer]:
        """What the county node has written for an application of this window, in order."""

    @abstractmethod
    def received(self) -> list[str]:
        """Numbers of applications from elsewhere that nobody has accepted yet."""

    @abstractmethod
    def accept(self, number: str) -> str:
        """Accept an application from elsewhere; returns the number of the notice."""

    @abstractmethod
    def decide(self, number: str, denied: str = "") -> str:
        """Decide it: granted, or denied for a reason; returns the number of the decision."""

    @abstractmethod
    def hand_over(self, number: str) -> str:
        """Hand over the license that came for an application of this window; returns its identifier.

        Raises ValueError as long as none has come.
        """

    @abstractmethod
    def _last_number(self) -> str:
        """The query of the greatest number like `:prefix`."""

    @abstractmethod
    def _take(self, tx: sa.Connection, taken: Application) -> None:
        """Write one application."""


def load(url: str, script: Path) -> None:
    """Run an SQL script in a database."""
    engine = sa.create_engine(url)
    statements = _STATEMENT.split(_COMMENT.sub("", script.read_text(encoding="utf-8")) + "\n")
    with engine.begin() as tx:
        for each in filter(None, map(str.strip, statements)):
            tx.exec_driver_sql(each)
    engine.dispose()


def now() -> datetime:
    """Beijing time without a zone, as hall systems keep it."""
    return datetime.now(BEIJING).replace(tzinfo=None)


def stamp(moment: datetime) -> str:
    """Write a time as the tables hold it."""
    return moment.isoformat(sep=" ", timespec="microseconds")


def guid() -> str:
    """A new row's identifier."""
    return uuid.uuid4().hex


def promised(moment: datetime) -> date:
    """The third working day after; Saturdays and Sundays do not count."""
    day, left = moment.date(), 3
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day
