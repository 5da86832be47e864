"""The rooms of a hall: every page of a county node, composed over what the node has opened.

A part of the composition root (`adapters.node`) with a name of its own: nothing is opened here but the pages.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from fastapi import FastAPI

from adapters.boxes.outbox import Outbox
from adapters.case.workplace import Workplace
from adapters.countyit.joining.web.countyjoining import CountyJoining
from adapters.countyit.status.page import router as status_router
from adapters.countyit.status.report import Report
from adapters.directory.directories import CurrentDirectory
from adapters.hall.agents import page as agentpages
from adapters.hall.approving.desk import ApprovalDesk
from adapters.hall.approving.files import CaseFiles
from adapters.hall.approving.page import router as approvals_router
from adapters.hall.approving.specimen import Specimens
from adapters.hall.around.desk import AroundDesk
from adapters.hall.around.page import router as around_router
from adapters.hall.around.sending import ReminderSender
from adapters.hall.desk.printdesk import build_app
from adapters.hall.desk.source import NodeDesk
from adapters.hall.grouping.desk import GroupDesk
from adapters.hall.grouping.page import router as groups_router
from adapters.hall.grouping.sending import PartSender
from adapters.hall.handingover.desk import HandOverDesk
from adapters.hall.handingover.page import router as handing_over_router
from adapters.hall.people import placewords
from adapters.hall.people.opening import CountyPeople
from adapters.hall.printers.hall import HallPrinters
from adapters.hall.printers.page import router as printers_router
from adapters.hall.privacy.exporting.desk import ExportDesk
from adapters.hall.privacy.exporting.page import router as exports_router
from adapters.hall.privacy.subject.desk import SubjectDesk
from adapters.hall.privacy.subject.page import router as subject_router
from adapters.hall.revealing.book import Look, looks
from adapters.hall.revealing.holders import Holders
from adapters.hall.revealing.page import router as looks_router
from adapters.hall.reviewing.concluding import Conclusions
from adapters.hall.reviewing.desk import ReviewDesk
from adapters.hall.reviewing.drawer import Drawer
from adapters.hall.reviewing.page import router as reviews_router
from adapters.hall.shifts.desk import ShiftDesk
from adapters.hall.shifts.page import router as shift_router
from adapters.hall.stating import answerspage, bundlespage, detailspage, expertpage, powerspage
from adapters.hall.stating.answers import AnswersDesk
from adapters.hall.stating.bundles import BundleDesk
from adapters.hall.stating.desk import StatingDesk
from adapters.hall.stating.details import DetailsDesk
from adapters.hall.stating.expertdesk import ExpertDesk
from adapters.hall.stating.page import router as stating_router
from adapters.hall.stating.powers import PowersDesk
from adapters.hall.stock.web.desk import StockDesk
from adapters.hall.stock.web.page import router as stock_router
from adapters.hall.taking.paper.powerpapers import PowerPapers
from adapters.hall.taking.paper.receipt import Receipts
from adapters.hall.taking.picturing import Picturing
from adapters.hall.taking.taker import Taker
from adapters.hall.taking.web import takepages
from adapters.hall.taking.wiping import Wiper
from adapters.hall.verifying import holding
from adapters.hall.verifying import page as verifying
from adapters.hall.verifying.checking import AskKnown
from adapters.identity import Identity
from adapters.instants import now
from adapters.licenses.examining.examine import Verifier
from adapters.licenses.render import Renderer
from adapters.scanning.progresslink import progress_link
from adapters.settings import UNSET_HOST, CountySettings
from adapters.store import Store
from adapters.window.printroom import PrintRoom
from adapters.window.sheets import SheetBook
from pages.access import Access
from pages.people.person import Role
from pages.uploads.receiving import Shelf

_MACHINE: Final = {True: frozenset(Role), False: frozenset({Role.COUNTY_IT})}
"""What whoever holds this machine may do without signing in, on trial and in earnest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the node has opened."""

    settings: CountySettings
    store: Store
    identity: Identity
    box: Outbox
    directory: CurrentDirectory
    room: PrintRoom
    printers: HallPrinters
    joining: CountyJoining
    renderer: Renderer
    elsewhere: frozenset[str]
    """The message types that the county's own system says, by its mapping."""
    report: Callable[[], Report]
    sent: Callable[[], None]
    """Wakes the node's loops."""


class Rooms:
    """The pages, as one application; and what their loops need of them."""

    def __init__(self, opened: Opened) -> None:
        """Nothing is served yet."""
        self._opened = opened
        settings, store = opened.settings, opened.store
        words, idle_seconds = partial(placewords.of, settings.division_code), settings.sign_in.idle_minutes * 60
        self.people = CountyPeople.over(store, opened.identity.storage, idle_seconds=idle_seconds, words=words)
        self.taker = self._taker()
        self.wiper = self._wiper()
        self.drawer = Drawer(self._workplace())
        self.parts = PartSender(self._workplace())
        self.reminders = ReminderSender(self._workplace(), on=settings.reminders.by_node)
        self.access = Access(roles=_MACHINE[settings.trial], people=self.people.sign_in)
        self.app = self._compose()

    def _compose(self) -> FastAPI:
        opened, access = self._opened, self.access
        settings = opened.settings
        app = build_app(self._desk(), access, opened.joining, self.people.sign_in)
        receipts = Receipts(self.taker, county_name=settings.name, progress_link=self._progress_link)
        holders = Holders(store=opened.store, identity=opened.identity, hall=settings.station.hall, clock=now)
        specimens, place = Specimens(settings, opened.renderer), self._workplace()
        shifts = ShiftDesk(store=opened.store, hall=settings.station.hall, clock=now)
        subjects = SubjectDesk(store=opened.store, identity=opened.identity, clock=now)
        approvals = ApprovalDesk(place, remedies=settings.authority.remedies)
        around = AroundDesk(place, by_node=settings.reminders.by_node)
        for each in (
            self.people.pages(access),
            status_router(opened.report, access),
            approvals_router(approvals, CaseFiles(place, Picturing()), specimens, access, now),
            around_router(around, access, self._progress_link),
            answerspage.router(AnswersDesk(place, around), access),
            stating_router(
                [
                    powerspage.section(PowersDesk(StatingDesk(place))),
                    answerspage.SECTION,
                    detailspage.SECTION,
                    expertpage.SECTION,
                    bundlespage.section(BundleDesk(StatingDesk(place))),
                ],
                access,
            ),
            reviews_router(ReviewDesk(place), self._conclusions(place), around, access),
            detailspage.router(DetailsDesk(place), access),
            groups_router(GroupDesk(place), access, window=settings.station.station),
            handing_over_router(HandOverDesk(place), access, hall=settings.station.hall),
            looks_router(holders, self._looks, access),
            subject_router(subjects, access),
            exports_router(self._exports(), subjects, access),
            printers_router(opened.printers, access, clock=now),
            stock_router(self._stock(), access, self.people.sign_in),
            shift_router(shifts, access, self.people.sign_in),
        ):
            app.include_router(each)
        shelf = Shelf(settings.folder / "uploads")
        verifying.attach(app, self._verifier, shelf, access)
        agentpages.attach(app, place, shelf, access)
        counter = takepages.Counter(
            taker=self.taker,
            receipts=receipts,
            powers=PowerPapers(self.taker, county_name=settings.name),
            place=place,
            shelf=shelf,
            window=settings.station.station,
        )
        takepages.attach(app, counter, access)
        expertpage.attach(app, ExpertDesk(place), access)
        return app

    def _desk(self) -> NodeDesk:
        opened = self._opened
        sheets = SheetBook(
            store=opened.store,
            identity=opened.identity,
            box=opened.box,
            directory=opened.directory,
            clock=now,
            sent=opened.sent,
        )
        return NodeDesk(
            settings=opened.settings,
            store=opened.store,
            identity=opened.identity,
            room=opened.room,
            sheets=sheets,
            looks=opened.printers.looks,
            directory=opened.directory,
            clock=now,
        )

    def _taker(self) -> Taker:
        opened = self._opened
        return Taker(
            store=opened.store,
            identity=opened.identity,
            box=opened.box,
            directory=opened.directory,
            clock=now,
            sent=opened.sent,
        )

    def _wiper(self) -> Wiper:
        terms = self._opened.settings.taking
        return Wiper(
            store=self._opened.store,
            clock=now,
            drafts_kept=timedelta(days=terms.draft_days),
            taken_kept=timedelta(days=terms.ended_days),
        )

    def _workplace(self) -> Workplace:
        opened = self._opened
        return Workplace(
            county=opened.settings.division_code,
            store=opened.store,
            identity=opened.identity,
            box=opened.box,
            directory=opened.directory,
            elsewhere=opened.elsewhere,
            clock=now,
            sent=opened.sent,
        )

    def _conclusions(self, place: Workplace) -> Conclusions:
        settings = self._opened.settings
        return Conclusions(place, county=settings.name, kept=timedelta(days=settings.retention.recordings_days))

    def _stock(self) -> StockDesk:
        opened = self._opened
        return StockDesk(
            store=opened.store,
            sealing=opened.identity.storage,
            county=opened.settings.name,
            station=opened.settings.station.station,
            clock=now,
        )

    def _verifier(self) -> tuple[Verifier, AskKnown]:
        opened = self._opened
        return holding.of_county(
            opened.store, opened.identity, opened.directory, trial=opened.settings.trial, now=now()
        )

    def _exports(self) -> ExportDesk:
        opened = self._opened
        return ExportDesk(
            store=opened.store,
            identity=opened.identity,
            county=opened.settings.name,
            clock=now,
            kept=timedelta(days=opened.settings.retention.exports_days),
        )

    def _looks(self, case_no: str) -> Sequence[Look]:
        with self._opened.store.read() as tx:
            return looks(tx, case_no)

    def _progress_link(self, case_no: str) -> str | None:
        """None while county.toml does not say where the hub's public pages are."""
        host = self._opened.settings.authority.verify_host
        return None if host == UNSET_HOST else progress_link(self._opened.identity, case_no, host=host, now=now())
