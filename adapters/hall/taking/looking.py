"""Who may look at scans: whoever types the draft at those of the draft; later a clerk who says what for, for a while.

The list of a case's scans names materials, kinds and sizes and no person: it needs no purpose. A look at a taken
application's scans is written into the book of looks first (`adapters.hall.revealing`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection

from adapters.boxes import outbox
from adapters.boxes.kept import is_kept
from adapters.case.workplace import Workplace
from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.hall.sharing import worth
from adapters.hall.sharing.worth import Worth
from adapters.hall.taking import drafts, scans
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.picturing import Picturing
from adapters.hall.taking.scans import Scan
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas.errors import YunhuobanError
from schemas.workdays.hours import beijing_day

OPEN_FOR: Final = timedelta(minutes=10)
"""How long a look lasts after its purpose was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The scans of a taken application, and whether this person may look at them now."""

    scans: Sequence[Scan]
    open: bool


class ScanLooks:
    """The looks of one county's clerks; thread-safe."""

    def __init__(self, place: Workplace, picturing: Picturing) -> None:
        """`picturing` makes the pictures."""
        self._place = place
        self._picturing = picturing

    def of_draft(self, draft_id: str, scan_id: str, person: Person) -> Scan:
        """A scan of this person's draft. Raises E-TAKE-001 or -002, E-PAGE-005."""
        return self._of_draft(draft_id, scan_id, person)[0]

    def draft_picture(self, draft_id: str, scan_id: str, page: int, person: Person) -> bytes:
        """A page of it. Raises as `of_draft` and as `Picturing.picture`."""
        return self._picture(*self._of_draft(draft_id, scan_id, person), page)

    def listed(self, draft_id: str, person: Person) -> Listed:
        """What was scanned for a taken application. Raises E-TAKE-001."""
        with self._place.store.read() as tx:
            draft = self._taken(tx, draft_id)
            found = scans.of_drafts(tx, self._of_case(tx, draft))
            return Listed(scans=found, open=bool(found) and self._is_open(tx, draft, person))

    def worths(self, draft_id: str) -> Sequence[Worth]:
        """What the materials were said to be worth, as they were sent, a supplement's last. Raises E-TAKE-001."""
        with self._place.store.read() as tx:
            draft, today = self._taken(tx, draft_id), beijing_day(self._place.clock())
            more = drafts.supplement_to(tx, self._place.identity.storage, draft_id)
            found = worth.of(self._materials(tx, draft), today)
            if more is not None and more.taken:
                found += worth.of(self._materials(tx, more), today, supplied=True)
            return found

    def _materials(self, tx: Connection, draft: Draft) -> Sequence[Mapping[str, Any]]:
        """As its message says them; none when the content is not kept any more."""
        row = outbox.find(tx, draft.message_id)
        if row is None or not is_kept(row):
            return ()
        found: Sequence[Mapping[str, Any]] = self._place.box.record(tx, draft.message_id)["materials"]
        return found

    def say_why(self, draft_id: str, purpose: str, person: Person) -> None:
        """Write down that this person looks at the scans now, and what for. Raises E-TAKE-001, E-LOOK-001."""
        with self._place.store.write() as tx:
            draft = self._taken(tx, draft_id)
            case_no, now = draft.case_no, self._place.clock()
            book.note(tx, account=person.account, case_no=case_no, what=What.SCANS, purpose=purpose, now=now)

    def of_case(self, draft_id: str, scan_id: str, person: Person) -> Scan:
        """A scan of a taken application. Raises E-LOOK-001 without a look that was said, E-TAKE-001, E-PAGE-005."""
        return self._taken_scan(draft_id, scan_id, person)[0]

    def case_picture(self, draft_id: str, scan_id: str, page: int, person: Person) -> bytes:
        """A page of it. Raises as `of_case` and as `Picturing.picture`."""
        return self._picture(*self._taken_scan(draft_id, scan_id, person), page)

    def _of_draft(self, draft_id: str, scan_id: str, person: Person) -> tuple[Scan, bytes]:
        sealing = self._place.identity.storage
        with self._place.store.read() as tx:
            drafts.mine(tx, sealing, draft_id, person.account)
            return scans.content(tx, sealing, [draft_id], scan_id)

    def _taken_scan(self, draft_id: str, scan_id: str, person: Person) -> tuple[Scan, bytes]:
        with self._place.store.read() as tx:
            draft = self._taken(tx, draft_id)
            if not self._is_open(tx, draft, person):
                raise YunhuobanError(book.NO_PURPOSE, place="purpose", expected=", ".join(book.PURPOSES))
            return scans.content(tx, self._place.identity.storage, self._of_case(tx, draft), scan_id)

    def _taken(self, tx: Connection, draft_id: str) -> Draft:
        draft = drafts.find(tx, self._place.identity.storage, draft_id)
        if not draft.pressed or draft.supplement_of:
            raise YunhuobanError(NOT_THERE, place="draft_id")
        return draft

    def _of_case(self, tx: Connection, draft: Draft) -> Sequence[str]:
        """Where the case's scans are: with the application, and with a supplement that was sent."""
        more = drafts.supplement_to(tx, self._place.identity.storage, draft.draft_id)
        return [draft.draft_id, more.draft_id] if more is not None and more.taken else [draft.draft_id]

    def _is_open(self, tx: Connection, draft: Draft, person: Person) -> bool:
        since = self._place.clock() - OPEN_FOR
        return any(
            each.account == person.account and each.what == What.SCANS and each.at > since
            for each in book.looks(tx, draft.case_no)
        )

    def _picture(self, scan: Scan, data: bytes, page: int) -> bytes:
        if not 1 <= page <= scan.pages:
            raise YunhuobanError(NOT_THERE, place="page")
        return self._picturing.picture(scan.kind, data, page)
