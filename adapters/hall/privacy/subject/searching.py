"""The search: what names the number, the cases of that, and then everything that is held of those cases.

Source: PIPL art. 45 (access and copy); GB/T 35273-2020 8.1; domain.md §8.2, P14.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, func, or_, select

from adapters.attachments import receiving
from adapters.hall.handwriting.tables import handwriting
from adapters.hall.noticing.tables import notices
from adapters.hall.people.tables import TABLES
from adapters.hall.privacy.subject import bodies, listed
from adapters.hall.privacy.subject.bodies import Opened
from adapters.hall.privacy.subject.found import Found, Kind, Subject
from adapters.hall.privacy.subject.number import masked
from adapters.hall.revealing import showing
from adapters.hall.revealing.book import looks_at
from adapters.hall.revealing.showing import Field
from adapters.hall.taking.tables import scans
from adapters.identity import Identity
from adapters.instants import from_millis
from adapters.local.mapping import canonical
from adapters.printing.tables import PRINTS
from adapters.store import tables
from pages import fieldnames
from pages.people.accounts import name_in
from schemas.identifiers.masking import HIDDEN, masked_name

_HELD: Final = {
    "outbox": Kind.SENT,
    "inbox": Kind.RECEIVED,
    "local": Kind.LOCAL,
    "waiting": Kind.WAITING,
    "takings": Kind.TAKING,
}
_HANDED_OVER, _ISSUED = "case.handed_over", "license.issued"


def search(tx: Connection, identity: Identity, number: str, *, revealed: bool) -> Subject:
    """Everything about whoever has this number, which was checked (`number.parse`); in full only for an export."""
    naming = [each for each in bodies.everything(tx, identity) if bodies.names(each.record, number)]
    people = dict.fromkeys(name for each in naming for name in bodies.beside(each.record, number))
    cases = sorted({each.case_no for each in naming} - {""})
    lines = listed.own_lines(naming, number)
    found = [*_cases(tx, cases)]
    for each in chain((one for one in naming if not one.case_no), bodies.everything(tx, identity, cases)):
        found += _opened(listed.narrowed(each, lines), revealed=revealed)
    found += _beside_cases(tx, cases)
    found += _came(tx, identity, cases)
    found += _scans(tx, [each.place for each in found if each.kind is Kind.TAKING])
    for row in bodies.pushed(tx, identity, number):
        found.append(Found(kind=Kind.PUSHED, place=str(row.seq), said=row.kind, at=from_millis(row.received_at)))
    found += _accounts(tx, identity, people, revealed=revealed)
    order = list(Kind)
    return Subject(
        number=number if revealed else masked(number),
        names=[name if revealed else masked_name(name) for name in people],
        cases=cases,
        found=sorted(found, key=lambda each: order.index(each.kind)),
        looks=looks_at(tx, cases),
    )


def _cases(tx: Connection, cases: Sequence[str]) -> Iterator[Found]:
    for row in tx.execute(select(tables.cases).where(tables.cases.c.case_no.in_(cases))):
        yield Found(kind=Kind.CASE, place=row.case_no, said=row.state, at=from_millis(row.opened_at))


def _opened(each: Opened, *, revealed: bool) -> Iterator[Found]:
    kind = Kind.HAND_OVER if each.type == _HANDED_OVER and each.table != "local" else _HELD[each.table]
    fields = _typed(each.record, revealed=revealed) if kind is Kind.TAKING else _fields(each, revealed=revealed)
    place = each.case_no or each.key
    if kind is Kind.TAKING:
        place = each.key
    yield Found(kind=kind, place=place, said=each.type, at=each.at, fields=fields)
    if each.type == _ISSUED and kind is not Kind.LOCAL:
        for file in each.record["files"]:
            said = f"{file['copy_kind']} {file['copy_no']} · SHA-256 {file['sealed_sha256'].hex()}"
            yield Found(kind=Kind.LICENSE, place=each.record["identifier"], said=said, at=each.at)


def _fields(each: Opened, *, revealed: bool) -> list[Field]:
    flat = showing.fields(each.type, each.record, revealed=revealed)
    for rows in showing.tables(each.type, each.record, revealed=revealed):
        if rows.path == "files":
            continue  # told by their digests
        for at, cells in enumerate(rows.rows, 1):
            for head, cell in zip(rows.head, cells, strict=True):
                flat.append(Field(path=rows.path, label=f"{rows.label} {at} {head}", value=cell, hidden=not revealed))
    return flat


def _typed(typed: Mapping[str, str], *, revealed: bool) -> list[Field]:
    """What a clerk typed; of a field that the contract does not know everything is hidden."""
    leaves = canonical.shape("application.submitted").leaves
    found = []
    for path, value in typed.items():
        leaf = leaves.get(path)
        shown = revealed or (leaf is not None and not leaf.personal)
        text = value if shown else showing.masked(path, value) if leaf is not None else HIDDEN
        name = fieldnames.name(leaf.doc) if leaf is not None else path
        found.append(Field(path=path, label=name, value=text, hidden=not shown))
    return [each for each in found if each.value]


def _beside_cases(tx: Connection, cases: Sequence[str]) -> Iterator[Found]:
    for row in tx.execute(select(PRINTS).where(PRINTS.c.case_no.in_(cases)).order_by(PRINTS.c.authorisation_no)):
        said = " · ".join(each for each in (row.state, row.stock_serial, row.settled_by, row.witness) if each)
        yield Found(kind=Kind.PRINT, place=row.authorisation_no, said=said, at=row.outcome_at or row.started_at)
    of_cases = handwriting.c.case_no.in_(cases) & (func.length(handwriting.c.picture_sealed) > 0)
    for row in tx.execute(
        select(handwriting.c.case_no, handwriting.c.taken_by, handwriting.c.drawn_at).where(of_cases)
    ):
        yield Found(kind=Kind.SIGNATURE, place=row.case_no, said=row.taken_by, at=from_millis(row.drawn_at))
    if cases:
        about = or_(*(notices.c.about.startswith(case_no, autoescape=True) for case_no in cases))
        for row in tx.execute(select(notices).where(about)):
            yield Found(kind=Kind.NOTICE, place=row.about, said=row.role, at=from_millis(row.told_at))


def _scans(tx: Connection, drafts: Sequence[str]) -> Iterator[Found]:
    for row in tx.execute(select(scans).where(scans.c.draft_id.in_(drafts)).order_by(scans.c.added_at)):
        said = f"{row.material} {row.kind} {row.pages} · SHA-256 {row.sha256.hex()}"
        yield Found(kind=Kind.SCAN, place=row.draft_id, said=said, at=from_millis(row.added_at))


def _came(tx: Connection, identity: Identity, cases: Sequence[str]) -> Iterator[Found]:
    """Files of materials that came from another county, or are to come."""
    for case_no in cases:
        for each in receiving.of_case(tx, identity.storage, case_no):
            said = f"{each.state} {each.size_bytes} B · SHA-256 {each.sha256.hex()}"
            yield Found(kind=Kind.SCAN, place=case_no, said=said, at=None)


def _accounts(tx: Connection, identity: Identity, people: Mapping[str, Any], *, revealed: bool) -> Iterator[Found]:
    """Accounts hold no identifier: those of the same name, which a person has to judge."""
    for row in tx.execute(select(TABLES.accounts).order_by(TABLES.accounts.c.account)) if people else ():
        name = name_in(row, identity.storage)
        if name in people:
            text = name if revealed else masked_name(name)
            field = Field(path="name", label="", value=text, hidden=not revealed)
            at = from_millis(row.created_at)
            yield Found(kind=Kind.ACCOUNT, place=row.account, said=row.state, at=at, fields=[field])
