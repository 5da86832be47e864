"""What goes wrong at a real printer, before, during and after the document: never a second sheet, never a lost one."""

import hashlib
import threading
from datetime import UTC, datetime
from itertools import count

import pytest
from pyipp.enums import IppOperation

from adapters.printing import ledger, obstacles, station, troubles
from adapters.printing.ipp import JobState, Printer
from adapters.printing.media import Media
from adapters.printing.slots import OnePrinter
from adapters.printing.states import PrintState
from adapters.printing.station import Outcome, StartOutcome, Station
from deploy.demo.printer import DemoPrinter, Fault
from schemas.errors import YunhuobanError
from tests.printers import PDF, Transaction, Wire, authorisation, awaiting, idle

_numbers = count(1)


@pytest.fixture
def no() -> str:
    """An authorisation number of this test's own: the printer of the run remembers the jobs of all."""
    return f"130928-PA-T{next(_numbers):05}"


def station_at(url: str, transaction: Transaction, **options) -> Station:
    """Make a station with short limits."""
    options = {"poll_seconds": 0.05, "silence_limit_seconds": 0.4, **options}
    door = OnePrinter(Printer(url, timeout_seconds=5))
    return Station(door, "P1", transaction=transaction, clock=lambda: datetime.now(UTC), **options)


def authorised(at: Station, transaction: Transaction, no: str) -> None:
    """Record an authorisation and bring it to a grant."""
    with transaction() as tx:
        ledger.record(tx, authorisation(no))
    at.asking("answer")
    at.granted(no, claim_id=at.claim(no), grant=b"a grant", answer_id="answer")


def state(transaction: Transaction, no: str) -> PrintState:
    """Read the ledger."""
    with transaction() as tx:
        return ledger.entry(tx, no).state


def starting(at: Station, no: str) -> tuple[threading.Thread, list[StartOutcome]]:
    """Start printing in a thread, as the node does."""
    outcomes: list[StartOutcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(at.start(no, PDF)))
    thread.start()
    return thread, outcomes


def never_again(at: Station, no: str) -> None:
    """Whatever is pressed or restarted: nothing more is sent under this authorisation."""
    with pytest.raises(YunhuobanError, match=ledger.WRONG_STATE.code):
        at.start(no, PDF)
    assert at.reconcile() == []


def job_names(printer: DemoPrinter) -> list[str]:
    """The sheets in the tray."""
    return [sheet["job_name"] for sheet in printer.sheets()]


@pytest.mark.parametrize(
    ("fault", "reason", "code"),
    [
        (Fault.PAPER_EMPTY, "media-empty", obstacles.PAPER_OUT),
        (Fault.JAM_CLEARED, "media-jam", obstacles.JAMMED),
        (Fault.DOOR_OPEN, "cover-open", obstacles.OPEN),
        (Fault.TONER_EMPTY, "toner-empty", obstacles.NO_TONER),
    ],
)
def test_a_printer_that_needs_help_gets_no_byte_and_prints_once_after_it(
    steady_printer, transaction, no, fault, reason, code
):
    """Before: the page says what to do at the printer, nothing is sent; after help one press gives one sheet."""
    at = station_at(steady_printer.url, transaction)
    authorised(at, transaction, no)
    door = Printer(steady_printer.url, timeout_seconds=5)
    steady_printer.set_fault(fault)
    door.print_document(PDF, job_name="walk-up", media=Media.A4)
    awaiting(lambda: any(each.startswith(reason) for each in door.state().reasons))
    refused = at.start(no, PDF)
    assert (refused.outcome, state(transaction, no)) == (Outcome.REFUSED_BEFORE_PRINT, PrintState.CLAIMED)
    assert refused.reason is not None
    assert refused.reason.code is code
    assert door.jobs_named(no) == []
    steady_printer.set_fault(Fault.NONE)
    idle(steady_printer)
    assert at.start(no, PDF).outcome is Outcome.SHEET_OUT
    assert job_names(steady_printer) == ["walk-up", no]


@pytest.mark.parametrize("fault", [Fault.JAM_CLEARED, Fault.DOOR_OPEN, Fault.TONER_EMPTY])
def test_trouble_in_the_middle_waits_for_help_and_gives_one_sheet(steady_printer, transaction, no, fault):
    """During: the row says printing, nothing is out; the printer says what it needs; after help one sheet."""
    at = station_at(steady_printer.url, transaction)
    authorised(at, transaction, no)
    steady_printer.set_fault(fault)
    thread, outcomes = starting(at, no)
    door = Printer(steady_printer.url, timeout_seconds=5)
    awaiting(lambda: bool(door.state().reasons))
    assert (job_names(steady_printer), outcomes, state(transaction, no)) == ([], [], PrintState.PRINTING)
    steady_printer.set_fault(Fault.NONE)
    thread.join()
    assert outcomes[0].outcome is Outcome.SHEET_OUT
    assert job_names(steady_printer) == [no]


def test_a_job_cancelled_at_the_panel_is_for_a_person(steady_printer, transaction, no):
    """Somebody pressed 取消 at the printer: whether a sheet came out is for the clerk to see; nothing is sent again."""
    at = station_at(steady_printer.url, transaction)
    authorised(at, transaction, no)
    steady_printer.set_fault(Fault.SLOW)
    thread, outcomes = starting(at, no)
    door = Printer(steady_printer.url, timeout_seconds=5)
    awaiting(lambda: any(job.state is JobState.PROCESSING for job in door.jobs_named(no)))
    (job,) = door.jobs_named(no)
    cancel = {"operation-attributes-tag": {"job-id": job.id.number}}
    door._run(lambda exchange: exchange.asked(IppOperation.CANCEL_JOB, cancel))
    steady_printer.set_fault(Fault.NONE)
    thread.join()
    assert (outcomes[0].outcome, state(transaction, no)) == (Outcome.UNKNOWN, PrintState.UNKNOWN)
    assert outcomes[0].reason is not None
    assert outcomes[0].reason.code is station.STOPPED_EARLY
    idle(steady_printer)
    never_again(at, no)
    assert len(job_names(steady_printer)) <= 1


@pytest.mark.parametrize("cut", ["answer", "middle", "late"])
def test_a_wire_that_breaks_is_asked_about_and_never_sent_again(steady_printer, transaction, no, cut):
    """Before the answer, or in the middle of the document: its job is found, one sheet, which the clerk is to compare.

    A printer that is still reading ("late") knows no such job yet: that is waited for, not called lost. One that got
    half prints the half and calls its job completed: whether anything is missing, eyes decide.
    """
    wire = Wire(steady_printer)
    wire.cut = cut
    at = station_at(wire.url, transaction, silence_limit_seconds=10.0)
    authorised(at, transaction, no)
    found = at.start(no, PDF)
    assert (found.outcome, state(transaction, no)) == (Outcome.SHEET_OUT, PrintState.PRINTING), found
    assert found.reason is not None
    assert found.reason.code is station.MAY_BE_CUT
    with pytest.raises(YunhuobanError, match=ledger.WRONG_STATE.code):
        at.start(no, PDF)
    (sheet,) = steady_printer.sheets()
    assert (sheet["sha256"] == hashlib.sha256(PDF).hexdigest()) is (cut != "middle")
    wire.close()


def test_a_printer_that_answers_nonsense_is_for_a_person(steady_printer, transaction, no):
    """Before: nothing is sent. After the document: nobody can say from here, one sheet is out, and no second one."""
    wire = Wire(steady_printer)
    at = station_at(wire.url, transaction)
    authorised(at, transaction, no)
    wire.is_mad = True
    refused = at.start(no, PDF)
    assert refused.reason is not None
    assert (refused.reason.code, state(transaction, no)) == (troubles.ANSWER_UNREADABLE, PrintState.CLAIMED)
    wire.is_mad, wire.cut = False, "nonsense"
    assert at.start(no, PDF).outcome is Outcome.UNKNOWN
    never_again(at, no)
    idle(steady_printer)
    assert job_names(steady_printer) == [no]
    wire.close()


def test_a_sheet_that_does_not_lie_in_its_tray_is_missed_before_a_byte(steady_printer, no):
    """A3 is asked for out of a tray with A4: found by a question, and refused by the printer's own word as well."""
    door = Printer(steady_printer.url, timeout_seconds=5)
    found = obstacles.obstacle(door.state(), Media.A3, source="tray-1")
    assert found is not None
    assert (found.code, found.expected) == (obstacles.NOT_LOADED, "tray-1 iso_a3_297x420mm")
    assert obstacles.obstacle(door.state(), Media.A3, source="tray-3") is None
    with pytest.raises(troubles.PrinterRefusedError, match=troubles.MEDIA_NOT_SUPPORTED.code):
        door.print_document(PDF, job_name=no, media=FakeSheet(), source="tray-1")  # type: ignore[arg-type]
    assert job_names(steady_printer) == []


class TwoPrinters(OnePrinter):
    """A station whose other printer is switched off."""

    def printers(self) -> list[Printer]:
        """Both."""
        return [Printer("ipp://127.0.0.1:1/ipp/print", timeout_seconds=1), self.printer]


def test_after_a_crash_every_printer_of_the_station_is_asked(steady_printer, transaction, no):
    """A job is found on whichever printer has it; while one that may have it is away, nobody says that it is lost."""
    door = Printer(steady_printer.url, timeout_seconds=5)
    at = Station(TwoPrinters(door), "P1", transaction=transaction, clock=lambda: datetime.now(UTC))
    authorised(at, transaction, no)
    with transaction() as tx:
        ledger.start(tx, no, station="P1", now=datetime.now(UTC))
    assert [each.outcome for each in at.reconcile()] == [Outcome.STILL_PRINTING]
    door.print_document(PDF, job_name=no, media=Media.A4)
    idle(steady_printer)
    assert [each.outcome for each in at.reconcile()] == [Outcome.SHEET_OUT]
    assert job_names(steady_printer) == [no]


class FakeSheet(str):
    """A sheet of a size that the printer has never heard of."""

    __slots__ = ()
    size = (10000, 10000)
