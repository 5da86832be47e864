"""The county node's composition root: opens store, keys, links, local system and printer, and runs the loops.

Nothing else on the county side opens a connection. Every loop works from what is committed in the store, so that a
node killed at any moment goes on where it was.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, select

from adapters import directoryview
from adapters.desk.printdesk import build_app
from adapters.desksource import NodeDesk
from adapters.directoryview import DirectoryView
from adapters.handling import Handler
from adapters.identity import Identity
from adapters.instants import now
from adapters.issuing import Issuer
from adapters.licenses.render import Renderer
from adapters.licenses.seal import FileSeal
from adapters.licenses.seal_process import SealProcess
from adapters.link import Link, LinkParameters
from adapters.localwrites import LocalWriter
from adapters.loops import Loop
from adapters.mapping import CountyMapping, load_mapping
from adapters.outbox import Outbox
from adapters.printing.ipp import Printer
from adapters.printing.station import Station
from adapters.printroom import PrintRoom
from adapters.reading import LocalReader
from adapters.settings import CountySettings
from adapters.sinks.opening import open_sink
from adapters.sources.opening import open_source
from adapters.store import Store, open_store, tables
from adapters.traffic import Receiver, Sender
from certs import keys
from pages.access import Access
from pages.addresses import AddressFile
from pages.serving import Serving

_log = structlog.get_logger(__name__)
_IDLE_SECONDS: Final = 1.0
_PRINTER_TIMEOUT_SECONDS: Final = 10.0


class _Directory:
    """The newest directory, read again only when its serial has moved."""

    def __init__(self, identity: Identity, *, trial: bool, clock: Callable[[], datetime]) -> None:
        self._identity = identity
        self._trial = trial
        self._clock = clock
        self._view: DirectoryView | None = None
        self._lock = threading.Lock()

    def __call__(self, tx: Connection) -> DirectoryView | None:
        serial = tx.execute(select(tables.directories.c.serial)).scalar()
        with self._lock:
            if self._view is None or self._view.serial != serial:
                self._view = directoryview.load(
                    tx, anchors=self._identity.anchors, trial=self._trial, now=self._clock()
                )
            return self._view


class Node:
    """One county, running."""

    def __init__(self, settings: CountySettings) -> None:
        """Open everything; nothing runs before `start`."""
        self.settings = settings
        self.identity = Identity.load(settings)
        self.store: Store = open_store(settings.database)
        self._directory = _Directory(self.identity, trial=settings.trial, clock=now)
        self._links = [Link(link_parameters(settings)) for _ in range(3)]
        self._sealer = _sealer(settings, self.identity, self.store, self._directory)
        box = Outbox(self.identity)
        mapping = load_mapping(settings.mapping)
        self._issuer = Issuer(
            settings=settings, store=self.store, identity=self.identity, box=box, sealer=self._sealer, renderer=Renderer()
        )
        printer = Printer(settings.station.printer_url, timeout_seconds=_PRINTER_TIMEOUT_SECONDS)
        self.room = PrintRoom(
            store=self.store,
            identity=self.identity,
            box=box,
            station=Station(printer, settings.station.station, transaction=self.store.write, clock=now, poll_seconds=0.2),
            directory=self._directory,
            clock=now,
            sent=self._wake_all,
        )
        self._loops = self._make_loops(box, mapping)
        desk = NodeDesk(
            settings=settings,
            store=self.store,
            identity=self.identity,
            room=self.room,
            printer=printer,
            directory=self._directory,
            clock=now,
        )
        access = Access()
        self._pages = Serving(build_app(desk, access), port=settings.page_port)
        self.address = AddressFile(settings.folder / "page.address", access, settings.page_port)

    def _make_loops(self, box: Outbox, mapping: CountyMapping) -> list[Loop]:
        settings, store = self.settings, self.store
        cases, claims, arrivals = self._links
        resend = settings.hub.resend_seconds
        handler = Handler(
            store=store,
            identity=self.identity,
            box=box,
            trial=settings.trial,
            directory=self._directory,
            granted=self.room.granted,
            replace_spoiled=self._issuer.replace_spoiled,
        )
        reader = LocalReader(
            store=store,
            identity=self.identity,
            mapping=mapping,
            source=open_source(mapping, settings.local_read, now=now),
            outbox=box,
            trial=False,
        )
        writer = LocalWriter(store=store, identity=self.identity, mapping=mapping, sink=open_sink(mapping, settings.local_write))
        receiver = Receiver(
            store=store, link=arrivals, county=settings.division_code, clock=now, arrived=self._wake_all
        )
        sender = Sender(store=store, link=cases, clock=now, resend_seconds=resend, express=False)
        express = Sender(store=store, link=claims, clock=now, resend_seconds=resend, express=True)

        def handle() -> int:
            done = handler.run_once(now())
            if done:
                self._wake_all()
            return done

        def read() -> int:
            directory = self._current()
            put = reader.run_once(directory, now()) if directory else 0
            if put:
                self._wake_all()
            return put

        def issue() -> int:
            directory = self._current()
            issued = self._issuer.run_once(directory, now()) if directory else 0
            if issued:
                self._wake_all()
            return issued

        return [
            Loop("arrivals", receiver.run_once, idle_seconds=_IDLE_SECONDS),
            Loop("handling", handle, idle_seconds=_IDLE_SECONDS),
            Loop("reading", read, idle_seconds=settings.poll_seconds),
            Loop("issuing", issue, idle_seconds=_IDLE_SECONDS),
            Loop("writing", lambda: writer.run_once(self._current(), now()), idle_seconds=_IDLE_SECONDS),
            Loop("sending", sender.run_once, idle_seconds=_IDLE_SECONDS),
            Loop("express", express.run_once, idle_seconds=_IDLE_SECONDS),
            Loop("printing", self.room.run_once, idle_seconds=_IDLE_SECONDS),
        ]

    def start(self) -> str:
        """Start the loops and the page; returns the page's address with its one-time token."""
        self.room.station.reconcile()
        for loop in self._loops:
            loop.start()
        self._pages.start()
        return self.address.offer()

    def stop(self) -> None:
        """End everything in order: what brings in work first, then the links, the seal and the store."""
        self.address.withdraw()
        self._pages.stop()
        for loop in self._loops:
            loop.stop()
        for link in self._links:
            link.close()
        self._sealer.close()
        self.store.close()

    def _current(self) -> DirectoryView | None:
        with self.store.read() as tx:
            return self._directory(tx)

    def _wake_all(self) -> None:
        for loop in self._loops:
            loop.wake()


def link_parameters(settings: CountySettings) -> LinkParameters:
    """Where and as whom this county connects."""
    folder = settings.certificates
    return LinkParameters(
        urls=settings.hub.urls,
        vhost=settings.hub.vhost,
        user=settings.division_code,
        anchors=folder / "anchors.pem",
        chain=folder / "connection.pem",
        key=folder / "connection.key",
        server_hostname=settings.hub.server_hostname,
    )


def _sealer(settings: CountySettings, identity: Identity, store: Store, directory: _Directory) -> SealProcess:
    seal: Path = settings.certificates / "seal"

    def crls() -> list[bytes]:
        with store.read() as tx:
            view = directory(tx)
        return list(view.seal_crls) if view else []

    return SealProcess(
        plugin=FileSeal(key_file=seal / "seal.key", chain_file=seal / "seal.pem"),
        anchors=[keys.der(each) for each in identity.seal_anchors],
        crls=crls,
        register=settings.folder / "seal-register.jsonl",
        trial=settings.trial,
    )
