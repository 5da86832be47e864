"""One group as its page shows it: every part with state and clock, what is due, and what was done for its sake.

The window's county sees all parts. Another county sees those that are its own: of the others it knows nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from adapters.case import caseclock, caselist, groupbook, groupstanding
from adapters.case.groupbook import Entry
from adapters.case.groupstanding import Group
from adapters.case.workplace import Workplace
from adapters.directory.directoryview import DirectoryView
from adapters.hall.desk.view import CaseLine
from adapters.hall.grouping.sending import trouble
from adapters.hall.taking import standing
from adapters.hall.taking.standing import Refusal
from adapters.instants import from_millis
from adapters.local import troublebook
from adapters.store import tables
from schemas import casegroup, savings
from schemas.casegroup import Part, Step
from schemas.lifecycle import ENDED
from schemas.reductions import Reduction

_STEPS: Final = (Step.WITHDRAW.value, Step.REQUEST_UNDO.value, "case.undone")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """One part on the page."""

    entry: Entry
    part: Part | None
    """None of one that waits, was refused, or is not known here."""
    case: CaseLine | None
    county_name: str
    item_name: str
    due: str
    """The step that the node is about to say for the group's sake; empty when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A step that was taken for the sake of the group."""

    part: int
    case_no: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One group."""

    group: Group
    name: str
    """Of a bundle, as its county calls it."""
    lines: Sequence[PartLine]
    done: Sequence[Done]
    saved: Mapping[str, Reduction]
    """What it saves the applicant, as far as the directory knows."""
    troubles: Sequence[Refusal]

    @property
    def closable(self) -> bool:
        """Whether it may be closed as one: nothing that was sent is under way any more."""
        return self.group.listed.pressed_at is not None and all(each.state in ENDED for each in self.group.parts)

    @property
    def stages(self) -> tuple[int, int]:
        """How far all parts are together, and how far that can be."""
        return stages(self.group)


def follow(tx: Connection, place: Workplace, window: str, number: str) -> Followed | None:
    """The group of this window county as this county knows it; None when it knows of none."""
    group = groupstanding.find(tx, window, number)
    if group is None:
        return None
    directory = place.directory(tx)
    due = {part.case_no: step.value for part, step in group.due}
    about = troublebook.of(tx, trouble(number)) if window == place.county else ()
    return Followed(
        group=group,
        name=bundle_name(directory, group.listed),
        lines=[_line(tx, place, directory, group, each, due.get(each.case_no, "")) for each in group.entries],
        done=_done(tx, group),
        saved=saved(directory, group),
        troubles=[standing.refusal(row) for row in about],
    )


def saved(directory: DirectoryView | None, group: Group) -> Mapping[str, Reduction]:
    """The four reductions of a group, of a bundle as the directory has it today."""
    listed = group.listed
    if directory is None:
        return {}
    if not listed.bundle:
        parts = [(each.county, each.service_item) for each in group.entries]
        return savings.of_joint(directory.catalogue, directory.stated, parts)
    found = directory.stated.bundle(listed.bundle_county, listed.bundle)
    return savings.of_bundle(directory.catalogue, directory.stated, found) if found is not None else {}


def of_case(tx: Connection, place: Workplace, case_no: str) -> Followed | None:
    """The group of a case as this county knows it; None for a case of none."""
    found = groupbook.of_case(tx, case_no)
    return follow(tx, place, found[0].window, found[0].number) if found is not None else None


def stages(group: Group) -> tuple[int, int]:
    """How far the parts of a group are together, and how far that can be."""
    given_up = sum(each.given_up for each in group.entries)
    return casegroup.progress(group.parts, given_up=given_up), casegroup.STAGES * group.listed.parts


def bundle_name(directory: DirectoryView | None, group: groupbook.Listed) -> str:
    """What the county calls its bundle; the bundle's number when the directory has it no more."""
    if not group.bundle or directory is None:
        return group.bundle
    found = directory.stated.bundle(group.bundle_county, group.bundle)
    return str(found["name"]) if found is not None else group.bundle


def _line(
    tx: Connection, place: Workplace, directory: DirectoryView | None, group: Group, entry: Entry, due: str
) -> PartLine:
    item = caseclock.implementation(directory, entry.county, entry.service_item)
    return PartLine(
        entry=entry,
        part=group.part(entry) if entry.case_no else None,
        case=caselist.find(tx, entry.case_no, directory, place.county, place.clock()) if entry.case_no else None,
        county_name=directory.name(entry.county) if directory is not None else "",
        item_name=item.name if item is not None else "",
        due=due,
    )


def _done(tx: Connection, group: Group) -> list[Done]:
    """In the order in which it happened; what one county says of a case within itself stands once."""
    parts = {each.case_no: each.part for each in group.entries if each.case_no}
    found: dict[str, Done] = {}
    for table, at, counts in (
        (tables.outbox, tables.outbox.c.created_at, tables.outbox.c.state != "refused"),
        (tables.inbox, tables.inbox.c.applied_at, tables.inbox.c.state == "applied"),
    ):
        columns = table.c
        wanted = select(columns.message_id, columns.case_no, columns.type, at.label("at")).where(
            columns.case_no.in_(sorted(parts)), columns.type.in_(_STEPS), counts
        )
        for row in tx.execute(wanted):
            found.setdefault(
                row.message_id,
                Done(part=parts[row.case_no], case_no=row.case_no, kind=row.type, at=from_millis(row.at)),
            )
    return sorted(found.values(), key=lambda each: (each.at, each.part))
