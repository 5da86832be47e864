"""Supplements at the window: what is asked of a taken application, taken there and sent once per press.

The draft is typed and kept as that of an application (`taker`). A press goes the way of every step of a case: judged,
one message, one transaction; its id is derived of draft and attempt, and the draft's row remembers it. Whether the line
is up plays no part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from adapters.boxes import outbox
from adapters.case import casebook, caselist, steps
from adapters.case.casebook import Case
from adapters.case.workplace import Workplace
from adapters.hall.desk.view import CaseLine
from adapters.hall.sharing.held import HeldLicenses
from adapters.hall.taking import drafts, naming, notice, supplement
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.enclosing import Enclosed
from adapters.hall.taking.notice import Notice
from adapters.hall.taking.pressing import OTHER_ATTEMPT, demand_complete, enclosed_for, reads_fields
from adapters.hall.taking.sheet import Sheet, stands
from adapters.hall.taking.standing import Refusal, Rung, refusals, rung_of
from adapters.hall.taking.supplement import PROVIDED
from adapters.local import troublebook
from pages.people.person import Person
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import MOVES

_log = structlog.get_logger(__name__)

NOT_ASKED: Final = declare(
    "E-TAKE-024",
    "这份申请现在不能补正。",
    "请看办件页上的状态：属地要求补正时，那里有补正告知；已经补正或已经受理的，不必再补。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplementing:
    """The supplement of one case at one moment."""

    notice: Notice
    open: bool
    """Whether it can be taken now."""
    draft: Draft | None
    rung: Rung | None = None
    """How far its message is; None before a press."""
    since: datetime | None = None
    refusals: Sequence[Refusal] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A taken application that waits for its supplement."""

    draft: Draft
    case: CaseLine | None
    notice: Notice


class Supplements:
    """The supplements of one window county; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, place: Workplace, held: HeldLicenses) -> None:
        """`held` is the node's search for licenses. Nothing is opened."""
        self._place = place
        self._held = held

    def wanted(self) -> Sequence[Wanted]:
        """What this county's applicants have to add."""
        place, now = self._place, self._place.clock()
        with place.store.read() as tx:
            directory = place.directory(tx)
            return [
                Wanted(draft=each, case=caselist.find(tx, each.case_no, directory, place.county, now), notice=asked)
                for each in drafts.to_supplement(tx, place.identity.storage)
                if (asked := notice.of_case(tx, place.identity, each.case_no)) is not None
            ]

    def standing(self, draft_id: str) -> Supplementing | None:
        """Of a taken application; None when nothing was asked for. Raises E-TAKE-001."""
        place = self._place
        with place.store.read() as tx:
            taken = drafts.find(tx, place.identity.storage, draft_id)
            asked = notice.of_case(tx, place.identity, taken.case_no)
            if asked is None:
                return None
            draft = drafts.supplement_to(tx, place.identity.storage, draft_id)
            is_open = _asked_for(casebook.find(tx, taken.case_no))
            found = Supplementing(notice=asked, open=is_open, draft=draft)
            if draft is None or not draft.taken:
                return found
            rung, since = rung_of(tx, draft, PROVIDED)
            said = refusals(tx, draft.case_no, draft.message_id) if rung is Rung.REFUSED else ()
            return Supplementing(notice=asked, open=is_open, draft=draft, rung=rung, since=since, refusals=said)

    def start(self, draft_id: str, *, person: Person, window_no: str) -> str:
        """Begin it, or go on with what was begun, by whoever presses; returns the draft's id. Raises E-TAKE-024."""
        sealing, now = self._place.identity.storage, self._place.clock()
        with self._place.store.write() as tx:
            taken = drafts.find(tx, sealing, draft_id, for_change=True)
            if taken.supplement_of or not taken.taken or not _asked_for(casebook.find(tx, taken.case_no)):
                raise YunhuobanError(NOT_ASKED, place="draft_id", found=taken.case_no)
            begun = drafts.supplement_to(tx, sealing, draft_id, for_change=True)
            if begun is None:
                return drafts.start(
                    tx,
                    sealing,
                    account=person.account,
                    window_no=window_no,
                    issuing_county=taken.issuing_county,
                    service_item=taken.service_item,
                    trial=taken.trial,
                    typed={},
                    now=now,
                    supplements=taken,
                )
            if begun.taken or begun.account != person.account:
                drafts.reopened(tx, begun, account=person.account, now=now)
            return begun.draft_id

    def submit(self, draft_id: str, attempt: int, person: Person) -> str:
        """Send it; returns the application's draft, the same one for the same press.

        Raises E-TAKE-020 with what is wrong at its fields, E-TAKE-001, -023 or -024, E-SHARE-001 or -003 for a named
        license, E-DOC-… when nothing is in it.
        """
        place, now = self._place, self._place.clock()
        with place.store.write() as tx:
            draft = drafts.find(tx, place.identity.storage, draft_id, for_change=True)
            if not draft.supplement_of:
                raise YunhuobanError(drafts.NO_DRAFT, place="draft_id")
            if draft.attempt != attempt:
                raise YunhuobanError(OTHER_ATTEMPT, place="draft_id")
            if draft.taken:
                return draft.supplement_of
            draft = drafts.mine(tx, place.identity.storage, draft_id, person.account)
            message_id = self._send(tx, draft, person, now)
            drafts.taken(tx, draft, case_no=draft.case_no, message_id=message_id, now=now)
        _log.info("case.step", case_no=draft.case_no, type=PROVIDED)
        place.sent()
        return draft.supplement_of

    def _send(self, tx: Connection, draft: Draft, person: Person, now: datetime) -> str:
        place, case = self._place, casebook.find(tx, draft.case_no)
        directory = place.directory.demand(tx)
        sheet = stands(tx, place.identity, directory, draft, now)
        demand_complete(sheet)
        if case is None or sheet.notice is None or not _asked_for(case):
            raise YunhuobanError(NOT_ASKED, place="draft_id", found=draft.case_no)
        naming.demand_valid(tx, self._held, directory, draft, sheet.checked.rows, now)
        fielded = reads_fields(directory, case.parties.issuing)
        enclosed = enclosed_for(tx, place.identity.storage, sheet, directory)
        said = _record(sheet, sheet.notice, enclosed, person, fielded=fielded, now=now)
        steps.demand_party(case, place.county, PROVIDED)
        steps.take(tx, case, PROVIDED, said, directory, now)
        earlier = outbox.find(tx, draft.message_id) if draft.message_id else None
        message_id = steps.put(
            tx,
            place.box,
            case,
            PROVIDED,
            said,
            directory,
            now,
            county=place.county,
            supersedes=earlier.message_id if earlier is not None else None,
            message_id=derived_id(draft.draft_id, f"{PROVIDED}/{draft.attempt}"),
            patient=True,
            attachments=enclosed.attachments if enclosed is not None else (),
        )
        if earlier is not None:
            troublebook.clear(tx, f"message/{earlier.message_id}")
        return message_id


def _record(
    sheet: Sheet, asked: Notice, enclosed: Enclosed | None, person: Person, *, fielded: bool, now: datetime
) -> dict[str, object]:
    return supplement.record(
        sheet.draft,
        sheet.what,
        sheet.checked,
        sheet.files,
        enclosed,
        notice=asked,
        clerk=person.name,
        fielded=fielded,
        now=now,
    )


def _asked_for(case: Case | None) -> bool:
    return case is not None and (case.state, PROVIDED) in MOVES
