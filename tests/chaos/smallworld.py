"""Hub, two counties and their clerks in one process on a virtual clock, with nothing scripted in between.

Real pipeline, sweep, hold drainer, county loops, certificates, signatures and SQLite stores; in the place of processes
there are turns, in that of RabbitMQ a `SmallBroker`, and local systems and printer are plain lists. A `cut` ends a
process at a chosen step: it is started anew over its store, and what it had not acknowledged comes again. Hours of
waiting take no time, so a run goes on until nothing can move any more, and what the checker then misses is lost.
"""

import hashlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.identity import card as card_of
from adapters.mapping import WriteContext
from adapters.printing.ipp import JobId, Media
from adapters.printing.tables import PRINTS
from adapters.sinks import LocalWrite
from adapters.traffic import Receiver, Sender
from certs import keys
from certs.chain import TrustStore
from deploy.demo import invented
from hub import county as counties
from hub import directory
from hub.directory import DirectoryIssuer
from hub.grants import GrantSigner
from hub.hold import HoldDrainer
from hub.journal import LogKey
from hub.revocation import RevocationFolder
from hub.store import Store, open_store, tables
from schemas import topology
from tests import hub_world
from tests.chaos import evidence as books
from tests.chaos.evidence import Evidence
from tests.chaos.history import History
from tests.chaos.localbooks import LocalBooks, Trace
from tests.chaos.smallbroker import CountyLink, HubLink, SmallBroker
from tests.county_doubles import PowerCut, ScriptedMapping, ScriptedPrinter, ScriptedSink
from tests.county_records import ITEM, START, acceptance, application, decision, hand_over
from tests.county_world import ISSUING, OWN_ITEM, WINDOW, County, Network

YONGJI, WUQIAO = ISSUING, WINDOW
_ITEMS: Final = {WUQIAO: ITEM, YONGJI: OWN_ITEM}  # what is applied for at the window of each: the other's item
_PAUSES_SECONDS: Final = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 2400, 3700, 3700, 7400)
_RESEND_SECONDS: Final = 30.0
_MOST_TURNS: Final = 200

Cut = Callable[[str], None]
"""Called with the name of a step before and after it is durable; raises PowerCut to end the process there."""


class SmallNetwork:
    """Authorities and both counties' keys, and a hub's store with both enrolled: made once per run."""

    def __init__(self, folder: Path) -> None:
        """Over the counties' own network."""
        self.county = Network.make(folder)
        network = self.county
        self.hub = SimpleNamespace(
            log=LogKey(network.log.key, network.log.certificate, "test"),
            grants=GrantSigner(network.grants.key, network.grants.certificate),
            authority=network.transport,
        )
        self.issuer = DirectoryIssuer(
            key=network.grants.key,
            certificate=network.grants.certificate,
            transport_certificates=[network.transport.issuing],
            hub_certificates=[network.log.certificate, network.grants.certificate],
            seal_certificates=[network.seals.root, network.seals.issuing],
            seal_crls=network.seal_crls,
        )
        self.template = folder / "hub-template.sqlite"
        store = open_store(f"sqlite:///{self.template}")
        authorities = [network.transport.root, network.transport.issuing]
        RevocationFolder(
            folder / "ca" / "crl", store=store, authorities=authorities, broker_folder=folder / "broker-crls"
        ).run_once(START)
        lists = [keys.crl_from_der(each) for each in network.crls]
        chains = TrustStore([network.transport.root], [network.transport.issuing], lists, trial=True)
        with store.write() as tx:
            for code in (WUQIAO, YONGJI):
                counties.enrol(tx, self._card(code), chains=chains, now=START)
        store.close()

    def _card(self, code: str) -> counties.Card:
        """What a county says of itself; it offers what the other one's window applies for."""
        from tests.county_world import settings

        made = settings(self.county.folder / code, code)
        item = _ITEMS[YONGJI if code == WUQIAO else WUQIAO]
        made = made.model_copy(update={"offers": (made.offers[0].model_copy(update={"service_item": item}),)})
        return counties.Card.parse(card_of(made, self.county.identities[code], now=START))


class SmallWorld:
    """One test's world."""

    def __init__(self, network: SmallNetwork, folder: Path, cut: Cut = lambda _: None) -> None:
        """Everything started; the first directory of the hub is on its way."""
        self.network = network.county
        self.small = network
        self.folder = folder
        self.now = START
        self.cut = cut
        self.cuts: Counter[str] = Counter()
        self.broker = SmallBroker()
        self.history = History(folder)
        shutil.copy(network.template, folder / "hub.sqlite")
        self.store = CutStore(open_store(f"sqlite:///{folder / 'hub.sqlite'}"), "hub", self._cut)
        self.link = HubLink(self.broker, (*topology.admission_queues(), topology.ADMISSION_EXPRESS), self._cut)
        self.start_hub()
        self.counties: dict[str, SmallCounty] = {}
        for code in (WUQIAO, YONGJI):
            shutil.copy(self.network.template, folder / f"{code}.sqlite")
            self.counties[code] = SmallCounty(self, code, folder)
        self._alive(self._publish_directory, self._publish_directory)

    # --- what a person does ------------------------------------------------------------------------------------------

    def take(self, code: str, number: str, *, flawed: bool = False) -> None:
        """An application at a window; acknowledged when it stands in the window's own system."""
        with self.history.operation(f"window-{code}", "submit", number, county=code, flawed=flawed):
            self.counties[code].take(number, flawed=flawed)

    def clock(self) -> datetime:
        """The world's time."""
        return self.now

    # --- time passes -------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything run, hours of it; what still repeats itself then will never come to an end."""
        for pause in _PAUSES_SECONDS:
            for _ in range(_MOST_TURNS):
                if not self.turn():
                    break
            self.now += timedelta(seconds=pause)

    def turn(self) -> bool:
        """One turn of everything; whether anything moved."""
        before = self._state()
        self._alive(self._hub, self.start_hub)
        for county in self.counties.values():
            self._alive(county.turn, county.start)
            county.people()
        return self._state() != before

    def start_hub(self) -> None:
        """A new worker over the same store; what the old one held comes again."""
        self.link.drop()
        world = hub_world.World(
            network=self.small.hub, store=self.store, folder=self.folder, now=self.now, link=self.link,
            monotonic=self._monotonic,
        )  # type: ignore[arg-type]  # fmt: skip
        self._hub_world = world
        self._drainers: dict[str, HoldDrainer] = {}

    def gather(self) -> Evidence:
        """What everybody holds."""
        with books.reading(f"sqlite:///{self.folder / 'hub.sqlite'}") as tx:
            hub = books.hub_books(tx)
        found = {}
        for code, county in self.counties.items():
            with books.reading(f"sqlite:///{self.folder / f'{code}.sqlite'}") as tx:
                found[code] = books.county_books(tx, county.local())
        return Evidence(hub=hub, counties=found, sheets=[s for c in self.counties.values() for s in c.tray()])

    def close(self) -> None:
        """Close every store."""
        self.store.close()
        self.history.close()
        for county in self.counties.values():
            county.store.close()

    def _publish_directory(self) -> None:
        with self.store.write() as tx:
            directory.publish_if_due(tx, self.small.issuer, self.now)

    def _hub(self) -> None:
        self._hub_world.now = self.now
        pipeline = self._hub_world.pipeline
        while pipeline.run_once(0.0):
            pass
        pipeline.refuse_overdue(3600.0)
        self._hub_world.sweep(after_seconds=10.0).run_once()
        pipeline.flush()
        self._cut("hub idle")
        for code in self.counties:
            if self.broker.queues[topology.county_hold(code)] or self._held(code):
                self._drainer(code).run_once()

    def _monotonic(self) -> float:
        return self.now.timestamp()

    def _held(self, code: str) -> bool:
        with self.store.read() as tx:
            row = tables.destinations
            return bool(tx.execute(select(row.c.held).where(row.c.division_code == code)).scalar())

    def _drainer(self, code: str) -> HoldDrainer:
        if code not in self._drainers:
            self._drainers[code] = HoldDrainer(
                code, link=HubLink(self.broker, (), self._cut), store=self.store,
                monotonic=self._monotonic, confirm_seconds=1.0,
            )  # type: ignore[arg-type]  # fmt: skip
        return self._drainers[code]

    def _alive(self, turn: Callable[[], None], start: Callable[[], None]) -> None:
        """One process' turn, and its next life when it died."""
        try:
            turn()
        except PowerCut:
            start()

    def _cut(self, step: str) -> None:
        self.cuts[step] += 1
        self.cut(step)

    def _state(self) -> tuple[Any, ...]:
        """What tells two moments apart: commits of every store, and what lies in the queues."""
        queues = sum(len(each) for each in self.broker.queues.values())
        return (self.store.changes(), queues, *(county.changes() for county in self.counties.values()))


class CutStore(Store):
    """A store under which its process may end, before or after a commit."""

    def __init__(self, store: Any, name: str, cut: Cut) -> None:
        """Over an opened one, of hub or county."""
        super().__init__(store._engine)
        self._name = name
        self._cut = cut
        self._watch = sqlite3.connect(str(store._engine.url.database))

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """As the real one."""
        with super().write() as tx:
            yield tx
            self._cut(f"{self._name} before commit")
        self._cut(f"{self._name} after commit")

    def changes(self) -> int:
        """Another number whenever another connection has changed something."""
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close every connection."""
        self._watch.close()
        super().close()


class SmallCounty(County):
    """A county node with its real sender and receiver, and its clerks."""

    def __init__(self, world: SmallWorld, code: str, folder: Path) -> None:
        """Started, without a case."""
        self.made: list[Trace] = []
        self.taken: list[str] = []
        self.link = CountyLink(world.broker, code, world._cut)
        self._pressed: dict[str, datetime] = {}
        super().__init__(world, code, folder)  # type: ignore[arg-type]
        self.store = CutStore(self.store, code, world._cut)  # type: ignore[assignment]
        self.printer = TrayPrinter(world.clock)
        self.sink = RegisterSink()
        self.start()

    def start(self) -> None:
        """A start of the process."""
        super().start()
        self.link.close()
        self.reader._mapping = self.writer._mapping = NumberedMapping()
        clock, store = self.world.clock, self.store
        common: dict[str, Any] = {"store": store, "link": self.link, "clock": clock}
        arrivals = CutStore(store, f"{self.code} arrivals", self.world._cut)
        self.receiver = Receiver(**common | {"store": arrivals}, county=self.code, arrived=lambda: None)
        self.senders = [Sender(**common, resend_seconds=_RESEND_SECONDS, express=express) for express in (True, False)]

    def turn(self) -> None:
        """One turn of every loop, and of the station."""
        self.receiver.run_once()
        while self.handle():
            pass
        self.read()
        self.issue()
        self.write()
        self.room.station.reconcile()
        self.print_ready()
        for each in self.senders:
            while each.run_once():
                pass

    # --- its own system and its people -------------------------------------------------------------------------------

    def take(self, number: str, *, flawed: bool) -> None:
        """One application in the county's own system."""
        other = ISSUING if self.code == WINDOW else WINDOW
        item = _ITEMS[self.code]
        materials = [] if flawed else application()["materials"]
        record = application(project_no=number, service_item=item, materials=materials)
        self.source.add("application.submitted", number, record, destination=other, item=item)
        self.taken.append(number)

    def people(self) -> None:
        """Approvers accept, then decide; the window prints, confirms and hands over."""
        traces = self.local().traces
        for case in [each.case for each in traces if each.type == "application.submitted"]:
            if not self._make("application.accepted", case, acceptance()):
                self._make("decision.made", case, self._decision(case))
        for row in self.rows(select(PRINTS)):
            self._paper(row)
        settled = {each.number for each in traces if each.type == "print.settled"}
        authorised = {each.number: each.case for each in traces if each.type == "print.authorised"}
        for case in {each.case for each in traces if each.type == "license.issued"} & set(self.taken):
            wanted = {number for number, of in authorised.items() if of == case}
            good = {row.authorisation_no for row in self.rows(select(PRINTS)) if row.state == "printed"} & settled
            if wanted & good:
                self._make("case.handed_over", case, hand_over())

    def local(self) -> LocalBooks:
        """Its own system's books."""
        traces = list(self.sink.traces)  # type: ignore[attr-defined]
        return LocalBooks(taken=self.taken, made=self.made, traces=traces, in_order=traces)

    def tray(self) -> list[books.Row]:
        """The sheets that came out."""
        return [{"job_name": name, "sha256": digest, "copies": 1} for name, digest in self.printer.tray]

    def changes(self) -> tuple[Any, ...]:
        """What tells two moments apart."""
        return self.store.changes(), len(self.source.records), len(self.printer.sheets)  # type: ignore[attr-defined]

    def _make(self, kind: str, case: str, record: dict[str, Any]) -> bool:
        """A clerk's step in the county's own system, once; whether it was new."""
        step = Trace(case, kind)
        if step in self.made:
            return False
        self.made.append(step)
        self.source.add(kind, case, record)
        return True

    def _decision(self, case: str) -> dict[str, Any]:
        if self.sink.rows["application.submitted", f"{case}/application.submitted/"].row["flawed"]:
            return decision(outcome="denied", reasons="缺材料", remedies="可复议", license_number="")
        return decision(license_number=invented.credit_code(self.code, int(case.split("-")[2]) + int(case[:6])))

    def _paper(self, row: Any) -> None:
        """What the window does with one authorisation now."""
        number, process, history = row.authorisation_no, f"window-{self.code}", self.world.history
        waited = self.world.now - self._pressed.get(number, START - timedelta(hours=1)) > timedelta(seconds=5)
        serial = f"S{number[-15:]}"
        try:
            if row.state == "authorised" or (row.state == "claimed" and waited):
                self._pressed[number] = self.world.now
                with history.operation(process, "print", number):
                    self.room.ask(number)
            elif row.state == "printing" and row.sheet_out_at is not None:
                with history.operation(process, "confirm", number, serial=serial):
                    self.sheets.confirm(number, stock_serial=serial, by="desk")
            elif row.state == "unknown" and number in self.printer.sheets:
                with history.operation(process, "settle", number, serial=serial, result="printed"):
                    self.sheets.confirm(number, stock_serial=serial, by="desk")
        except PowerCut:
            self.start()


class NumberedMapping(ScriptedMapping):
    """Each message leaves one row of its own in the local system."""

    def write(self, message_type: str, canonical: Mapping[str, Any], context: WriteContext) -> Sequence[LocalWrite]:
        """Named by case, message and authorisation."""
        case = context.local_case or context.case_no
        number = str(canonical.get("authorisation_no", ""))
        row = {"case": case, "number": number, "flawed": canonical.get("materials") == []}
        return [LocalWrite(kind=message_type, key=f"{case}/{message_type}/{number}", row=row)]


class RegisterSink(ScriptedSink):
    """Idempotent by key, as sinks promise; keeps the order in which the rows came."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.traces: list[Trace] = []

    def write(self, writes: Sequence[LocalWrite]) -> None:
        """Each once."""
        for each in writes:
            if (each.kind, each.key) not in self.rows:
                self.traces.append(Trace(str(each.row["case"]), each.kind, str(each.row["number"])))
        super().write(writes)


class TrayPrinter(ScriptedPrinter):
    """Keeps the digest of each sheet."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """An empty tray."""
        super().__init__(clock)
        self.tray: list[tuple[str, str]] = []

    def print_document(self, pdf: bytes, *, job_name: str, media: Media) -> JobId:
        """A sheet falls out."""
        self.tray.append((job_name, hashlib.sha256(pdf).hexdigest()))
        return super().print_document(pdf, job_name=job_name, media=media)
