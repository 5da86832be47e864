"""A county of the small world: the node as it is composed, with its real sender and receiver, and its clerks."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from adapters.directory.asking import DirectoryAsker
from adapters.link.traffic import Receiver, Sender
from adapters.local.mapping import WriteContext
from adapters.local.sinks import LocalWrite
from adapters.printing.ipp import JobId
from adapters.printing.media import Media
from adapters.printing.tables import PRINTS
from deploy.demo import invented
from tests.chaos.cutting import CutStore
from tests.chaos.evidence import Row
from tests.chaos.localbooks import LocalBooks, Trace
from tests.chaos.smallbroker import CountyLink
from tests.county_doubles import PowerCut, ScriptedMapping, ScriptedPrinter, ScriptedSink
from tests.county_records import ITEM, START, acceptance, application, decision, hand_over
from tests.county_world import ISSUING, OWN_ITEM, WINDOW, County

if TYPE_CHECKING:
    from tests.chaos.smallworld import SmallWorld

YONGJI, WUQIAO = ISSUING, WINDOW
ITEMS: Final = {WUQIAO: ITEM, YONGJI: OWN_ITEM}
"""What is applied for at the window of each: the other's item."""
RESEND_SECONDS: Final = 30.0


class SmallCounty(County):
    """A county node with its real sender and receiver, and its clerks."""

    def __init__(self, world: "SmallWorld", code: str, folder: Path) -> None:
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
        self.asker = DirectoryAsker(store=store, link=self.link, county=self.code, clock=clock)
        self.senders = [Sender(**common, resend_seconds=RESEND_SECONDS, express=express) for express in (True, False)]

    def turn(self) -> None:
        """One turn of every loop, and of the station."""
        self.asker.run_once()
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
        item = ITEMS[self.code]
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

    def tray(self) -> list[Row]:
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

    def print_document(self, pdf: bytes, *, job_name: str, media: Media, source: str = "") -> JobId:
        """A sheet falls out."""
        self.tray.append((job_name, hashlib.sha256(pdf).hexdigest()))
        return super().print_document(pdf, job_name=job_name, media=media, source=source)
