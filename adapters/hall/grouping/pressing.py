"""The press of a group's form: a draft for each part, and a case for each part that need not wait, or nothing at all.

All of it is one transaction: a crash leaves the form as it was, or every part made and the waiting ones kept. The same
press again finds the group.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from adapters.case import groupbook, groupjoining
from adapters.case.groupbook import Entry, Listed
from adapters.case.workplace import Workplace
from adapters.hall.sharing.held import HeldLicenses
from adapters.hall.taking import drafts, scans
from adapters.hall.taking.pressing import demand_complete, take
from adapters.hall.taking.sheet import Sheet, stands
from adapters.hall.taking.together import share
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas.errors import YunhuobanError

CLERK: Final = "group.clerk"
"""With what was typed: who took the form, for the parts that the node sends later."""


def press(tx: Connection, place: Workplace, number: str, *, all_or_none: bool, person: Person, now: datetime) -> bool:
    """Make the parts; False when that was done before.

    Raises E-TAKE-020 with what is wrong at its fields, E-TAKE-001, E-PAGE-005, and what `pressing.take` raises.
    """
    group = groupbook.find(tx, place.county, number, for_change=True)
    if group is None:
        raise YunhuobanError(NOT_THERE, place="number")
    if group.pressed_at is not None:
        return False
    form = drafts.mine(tx, place.identity.storage, group.form_id, person.account, for_change=True)
    sheet = stands(tx, place.identity, place.directory.demand(tx), form, now)
    demand_complete(sheet)
    groupbook.pressed(tx, group, all_or_none=all_or_none, now=now)
    for each in groupbook.entries(tx, place.county, number):
        groupbook.sent_from(tx, each, _draft(tx, place, sheet, each, person, now))
    drafts.discard(tx, form)
    made = groupbook.find(tx, place.county, number)
    for each in groupbook.entries(tx, place.county, number):
        if made is not None and not each.after:
            send(tx, place, made, each, now)
    return True


def send(tx: Connection, place: Workplace, group: Listed, entry: Entry, now: datetime) -> str:
    """Make one part's case and join it to the group; returns its number. Raises what `pressing.take` raises."""
    storage, directory = place.identity.storage, place.directory.demand(tx)
    draft = drafts.find(tx, storage, entry.draft_id, for_change=True)
    sheet = stands(tx, place.identity, directory, draft, now)
    clerk = Person(account=draft.account, name=draft.typed[CLERK], roles=frozenset())
    held = HeldLicenses(place.identity, place.county)
    case_no, message_id = take(tx, storage, sheet, directory, place.box, place.county, clerk, held, now)
    drafts.taken(tx, draft, case_no=case_no, message_id=message_id, now=now)
    groupjoining.join(tx, place.box, group, entry, case_no, clerk=clerk.name, directory=directory, now=now)
    return case_no


def give_up(tx: Connection, place: Workplace, entry: Entry) -> None:
    """A part will never be sent: what was kept for it is forgotten."""
    if entry.draft_id and not entry.case_no:
        drafts.discard(tx, drafts.find(tx, place.identity.storage, entry.draft_id, for_change=True))
    groupbook.given_up(tx, entry)


def _draft(tx: Connection, place: Workplace, sheet: Sheet, entry: Entry, person: Person, now: datetime) -> str:
    """What a part is sent from: its share of the form, with a copy of the scans that it asks for."""
    form, storage = sheet.draft, place.identity.storage
    if sheet.together is None:
        raise YunhuobanError(NOT_THERE, place="number")
    mine = share(sheet.together, entry.part, form)
    draft_id = drafts.start(
        tx,
        storage,
        window_no=form.window_no,
        issuing_county=entry.county,
        service_item=entry.service_item,
        trial=form.trial,
        account=person.account,
        typed={**mine.typed, CLERK: person.name},
        now=now,
    )
    drafts.keep(tx, storage, drafts.find(tx, storage, draft_id), typed={}, stamps=mine.stamps, now=now)
    drafts.held(tx, draft_id, now)
    for each in sheet.files:
        if each.material in mine.materials:
            key = mine.materials[each.material]
            scans.copy(tx, storage, each, draft_id=draft_id, material=key, account=person.account, now=now)
    return draft_id
