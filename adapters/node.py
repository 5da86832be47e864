"""The county node's composition root: opens store, keys, links, local system and printer, and runs the loops.

Nothing else on the county side opens a connection. Every loop works from what is committed in the store, so that a
node killed at any moment goes on where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from adapters.attachments import road
from adapters.attachments.road import AttachmentRoad
from adapters.authority.authorising import Authoriser
from adapters.authority.issuing import Issuer
from adapters.authority.revoking import Revoker
from adapters.boxes.handling import Handler
from adapters.boxes.outbox import Outbox
from adapters.case import caselist
from adapters.case.applying import Applier
from adapters.case.groups import GroupKeeper
from adapters.countyit.conformance import expiry
from adapters.countyit.joining.web.countyjoining import CountyJoining
from adapters.countyit.renewing import nextkeys
from adapters.countyit.renewing.online.poster import Poster
from adapters.countyit.renewing.renewer import Renewer
from adapters.countyit.status.gathering import gather
from adapters.countyit.status.pulse import Heart
from adapters.countyit.status.report import Report
from adapters.directory.asking import DirectoryAsker
from adapters.directory.directories import CurrentDirectory
from adapters.directory.directoryview import DirectoryView
from adapters.hall.agents.cases import AgentWatch
from adapters.hall.approving import acts, proposals
from adapters.hall.around.reminding import Reminders
from adapters.hall.hallpage import certificate
from adapters.hall.hallpage.listening import HallListener
from adapters.hall.noticing import matters, waiting
from adapters.hall.noticing.waiting import Waiting
from adapters.hall.noticing.watch import NoticeWatch, opened
from adapters.hall.printers.hall import HallPrinters
from adapters.hall.privacy.retaining.keeper import Keeper
from adapters.hall.privacy.retaining.rules import rules_of
from adapters.hall.stock.closing import Closer
from adapters.hall.taking import scans
from adapters.hall.verifying.page import say_unprotected
from adapters.identity import Identity
from adapters.instants import now
from adapters.licenses.render import Renderer
from adapters.licenses.seal import FileSeal
from adapters.licenses.seal_process import SealProcess
from adapters.link.connection import Link
from adapters.link.settings import link_parameters
from adapters.link.traffic import Receiver, Sender
from adapters.local.localsystem.checking import check
from adapters.local.localsystem.watching import LocalWatch
from adapters.local.localwrites import LocalWriter
from adapters.local.mapping import CountyMapping, load_mapping
from adapters.local.reading import LocalReader
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import open_source
from adapters.local.sources.webhook.shelf import Shelf as WebhookShelf
from adapters.loops import Loop
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.printing.station import Station
from adapters.rooms import Opened, Rooms
from adapters.settings import CountySettings
from adapters.store import open_store
from adapters.window.printroom import PrintRoom
from certs import keys
from pages.addresses import AddressFile
from pages.serving import Serving
from schemas.workdays.hours import beijing_day

_ROADS: Final = ("cases", "claims", "arrivals")
_IDLE_SECONDS: Final = 1.0
_RENEWING_SECONDS: Final = 5.0
_NOTICE_SECONDS: Final = 15.0
_GROUPS_SECONDS: Final = 20.0
_REMINDING_SECONDS: Final = 600.0
_HALL_PAGE_SECONDS: Final = 2.0
_CLOSING_SECONDS: Final = 30.0
_WIPING_SECONDS: Final = 3600.0
_KEEPING_SECONDS: Final = 3600.0
_PRINTER_POLL_SECONDS: Final = 0.2


class Node:
    """One county, running."""

    def __init__(self, settings: CountySettings) -> None:
        """Open everything; nothing runs before `start`."""
        self.settings = settings
        nextkeys.settle(settings.certificates)
        self.identity = Identity.load(settings)
        self.store = open_store(settings.database)
        self._directory = CurrentDirectory(self.identity, trial=settings.trial)
        self._box = Outbox(self.identity)
        by_node = settings.reminders.by_node
        self._reminders = Reminders(self._box, self.settings.division_code, by_node=by_node)
        self._revoker = Revoker(identity=self.identity, box=self._box)
        parameters = link_parameters(settings)
        self._links = [Link(parameters) for _ in range(3)]
        self._parts_link = Link(replace(parameters, confirm_seconds=road.CONFIRM_SECONDS))
        self._sealer = self._open_seal()
        self._renderer = Renderer()
        printers = HallPrinters(settings.folder, settings.station)
        self.room = self._open_room(printers)
        self._joining = CountyJoining(settings)
        mapping = load_mapping(settings.mapping)
        shelf = WebhookShelf(self.store, self.identity.storage, now)
        self._source = open_source(mapping, settings.local_read, now=now, shelf=shelf)
        self._sink = open_sink(mapping, settings.local_write)
        hall = certificate.of_hall(settings)
        self._agents = AgentWatch(self.identity, settings.division_code)
        self._elsewhere = acts.said_elsewhere(mapping.rules)
        self._loops = self._make_loops(mapping)
        self._heart = Heart(settings.folder, dict(zip(_ROADS, self._links, strict=True)), clock=now)
        rooms = Rooms(
            Opened(
                settings=settings,
                store=self.store,
                identity=self.identity,
                box=self._box,
                directory=self._directory,
                room=self.room,
                printers=printers,
                joining=self._joining,
                renderer=self._renderer,
                elsewhere=self._elsewhere,
                report=self._report,
                sent=self._wake_all,
            )
        )
        self.people, self.app = rooms.people, rooms.app
        self._loops.append(Loop("drawing", rooms.drawer.run_once, idle_seconds=_IDLE_SECONDS))
        sender = self._waking(lambda: rooms.parts.run_once(now()))
        self._loops.append(Loop("group_parts", sender, idle_seconds=_GROUPS_SECONDS))
        reminder = self._waking(lambda: rooms.reminders.run_once(now()))
        self._loops.append(Loop("reminding", reminder, idle_seconds=_REMINDING_SECONDS))
        self._loops.append(Loop("wiping", rooms.wiper.run_once, idle_seconds=_WIPING_SECONDS))
        keeper = Keeper(self.store, rules_of(settings.retention), now)
        self._loops.append(Loop("keeping", keeper.run_once, idle_seconds=_KEEPING_SECONDS))
        self._pages = Serving(self.app, port=settings.page_port)
        self._hall = HallListener(self.app, hall, clock=now) if hall is not None else None
        if self._hall is not None:
            self._loops.append(Loop("hall_page", self._hall.run_once, idle_seconds=_HALL_PAGE_SECONDS))
        self.address = AddressFile(settings.folder / "page.address", rooms.access, settings.page_port)

    def start(self) -> str:
        """Start the loops and the page; returns the page's address with its one-time token."""
        say_unprotected()
        self.room.station.reconcile()
        for loop in self._loops:
            loop.start()
        self._pages.start()
        return self.address.offer()

    def turn(self) -> None:
        """Keep the page's address and the node's word of itself fresh."""
        self.address.keep_fresh()
        self._heart.turn()

    def busy(self) -> dict[str, float]:
        """For how many seconds each loop has been in the step at hand."""
        return {loop.name: loop.busy_seconds for loop in self._loops}

    def stop(self) -> None:
        """End everything in order: what brings in work first, then the links, the seal and the store."""
        self.address.withdraw()
        self._heart.stop()
        self._pages.stop()
        for loop in self._loops:
            loop.stop()
        if self._hall is not None:
            self._hall.stop()
        self._source.close()
        self._sink.close()
        for link in (*self._links, self._parts_link):
            link.close()
        self._sealer.close()
        self.store.close()

    def _make_loops(self, mapping: CountyMapping) -> list[Loop]:
        settings, store = self.settings, self.store
        cases, claims, arrivals = self._links
        authoriser = Authoriser(settings, self._box)
        applier = Applier(
            identity=self.identity,
            box=self._box,
            revoker=self._revoker,
            replace_spoiled=authoriser.replace_spoiled,
            elsewhere=acts.said_elsewhere(mapping.rules),
        )
        handler = Handler(
            store=store,
            identity=self.identity,
            box=self._box,
            trial=settings.trial,
            directory=self._directory,
            applier=applier,
            granted=self.room.granted,
        )
        issuer = Issuer(
            settings=settings,
            store=store,
            identity=self.identity,
            box=self._box,
            authoriser=authoriser,
            sealer=self._sealer,
            renderer=self._renderer,
        )
        reader = LocalReader(
            store=store,
            identity=self.identity,
            mapping=mapping,
            source=self._source,
            outbox=self._box,
            authoriser=authoriser,
            expired=expiry.at_window(settings.folder, mapping, settings.mapping),
            elsewhere=acts.said_elsewhere(mapping.rules),
        )
        writer = LocalWriter(store=store, identity=self.identity, mapping=mapping, sink=self._sink)
        receiver = Receiver(
            store=store, link=arrivals, county=settings.division_code, clock=now, arrived=self._wake_all
        )
        asker = DirectoryAsker(store=store, link=cases, county=settings.division_code, clock=now)
        resend = settings.hub.resend_seconds
        sender = Sender(store=store, link=cases, clock=now, resend_seconds=resend, express=False)
        express = Sender(store=store, link=claims, clock=now, resend_seconds=resend, express=True)

        local = LocalWatch(store, lambda: check(settings))
        renewer = Renewer(settings=settings, identity=self.identity, store=store, clock=now)
        closer = Closer(store, now)
        poster = Poster(settings=settings, identity=self.identity, clock=now)

        notices = NoticeWatch(store, opened(store, settings.folder, now()), self._waiting, county=settings.name)

        groups = GroupKeeper(store=store, identity=self.identity, box=self._box)
        attachments = AttachmentRoad(
            store=store,
            storage=self.identity.storage,
            link=self._parts_link,
            county=settings.division_code,
            find=scans.with_ciphertext,
            clock=now,
        )

        def issue(directory: DirectoryView) -> int:
            self._sealer.warm()
            return issuer.run_once(directory, now())

        return [
            Loop("arrivals", receiver.run_once, idle_seconds=_IDLE_SECONDS),
            Loop("handling", self._waking(lambda: handler.run_once(now())), idle_seconds=_IDLE_SECONDS),
            Loop(
                "reading",
                self._waking(self._with_directory(lambda directory: reader.run_once(directory, now()))),
                idle_seconds=settings.poll_seconds,
            ),
            Loop("issuing", self._waking(self._with_directory(issue)), idle_seconds=_IDLE_SECONDS),
            Loop("writing", lambda: writer.run_once(self._current(), now()), idle_seconds=_IDLE_SECONDS),
            Loop("sending", lambda: asker.run_once() + sender.run_once(), idle_seconds=_IDLE_SECONDS),
            Loop("attachments", attachments.run_once, idle_seconds=_IDLE_SECONDS),
            Loop("express", express.run_once, idle_seconds=_IDLE_SECONDS),
            Loop("renewing", lambda: renewer.run_once(self._current()), idle_seconds=_RENEWING_SECONDS),
            Loop("posting", self._waking(poster.run_once), idle_seconds=_RENEWING_SECONDS),
            Loop(
                "groups",
                self._waking(self._with_directory(lambda directory: groups.run_once(directory, now()))),
                idle_seconds=_GROUPS_SECONDS,
            ),
            Loop("printing", self.room.run_once, idle_seconds=_IDLE_SECONDS),
            Loop("stock", closer.run_once, idle_seconds=_CLOSING_SECONDS),
            Loop("local_system", lambda: local.run_once(now()), idle_seconds=_IDLE_SECONDS),
            Loop("noticing", lambda: notices.run_once(now()), idle_seconds=_NOTICE_SECONDS),
            Loop("standing", self._joining.watch, idle_seconds=_IDLE_SECONDS),
        ]

    def _open_room(self, printers: HallPrinters) -> PrintRoom:
        station = Station(
            printers,
            self.settings.station.station,
            transaction=self.store.write,
            clock=now,
            prepare=printers.prepare,
            poll_seconds=_PRINTER_POLL_SECONDS,
        )
        return PrintRoom(
            store=self.store,
            identity=self.identity,
            box=self._box,
            station=station,
            directory=self._directory,
            clock=now,
            sent=self._wake_all,
            revoker=self._revoker,
        )

    def _open_seal(self) -> SealProcess:
        folder = self.settings.certificates / "seal"
        return SealProcess(
            plugin=FileSeal(key_file=folder / "seal.key", chain_file=folder / "seal.pem"),
            anchors=[keys.der(each) for each in self.identity.seal_anchors],
            crls=self._seal_crls,
            register=self.settings.folder / "seal-register.jsonl",
            trial=self.settings.trial,
        )

    def _report(self) -> Report:
        with self.store.read() as tx:
            return gather(tx, self.settings, self._directory(tx), self._heart.pulse(), now())

    def _waiting(self, tx: Connection) -> Sequence[Waiting]:
        cases = caselist.under_way(tx, self._directory(tx), self.settings.division_code, now())
        hall = self.settings.station.hall
        prints = ledger.entries(tx, states={PrintState.AUTHORISED})
        mine = [each for each in prints if each.authorisation.hall in ("", hall)]
        proposed, agents = proposals.waiting(tx), self._agents.waiting(tx, cases)
        asked = matters.found(tx, self.settings.division_code, self._elsewhere, beijing_day(now()))
        return [*waiting.found(cases, mine, proposed, agents, self._reminders.waiting(tx, now())), *asked]

    def _seal_crls(self) -> list[bytes]:
        directory = self._current()
        return list(directory.seal_crls) if directory else []

    def _current(self) -> DirectoryView | None:
        with self.store.read() as tx:
            return self._directory(tx)

    def _with_directory(self, step: Callable[[DirectoryView], int]) -> Callable[[], int]:
        """The step while there is a directory; nothing before the first one came."""

        def stepped() -> int:
            directory = self._current()
            return step(directory) if directory else 0

        return stepped

    def _waking(self, step: Callable[[], int]) -> Callable[[], int]:
        """The step, after which the other loops look at once whether there is something for them."""

        def stepped() -> int:
            done = step()
            if done:
                self._wake_all()
            return done

        return stepped

    def _wake_all(self) -> None:
        for loop in self._loops:
            loop.wake()
