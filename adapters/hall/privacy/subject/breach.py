"""Whom a misused account concerns: by the book of looks, every case it looked at, with the persons named in it.

Masked: who has to be told is found by number afterwards. What the account took out as a file is told by its number; of
whom that was is wiped with the file. Source: PIPL art. 57; domain.md §8.2, P19.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from adapters.hall.privacy.exporting.book import Export, taken_by
from adapters.hall.privacy.subject import bodies
from adapters.hall.privacy.subject.number import masked
from adapters.hall.revealing.book import Look, looks_by
from adapters.identity import Identity
from adapters.store import tables
from schemas.identifiers.masking import masked_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """One case that was looked at."""

    case_no: str
    looks: Sequence[Look]
    persons: Sequence[tuple[str, str]] = field(repr=False)
    """Name and number, masked; empty when the content was erased since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Everything that an account saw or took."""

    cases: Sequence[Concerned]
    exports: Sequence[Export]


def concerned(tx: Connection, identity: Identity, account: str, since: datetime, until: datetime) -> Breach:
    """By account and time, oldest first."""
    looks: dict[str, list[Look]] = {}
    for each in looks_by(tx, account, since, until):
        if each.case_no:
            looks.setdefault(each.case_no, []).append(each)
    persons: dict[str, dict[tuple[str, str], None]] = {}
    for one in bodies.everything(tx, identity, list(looks)):
        for number in _numbers(one.record):
            name = next(bodies.beside(one.record, number), "")
            persons.setdefault(one.case_no, {})[masked_name(name), masked(number)] = None
    known = set(tx.execute(select(tables.cases.c.case_no).where(tables.cases.c.case_no.in_(looks))).scalars())
    return Breach(
        cases=[
            Concerned(case_no=case_no, looks=rows, persons=list(persons.get(case_no, ())))
            for case_no, rows in looks.items()
            if case_no in known
        ],
        exports=taken_by(tx, account, since, until),
    )


def _numbers(value: object) -> Iterator[str]:
    """The numbers of persons and bodies in a record, by the names of its fields."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if isinstance(each, str) and each and str(key).endswith(("document_no", "holder_code")):
                yield each.upper()
            else:
                yield from _numbers(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)
