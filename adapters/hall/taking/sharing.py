"""免提交 and 加注件 at the window: what a clerk does with the licenses that the node holds, while typing."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from adapters.case.workplace import Workplace
from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.hall.sharing import annotating
from adapters.hall.sharing.annotating import Annotator, Use
from adapters.hall.sharing.held import Held, HeldLicenses
from adapters.hall.taking import drafts, naming, scans
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.materials import Row
from adapters.hall.taking.picturing import Picturing
from adapters.hall.taking.sheet import Sheet, stands
from pages.frame import NOT_THERE
from pages.people.person import Person
from pages.uploads import jail
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
_PURPOSE: Final = "examine"
_NUMBER: Final = "applicant.document_no"


class LicenseShares:
    """One county's clerks at the licenses of its node; thread-safe."""

    def __init__(self, place: Workplace, held: HeldLicenses, picturing: Picturing) -> None:
        """`held` is the node's search; `picturing` looks at a copy as at every other file."""
        self._place = place
        self._held = held
        self._picturing = picturing
        self._annotator = Annotator()

    def now(self) -> datetime:
        """The node's time."""
        return self._place.clock()

    def find(self, draft_id: str, number: str, person: Person) -> Sequence[Held]:
        """The licenses of whoever has this number, the applicant where none is written, after the look is noted.

        Raises E-SHARE-002, E-TAKE-001 or -002.
        """
        place = self._place
        with place.store.read() as tx:
            draft = drafts.mine(tx, place.identity.storage, draft_id, person.account)
            asked = number.strip() or self._applicant(tx, draft)
            found = self._held.of_holder(tx, asked, trial=draft.trial)
        now = place.clock()
        with place.store.write() as tx:
            for case_no in dict.fromkeys(each.case_no for each in found) or [""]:
                book.note(tx, account=person.account, case_no=case_no, what=What.SEARCH, purpose=_PURPOSE, now=now)
        return found

    def name(self, draft_id: str, material: str, identifier: str, person: Person) -> Sheet:
        """Name a license instead of a material; an empty identifier has the material brought as usual, without a copy.

        Raises E-SHARE-001 or -003, E-PAGE-005 for a material that no license stands for, E-TAKE-001 to -003.
        """
        place = self._place
        now = place.clock()
        with place.store.write() as tx:
            draft, row = self._row(tx, draft_id, material, person, now)
            said: dict[str, str] | None = None
            if identifier:
                naming.demand_read(place.directory.demand(tx), draft.issuing_county)
                held = self._held.demand(tx, identifier, trial=draft.trial, now=now)
                said = naming.stamp(held, person.account, now)
            _forget_copy(tx, draft, row)
            stamps = {row.path(naming.LICENSE): said, row.path(naming.COPY): None}
            draft = drafts.keep(tx, place.identity.storage, draft, typed={}, stamps=stamps, now=now)
            return self._sheet(tx, draft, now)

    def copy(self, draft_id: str, material: str, identifier: str, *, purpose: str, until: str, person: Person) -> Sheet:
        """Make an annotated copy of a license and bring it for a material; the one before it is forgotten.

        Raises E-SHARE-001, -003, -004 or -005, what `name` raises, E-TAKE-005, E-LIC-… when the copy cannot be made.
        """
        place, now = self._place, self._place.clock()
        with place.store.read() as tx:
            draft, _row = self._row(tx, draft_id, material, person, now)
            directory = place.directory.demand(tx)
            naming.demand_read(directory, draft.issuing_county)
            held = self._held.demand(tx, identifier, trial=draft.trial, now=now)
        maker = f"{directory.name(place.county)}政务服务窗口"
        use = Use(purpose=purpose.strip(), maker=maker, until=_day(until), made_at=now)
        with jail.held(self._annotator.copy(held, use)) as file:  # outside of the transaction: it takes a second
            seen = self._picturing.look(file)
        with place.store.write() as tx:
            draft, row = self._row(tx, draft_id, material, person, now)
            _forget_copy(tx, draft, row)
            scan_id = scans.add(
                tx,
                place.identity.storage,
                draft_id=draft_id,
                supplement_of=draft.supplement_of,
                material=material,
                seen=seen,
                account=person.account,
                now=now,
            )
            more = {"purpose": use.purpose, "maker": use.maker, "copy_until": use.until.isoformat(), "scan": scan_id}
            said = naming.stamp(held, person.account, now) | more
            stamps = {row.path(naming.COPY): said, row.path(naming.LICENSE): None}
            draft = drafts.keep(tx, place.identity.storage, draft, typed={}, stamps=stamps, now=now)
            sheet = self._sheet(tx, draft, now)
        _log.info("annotated_copy.made")
        return sheet

    def _applicant(self, tx: Connection, draft: Draft) -> str:
        """The applicant's number; in a supplement that of the application, unless it is corrected there."""
        typed = draft.typed.get(_NUMBER, "").strip()
        if typed or not draft.supplement_of:
            return typed
        return drafts.find(tx, self._place.identity.storage, draft.supplement_of).typed.get(_NUMBER, "")

    def _row(self, tx: Connection, draft_id: str, material: str, person: Person, now: datetime) -> tuple[Draft, Row]:
        draft = drafts.mine(tx, self._place.identity.storage, draft_id, person.account, for_change=True)
        for row in self._sheet(tx, draft, now).checked.rows:
            if row.key == material and row.shareable:
                return draft, row
        raise YunhuobanError(NOT_THERE, place="material")

    def _sheet(self, tx: Connection, draft: Draft, now: datetime) -> Sheet:
        return stands(tx, self._place.identity, self._place.directory.demand(tx), draft, now)


def _forget_copy(tx: Connection, draft: Draft, row: Row) -> None:
    before = naming.copied(draft, row)
    if before is not None:
        scans.remove(tx, draft.draft_id, before["scan"])


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError as error:
        most = str(annotating.MOST_DAYS)
        raise YunhuobanError(annotating.UNTIL_WRONG, place="until", found=typed[:20], most=most) from error
