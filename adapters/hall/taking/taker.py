"""Taking applications at this county's pages: search, draft, press, and what became of it.

A press goes the way of a record that was read from a local system: judged by the directory, one case number, one
message in the outbox, one transaction. The draft's row is that transaction's lock and its memory: the same press again
finds its case. Whether the line is up plays no part; what cannot be addressed yet waits in the outbox for a key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from adapters.authority import windowpowers
from adapters.boxes.outbox import Outbox
from adapters.case import casebook, groupbook, groupjoining, papers, parcels
from adapters.directory import guideanswers
from adapters.directory.directories import CurrentDirectory
from adapters.directory.directoryview import DirectoryView
from adapters.hall.sharing.held import HeldLicenses
from adapters.hall.taking import drafts, fields, materials, offered, once, partner, scans
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.fields import IDENTITY
from adapters.hall.taking.offered import Hits, Offered, Search
from adapters.hall.taking.once import OnceNotice
from adapters.hall.taking.partner import PartnerState
from adapters.hall.taking.picturing import Seen
from adapters.hall.taking.pressing import OTHER_ATTEMPT, take
from adapters.hall.taking.scans import Scan
from adapters.hall.taking.sheet import Sheet, stands
from adapters.hall.taking.standing import Standing, standing
from adapters.identity import Identity
from adapters.store import Store
from pages.people.person import Person
from schemas.errors import YunhuobanError, declare

_log = structlog.get_logger(__name__)

NOT_STARTED: Final = declare("E-TAKE-021", "这个事项现在不能收件。", "请看查找结果里写明的原因；目录更新后会自动恢复。")
NOT_REFUSED: Final = declare(
    "E-TAKE-022", "这份申请没有被退回，不能更正。", "请等属地答复；需要补正时，属地会发来补正告知。"
)

WIPED: Final = declare(
    "E-TAKE-025", "这份申请的内容已按保存期限擦除，不能更正。", "请当作新的申请重新收件；擦除的时间见擦除记录。"
)


class Taker:
    """The clerks' side of taking; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(
        self,
        *,
        store: Store,
        identity: Identity,
        box: Outbox,
        directory: CurrentDirectory,
        clock: Callable[[], datetime],
        sent: Callable[[], None],
    ) -> None:
        """`sent` wakes what carries the outbox."""
        self._store = store
        self._identity = identity
        self._box = box
        self._directory = directory
        self._clock = clock
        self._sent = sent
        self._search = Search(identity.division_code)
        self.held = HeldLicenses(identity, identity.division_code)

    # --- before ------------------------------------------------------------------------------------------------------

    def search(self, text: str) -> Hits:
        """What may be applied for. Raises E-LINK-101 before the first directory came."""
        with self._store.read() as tx:
            directory = self._directory.demand(tx)
        return self._search.look(text, directory, self._clock())

    def item(self, county: str, service_item: str) -> tuple[Offered, PartnerState]:
        """One item and how its county is. Raises E-TAKE-003, E-LINK-101."""
        with self._store.read() as tx:
            directory = self._directory.demand(tx)
            what = self._offered(directory, county, service_item)
            hours = what.implementation.transact_time if what.implementation is not None else ""
            return what, partner.look(tx, directory, county, said_hours=hours, now=self._clock())

    def start(self, county: str, service_item: str, *, person: Person, window_no: str, trial: bool) -> str:
        """Begin a draft. Raises E-TAKE-003, E-TAKE-021, E-LINK-101."""
        now = self._clock()
        with self._store.write() as tx:
            directory = self._directory.demand(tx)
            what = self._offered(directory, county, service_item)
            if what.why_not is not None:
                raise YunhuobanError(NOT_STARTED, place=what.why_not.code.code) from what.why_not
            first = {each.path: each.first for each in fields.fields(what) if each.first}
            return drafts.start(
                tx,
                self._identity.storage,
                account=person.account,
                window_no=window_no,
                issuing_county=county,
                service_item=what.service_item,
                trial=trial,
                typed=first,
                now=now,
            )

    # --- while typing ------------------------------------------------------------------------------------------------

    def sheet(self, draft_id: str, person: Person) -> Sheet:
        """The draft as it stands. Raises E-TAKE-001 to -003, E-LINK-101."""
        with self._store.read() as tx:
            return self._sheet(tx, drafts.mine(tx, self._identity.storage, draft_id, person.account))

    def keep(self, draft_id: str, typed: Mapping[str, str], person: Person) -> Sheet:
        """Keep what was typed into known fields. Raises what `sheet` raises."""
        now = self._clock()
        with self._store.write() as tx:
            draft = drafts.mine(tx, self._identity.storage, draft_id, person.account, for_change=True)
            known = self._sheet(tx, draft).paths
            news = {path: text for path, text in typed.items() if path in known}
            stamps = {
                path: {"by": person.account, "at": now.isoformat()} if _is_a_check(path, text) else None
                for path, text in news.items()
                if path == IDENTITY or path.endswith(".trust")
            }
            draft = drafts.keep(tx, self._identity.storage, draft, typed=news, stamps=stamps, now=now)
            return self._sheet(tx, draft)

    def add_row(self, draft_id: str, person: Person) -> Sheet:
        """One more row for a material that no list names."""
        with self._store.write() as tx:
            draft = drafts.mine(tx, self._identity.storage, draft_id, person.account, for_change=True)
            count = min(materials.extra_count(draft.typed) + 1, materials.MOST_EXTRAS)
            more = {materials.EXTRAS: str(count)}
            draft = drafts.keep(tx, self._identity.storage, draft, typed=more, stamps={}, now=self._clock())
            return self._sheet(tx, draft)

    def add_scan(self, draft_id: str, material: str, seen: Seen, person: Person) -> Sheet:
        """Keep a file for one of the draft's materials. Raises E-TAKE-005 besides."""
        with self._store.write() as tx:
            draft = drafts.mine(tx, self._identity.storage, draft_id, person.account, for_change=True)
            if material in {each.key for each in self._sheet(tx, draft).checked.rows}:
                scans.add(
                    tx,
                    self._identity.storage,
                    draft_id=draft_id,
                    supplement_of=draft.supplement_of,
                    material=material,
                    seen=seen,
                    account=person.account,
                    now=self._clock(),
                )
            return self._sheet(tx, draft)

    def remove_scan(self, draft_id: str, scan_id: str, person: Person) -> Sheet:
        """Forget a file of the draft."""
        with self._store.write() as tx:
            draft = drafts.mine(tx, self._identity.storage, draft_id, person.account, for_change=True)
            scans.remove(tx, draft_id, scan_id)
            return self._sheet(tx, draft)

    def inform(self, draft_id: str, person: Person) -> Sheet:
        """Tell everything that is missing, once: the same notice however often. Raises E-POWER-002 or -006 besides."""
        now = self._clock()
        with self._store.write() as tx:
            draft = drafts.mine(tx, self._identity.storage, draft_id, person.account, for_change=True)
            sheet = self._sheet(tx, draft)
            made = once.make(draft, sheet.what, sheet.checked, clerk=person.name, now=now)
            if not made:
                return sheet
            return self._sheet(tx, drafts.keep(tx, self._identity.storage, draft, typed=made, stamps={}, now=now))

    def told_once(self, draft_id: str) -> tuple[Draft, Offered, OnceNotice]:
        """What was told of a draft or a taken application. Raises E-TAKE-001, E-POWER-007."""
        with self._store.read() as tx:
            draft = drafts.find(tx, self._identity.storage, draft_id)
            what = self._offered(self._directory.demand(tx), draft.issuing_county, draft.service_item)
        told = once.of(draft)
        if told is None:
            raise YunhuobanError(once.NOT_TOLD, place="draft_id")
        return draft, what, told

    def discard(self, draft_id: str, person: Person) -> None:
        """Forget a draft that never became a case; raises E-TAKE-002 for one that did."""
        with self._store.write() as tx:
            draft = drafts.mine(tx, self._identity.storage, draft_id, person.account, for_change=True)
            if draft.pressed:
                raise YunhuobanError(drafts.ALREADY_TAKEN, place="draft_id", found=draft.case_no)
            drafts.discard(tx, draft)

    def drafts(self, person: Person) -> Sequence[tuple[Draft, str, str]]:
        """The clerk's own, newest first, with the names of item and county."""
        with self._store.read() as tx:
            mine = drafts.of_account(tx, self._identity.storage, person.account)
            return [(each, *self._names(tx, each)) for each in mine]

    def lately_taken(self) -> Sequence[tuple[Draft, str, str]]:
        """What this county has taken, newest first."""
        with self._store.read() as tx:
            found = drafts.lately_taken(tx, self._identity.storage)
            return [(each, *self._names(tx, each)) for each in found]

    # --- the press ---------------------------------------------------------------------------------------------------

    def submit(self, draft_id: str, attempt: int, person: Person) -> str:
        """Take the application; returns the case number, the same one for the same press.

        Raises E-TAKE-020 with what is missing at its fields, E-TAKE-001 or -023, E-SHARE-001 or -003, E-CAT-…,
        E-SRC-103 or a code of the gate when the issuing county would not get it; the draft stays as it is then.
        """
        now = self._clock()
        with self._store.write() as tx:
            draft = self._application(tx, draft_id)
            if draft.attempt != attempt:
                raise YunhuobanError(OTHER_ATTEMPT, place="draft_id")
            if draft.taken:
                return draft.case_no
            draft = drafts.mine(tx, self._identity.storage, draft_id, person.account)
            directory = self._directory.demand(tx)
            case_no, message_id = take(
                tx,
                self._identity.storage,
                self._sheet(tx, draft),
                directory,
                self._box,
                self._county,
                person,
                self.held,
                now,
            )
            drafts.taken(tx, draft, case_no=case_no, message_id=message_id, now=now)
            if draft.case_no:
                groupjoining.again(
                    tx, self._box, draft.case_no, case_no, clerk=person.name, directory=directory, now=now
                )
        _log.info("application.taken", case_no=case_no, message_id=message_id)
        self._sent()
        return case_no

    def correct(self, draft_id: str, person: Person) -> None:
        """Open a refused application for correction, by whoever presses. Raises E-TAKE-001, -022 or -025."""
        with self._store.write() as tx:
            draft = self._application(tx, draft_id)
            if not draft.taken and draft.case_no:
                return  # pressed twice
            if draft.wiped_at is not None:
                raise YunhuobanError(WIPED, place="draft_id", found=draft.case_no)
            if not draft.taken or not standing(tx, draft, self._directory(tx), self._county, self._clock()).refused:
                raise YunhuobanError(NOT_REFUSED, place="draft_id", found=draft.case_no)
            drafts.reopened(tx, draft, account=person.account, now=self._clock())
        _log.info("application.reopened", case_no=draft.case_no, message_id=draft.message_id)

    def standing(self, draft_id: str) -> tuple[Draft, Standing]:
        """What became of a taken application. Raises E-TAKE-001."""
        with self._store.read() as tx:
            draft = drafts.find(tx, self._identity.storage, draft_id)
            return draft, standing(tx, draft, self._directory(tx), self._county, self._clock())

    def taken_record(self, draft_id: str) -> tuple[Draft, Offered, Mapping[str, Any], Sequence[Scan]]:
        """What was sent of a taken application. Raises E-TAKE-001."""
        with self._store.read() as tx:
            draft = drafts.find(tx, self._identity.storage, draft_id)
            if not draft.pressed or draft.supplement_of:
                raise YunhuobanError(drafts.NO_DRAFT, place="draft_id")
            what = self._offered(self._directory.demand(tx), draft.issuing_county, draft.service_item)
            said = self._box.record(tx, draft.message_id)
            return draft, what, said, scans.of_drafts(tx, [draft_id])

    def owes_papers(self, draft: Draft) -> bool:
        """Whether this county still has to send the originals of a taken application to the issuing county."""
        with self._store.read() as tx:
            case = casebook.find(tx, draft.case_no)
            owed = papers.of_case(tx, self._identity, case, self._directory(tx), self._clock()) if case else ()
        return any(each.direction == parcels.OUT for each in owed)

    def promised_on(self, draft: Draft, accepted_at: datetime) -> date:
        """The day that the issuing county's item promises for what was accepted then. Raises E-POWER-005."""
        with self._store.read() as tx:
            directory = self._directory.demand(tx)
        return windowpowers.promised_on(directory, draft.issuing_county, draft.service_item, accepted_at)

    # --- around ------------------------------------------------------------------------------------------------------

    @property
    def _county(self) -> str:
        return self._identity.division_code

    def _offered(self, directory: DirectoryView, county: str, service_item: str) -> Offered:
        found = offered.offered(directory, county, service_item, window=self._county, now=self._clock())
        return replace(found, answers=guideanswers.of_item(directory, county, service_item))

    def _application(self, tx: Connection, draft_id: str) -> Draft:
        """A draft that is no supplement (`supplementing`) and no group's, which nobody else changes meanwhile."""
        draft = drafts.find(tx, self._identity.storage, draft_id, for_change=True)
        if draft.supplement_of or groupbook.of_form(tx, draft_id) is not None:
            raise YunhuobanError(drafts.NO_DRAFT, place="draft_id")
        return draft

    def _sheet(self, tx: Connection, draft: Draft) -> Sheet:
        return stands(tx, self._identity, self._directory.demand(tx), draft, self._clock())

    def _names(self, tx: Connection, draft: Draft) -> tuple[str, str]:
        """Of the item and of the county, as far as the directory knows them still."""
        directory = self._directory(tx)
        if directory is None:
            return "", draft.issuing_county
        try:
            what = self._offered(directory, draft.issuing_county, draft.service_item)
        except YunhuobanError:
            return "", directory.name(draft.issuing_county)
        return what.name, what.county_name


def _is_a_check(path: str, text: str) -> bool:
    """Whether choosing this says that the clerk has looked at an original just now."""
    return bool(text) if path == IDENTITY else text == materials.COMPARED
