"""Where a group stands: the book's parts with the states of their cases, at the window's county or at another's.

A part whose application or whose joining was refused is none until it was said anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from adapters.case import groupbook
from adapters.case.groupbook import JOINED, Entry, Listed
from adapters.store import tables
from schemas import casegroup
from schemas.casegroup import GroupState, Part, Step
from schemas.envelope import Envelope
from schemas.lifecycle import ENDED, CaseState
from schemas.messages import APPLICATION

_MOVING: Final = (GroupState.GATHERING, GroupState.UNDER_WAY, GroupState.COMPENSATING)
_SETTLED: Final = ("admitted", "received", "refused")
"""States of the outbox after which the hub says nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group with the parts that were sent."""

    listed: Listed
    entries: Sequence[Entry]
    parts: Sequence[Part]

    @property
    def state(self) -> GroupState:
        """Where it stands as a whole."""
        return casegroup.standing(
            self.parts,
            count=self.listed.parts,
            all_or_none=self.listed.all_or_none,
            given_up=sum(each.given_up for each in self.entries),
        )

    @property
    def due(self) -> Sequence[tuple[Part, Step]]:
        """What has to be said now for its sake."""
        return casegroup.due(self.parts, all_or_none=self.listed.all_or_none)

    @property
    def still(self) -> bool:
        """Whether nothing of it waits for anything any more."""
        waits = any(each.waits for each in self.entries) or any(each.state not in ENDED for each in self.parts)
        return not waits and self.state not in _MOVING

    def part(self, entry: Entry) -> Part | None:
        """Where one part stands; None while it is not sent, or was refused."""
        return next((each for each in self.parts if each.case_no == entry.case_no), None)


def find(tx: Connection, window: str, number: str) -> Group | None:
    """The group of this window county under this number, or None."""
    listed = groupbook.find(tx, window, number)
    return of(tx, listed) if listed is not None else None


def open_groups(tx: Connection, window: str) -> list[Group]:
    """The groups of this window that are not over: only they can have a step due."""
    return [group for each in groupbook.open_numbers(tx, window) if (group := find(tx, window, each)) is not None]


def of(tx: Connection, listed: Listed) -> Group:
    """One group of the book."""
    entries = groupbook.entries(tx, listed.window, listed.number)
    numbers = [each.case_no for each in entries if each.case_no]
    states = _states(tx, numbers)
    asked, answered = _undo(tx, numbers)
    denied = _denied(tx, [each for each, state in states.items() if state is CaseState.CLOSED])
    parts = [
        Part(
            case_no=each.case_no,
            part=each.part,
            state=CaseState.DENIED if each.case_no in denied else states[each.case_no],
            undo_requested=each.case_no in asked,
            undo_answered=each.case_no in answered,
        )
        for each in entries
        if each.case_no in states
    ]
    return Group(listed=listed, entries=entries, parts=parts)


def settled(tx: Connection, group: Group) -> bool:
    """Whether the hub has answered all that was sent of it: what it refuses takes a case's step back."""
    box = tables.outbox.c
    numbers = [each.case_no for each in group.entries if each.case_no]
    open_ = select(box.seq).where(box.case_no.in_(numbers), box.state.not_in(_SETTLED)).limit(1)
    return tx.execute(open_).first() is None


def _states(tx: Connection, numbers: Sequence[str]) -> Mapping[str, CaseState]:
    box, inbox, cases = tables.outbox.c, tables.inbox.c, tables.cases
    said = select(box.case_no, box.type).where(
        box.type.in_((JOINED, APPLICATION)), box.state != "refused", box.case_no.in_(numbers)
    )
    heard = select(inbox.case_no, inbox.type).where(
        inbox.case_no.in_(numbers), inbox.type.in_((JOINED, APPLICATION)), inbox.state == "applied"
    )
    there = {tuple(row) for wanted in (said, heard) for row in tx.execute(wanted)}
    counts = [each for each in numbers if {(each, JOINED), (each, APPLICATION)} <= there]
    rows = tx.execute(select(cases.c.case_no, cases.c.state).where(cases.c.case_no.in_(counts)))
    return {row.case_no: CaseState(row.state) for row in rows}


def _undo(tx: Connection, numbers: Sequence[str]) -> tuple[set[str], set[str]]:
    found = []
    for kind in (Step.REQUEST_UNDO.value, "case.undone"):
        box, inbox = tables.outbox.c, tables.inbox.c
        said = select(box.case_no).where(box.case_no.in_(numbers), box.type == kind, box.state != "refused")
        heard = select(inbox.case_no).where(inbox.case_no.in_(numbers), inbox.type == kind, inbox.state == "applied")
        found.append({*tx.execute(said).scalars(), *tx.execute(heard).scalars()})
    return found[0], found[1]


def _denied(tx: Connection, closed: Sequence[str]) -> set[str]:
    """Of closed cases those whose application was denied: the closing covers it."""
    found = set()
    for table, state in (
        (tables.inbox, tables.inbox.c.state == "applied"),
        (tables.outbox, tables.outbox.c.state != "refused"),
    ):
        decided = select(table.c.case_no, table.c.body).where(
            table.c.case_no.in_(closed), table.c.type == "decision.made", state
        )
        for row in tx.execute(decided) if closed else ():
            if (Envelope.parse(row.body).facts or {})["outcome"] == "denied":
                found.add(row.case_no)
    return found
