"""A real printer and the print station: never more sheets than authorised, whatever breaks and when."""

import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from adapters.printing import ipp, ledger, station, troubles
from adapters.printing.ipp import Job, JobId, JobState, Printer
from adapters.printing.media import Media
from adapters.printing.slots import OnePrinter
from adapters.printing.states import PrintState
from adapters.printing.station import Outcome, StartOutcome, Station
from adapters.printing.stock import StockSheet
from adapters.printing.tables import CopyKind, SpoilReason
from deploy.demo.printer import DemoPrinter, Fault
from schemas.errors import YunhuobanError
from tests.awaiting import until
from tests.printers import PDF, Transaction, authorisation, free_port, require_printer

NO = "130928-PA-000001"
ANOTHER = "130928-PA-000002"


class PowerCutError(BaseException):
    """The station's process ends here; no `except` of the product may catch it."""


class CutBeforeSend(Printer):
    """The station dies between the commit of `printing` and the first byte."""

    def print_document(self, *_, **__) -> JobId:
        """Break."""
        raise PowerCutError


class CutAfterSend(Printer):
    """The station dies as soon as the printer has accepted the document."""

    def print_document(self, *arguments, **options) -> JobId:
        """Break."""
        super().print_document(*arguments, **options)
        raise PowerCutError


class FreezesOnSend(Printer):
    """The printer freezes (SIGSTOP) just before the document arrives."""

    printer_pid = 0

    def print_document(self, *arguments, **options) -> JobId:
        """Break."""
        os.kill(self.printer_pid, signal.SIGSTOP)
        return super().print_document(*arguments, **options)


def new_station(printer: DemoPrinter, transaction: Transaction, door: type[Printer] = Printer, **options) -> Station:
    """Make a station with short limits; a new one stands for a restarted process."""
    options = {"clock": lambda: datetime.now(UTC), "poll_seconds": 0.05, "silence_limit_seconds": 0.4, **options}
    return Station(OnePrinter(door(printer.url, timeout_seconds=2)), "P1", transaction=transaction, **options)


def grant(at: Station, number: str = NO) -> None:
    """Claim and give the grant, as the node does with the hub's answer."""
    at.asking("answer")
    at.granted(number, claim_id=at.claim(number), grant=b"a grant", answer_id="answer")


def authorised(at: Station, transaction: Transaction, number: str = NO, **changes) -> None:
    """Record an authorisation and bring it to a grant."""
    with transaction() as tx:
        ledger.record(tx, authorisation(number, **changes))
    grant(at, number)


def state(transaction: Transaction, number: str = NO) -> PrintState:
    """Read the ledger."""
    with transaction() as tx:
        return ledger.entry(tx, number).state


def soon(condition: Callable[[], bool]) -> None:
    """Wait for a condition of another process, ten seconds at most."""
    until(condition, 10.0)


def in_background(at: Station, number: str = NO) -> tuple[threading.Thread, list[StartOutcome]]:
    """Start printing in a thread, as the county's pages do."""
    outcomes: list[StartOutcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(at.start(number, PDF)))
    thread.start()
    return thread, outcomes


def accepted(at: Station, number: str = NO) -> Callable[[], bool]:
    """Tell whether the printer has begun the job."""
    return lambda: any(job.state is JobState.PROCESSING for job in at._slots.printer.jobs_named(number))


@pytest.mark.parametrize(
    ("kind", "media"), [(CopyKind.DUPLICATE, "iso_a4_210x297mm"), (CopyKind.ORIGINAL, "iso_a3_297x420mm")]
)
def test_prints_once_on_the_right_paper(demo_printer, transaction, kind, media):
    """副本 comes out on A4 and 正本 on A3: one sheet, the authorised bytes; printed only when the clerk says so."""
    at = new_station(demo_printer, transaction)
    authorised(at, transaction, copy_kind=kind)
    result = at.start(NO, PDF)
    assert result.outcome is Outcome.SHEET_OUT
    (sheet,) = demo_printer.sheets()
    assert (sheet["job_name"], sheet["media"], sheet["copies"]) == (NO, media, 1)
    assert sheet["sha256"] == authorisation().print_file_sha256
    assert state(transaction) is PrintState.PRINTING
    number = StockSheet(kind=authorisation().stock_kind, issuing_body="SAMR", serial="00017")
    with transaction() as tx:
        ledger.confirm_printed(tx, NO, sheet=number, by="c-07", now=datetime.now(UTC))
        assert ledger.entry(tx, NO).job_uuid == sheet["job_uuid"]
    with pytest.raises(YunhuobanError, match=ledger.WRONG_STATE.code):
        at.start(NO, PDF)
    assert len(demo_printer.sheets()) == 1


def test_trial_prints_white_paper_without_a_number(demo_printer, transaction):
    """A trial case prints its sample and is confirmed without a stock number."""
    at = new_station(demo_printer, transaction)
    authorised(at, transaction, trial=True)
    assert at.start(NO, PDF).outcome is Outcome.SHEET_OUT
    with transaction() as tx:
        ledger.confirm_printed(tx, NO, sheet=None, by="c-07", now=datetime.now(UTC))
    assert len(demo_printer.sheets()) == 1


def test_calibration_is_applied_after_the_digest_was_checked(demo_printer, transaction):
    """The authorised bytes are checked, the shifted ones are sent."""
    at = new_station(demo_printer, transaction, prepare=lambda _, document, _slot: document + b"% shifted\n")
    authorised(at, transaction)
    assert at.start(NO, PDF).outcome is Outcome.SHEET_OUT
    (sheet,) = demo_printer.sheets()
    assert sheet["sha256"] != authorisation().print_file_sha256


def test_other_bytes_are_never_sent(demo_printer, transaction):
    """A document that is not the authorised one, the complete license among them, does not reach the printer."""
    at = new_station(demo_printer, transaction)
    authorised(at, transaction)
    for document in (PDF + b" ", b"sealed"):
        with pytest.raises(YunhuobanError, match=station.DIGEST_DIFFERS.code):
            at.start(NO, document)
    assert state(transaction) is PrintState.CLAIMED
    assert at._slots.printer.jobs_named(NO) == []


def test_an_old_grant_has_to_be_asked_for_again(demo_printer, transaction):
    """After 60 s, or after a restart, nothing starts until the hub answered again under the same claim id."""
    now = [1000.0]
    at = new_station(demo_printer, transaction, monotonic=lambda: now[0])
    authorised(at, transaction)
    now[0] += 60
    assert at.start(NO, PDF).outcome is Outcome.ASK_AGAIN
    claim_id = at.claim(NO)
    at.asking("late")
    now[0] += 61
    at.asking("later")
    at.granted(NO, claim_id=claim_id, grant=b"long on its way", answer_id="late")
    assert at.start(NO, PDF).outcome is Outcome.ASK_AGAIN
    restarted = new_station(demo_printer, transaction)
    assert restarted.start(NO, PDF).outcome is Outcome.ASK_AGAIN
    assert demo_printer.sheets() == []
    assert restarted.claim(NO) == claim_id
    restarted.asking("fresh")
    restarted.granted(NO, claim_id=claim_id, grant=b"fresh", answer_id="fresh")
    assert restarted.start(NO, PDF).outcome is Outcome.SHEET_OUT
    assert len(demo_printer.sheets()) == 1


def test_busy_printer_refuses_and_is_asked_again_later(demo_printer, transaction):
    """While another document prints, a start is refused before print and goes through afterwards: one sheet each."""
    first, second = new_station(demo_printer, transaction), new_station(demo_printer, transaction)
    authorised(first, transaction)
    authorised(second, transaction, ANOTHER, copy_no=2)
    demo_printer.set_fault(Fault.SLOW)
    thread, outcomes = in_background(first)
    soon(accepted(first))
    with pytest.raises(troubles.PrinterRefusedError, match=troubles.BUSY.code):
        Printer(demo_printer.url, timeout_seconds=5).print_document(PDF * 200_000, job_name="x", media=Media.A4)
    result = second.start(ANOTHER, PDF)
    assert result.outcome is Outcome.REFUSED_BEFORE_PRINT
    assert result.reason is not None
    assert result.reason.code is troubles.BUSY
    assert first.start(ANOTHER, PDF).outcome is Outcome.REFUSED_BEFORE_PRINT
    assert state(transaction, ANOTHER) is PrintState.CLAIMED
    demo_printer.set_fault(Fault.NONE)
    thread.join()
    assert outcomes[0].outcome is Outcome.SHEET_OUT
    assert second.start(ANOTHER, PDF).outcome is Outcome.SHEET_OUT
    assert [sheet["job_name"] for sheet in demo_printer.sheets()] == [NO, ANOTHER]


def test_busy_found_only_while_sending_goes_back_to_claimed(demo_printer, transaction):
    """When the printer becomes busy after it was asked, 0x0507 leads back to claimed, and the next start prints."""

    class OvertakenOnSend(Printer):
        def print_document(self, *arguments, **options) -> JobId:
            if demo_printer.sheets() == [] and not super().jobs_named("walk-up"):
                super().print_document(PDF, job_name="walk-up", media=Media.A4)
            return super().print_document(*arguments, **options)

    demo_printer.set_fault(Fault.SLOW)
    at = new_station(demo_printer, transaction, OvertakenOnSend)
    authorised(at, transaction)
    assert at.start(NO, PDF).outcome is Outcome.REFUSED_BEFORE_PRINT
    assert state(transaction) is PrintState.CLAIMED
    demo_printer.set_fault(Fault.NONE)
    soon(lambda: len(demo_printer.sheets()) == 1 and at._slots.printer.state().activity is ipp.Activity.IDLE)
    assert at.start(NO, PDF).outcome is Outcome.SHEET_OUT
    assert [sheet["job_name"] for sheet in demo_printer.sheets()] == ["walk-up", NO]


def test_printer_without_the_paper_refuses(tmp_path, transaction):
    """An A3 license does not come out on A4: refused by the question, and by the printer itself."""
    require_printer()
    a4_only = tmp_path / "a4.conf"
    a4_only.write_text(
        "Attr keyword media-supported iso_a4_210x297mm\nAttr keyword media-ready iso_a4_210x297mm\n"
        "Attr mimeMediaType document-format-supported application/pdf\n"
    )
    with DemoPrinter(tmp_path / "printer", free_port(), attributes=a4_only) as printer:
        at = new_station(printer, transaction)
        authorised(at, transaction, copy_kind=CopyKind.ORIGINAL)
        result = at.start(NO, PDF)
        assert result.outcome is Outcome.REFUSED_BEFORE_PRINT
        assert result.reason is not None
        assert result.reason.code is troubles.MEDIA_NOT_SUPPORTED
        with pytest.raises(troubles.PrinterRefusedError, match=troubles.MEDIA_NOT_SUPPORTED.code):
            at._slots.printer.print_document(PDF, job_name=NO, media=Media.A3)
        assert state(transaction) is PrintState.CLAIMED
        assert printer.sheets() == []


def test_paper_out_waits_and_prints_one_sheet(demo_printer, transaction):
    """Without paper the station waits and says nothing is lost; when paper is in, one sheet comes out."""
    at = new_station(demo_printer, transaction)
    authorised(at, transaction)
    demo_printer.set_fault(Fault.PAPER_EMPTY)
    thread, outcomes = in_background(at)
    soon(lambda: any("media-empty" in reason for reason in at._slots.printer.state().reasons))
    assert (demo_printer.sheets(), outcomes, state(transaction)) == ([], [], PrintState.PRINTING)
    demo_printer.set_fault(Fault.NONE)
    thread.join()
    assert outcomes[0].outcome is Outcome.SHEET_OUT
    assert len(demo_printer.sheets()) == 1


def test_waiting_ends_at_a_person(demo_printer, transaction):
    """When the printer never ends the job, the outcome becomes unknown; a sheet that comes later is the only one."""
    at = new_station(demo_printer, transaction, outcome_limit_seconds=0.5)
    authorised(at, transaction)
    demo_printer.set_fault(Fault.PAPER_EMPTY)
    result = at.start(NO, PDF)
    assert result.outcome is Outcome.UNKNOWN
    assert result.reason is not None
    assert result.reason.code is station.TOOK_TOO_LONG
    demo_printer.set_fault(Fault.NONE)
    soon(lambda: len(demo_printer.sheets()) == 1)
    assert at.reconcile() == []
    assert state(transaction) is PrintState.UNKNOWN


@pytest.mark.parametrize("fault", [Fault.JAM, Fault.ABORT])
def test_jam_and_abort_are_unknown(demo_printer, transaction, fault):
    """An aborted job may have left a sheet half way: a person looks, and the station never tries again."""
    at = new_station(demo_printer, transaction)
    authorised(at, transaction)
    demo_printer.set_fault(fault)
    result = at.start(NO, PDF)
    assert result.outcome is Outcome.UNKNOWN
    assert result.job is not None
    assert result.job.state is JobState.ABORTED
    assert result.reason is not None
    assert result.reason.code is station.STOPPED_EARLY
    demo_printer.set_fault(Fault.NONE)
    with pytest.raises(YunhuobanError, match=ledger.WRONG_STATE.code):
        at.start(NO, PDF)
    assert at.reconcile() == []
    assert demo_printer.sheets() == []
    with transaction() as tx:
        ledger.settle_unknown(
            tx, NO, reason=SpoilReason.NO_SHEET, sheet=None, by="c-07", witness="c-08", now=datetime.now(UTC)
        )
    assert state(transaction) is PrintState.SPOILED


@pytest.mark.parametrize(("fault", "sheets"), [(Fault.HANG_THEN_DIE, 0), (Fault.PRINT_THEN_DIE, 1)])
def test_printer_killed_after_accepting_is_unknown(demo_printer, transaction, fault, sheets):
    """A printer that dies with the document leaves an unknown, with or without a sheet, and never a second one."""
    at = new_station(demo_printer, transaction)
    authorised(at, transaction)
    demo_printer.set_fault(fault)
    thread, outcomes = in_background(at)
    soon(accepted(at))
    demo_printer.let_die()
    thread.join()
    assert outcomes[0].outcome is Outcome.UNKNOWN
    demo_printer.set_fault(Fault.NONE)
    demo_printer.restart()
    for again in (at, new_station(demo_printer, transaction)):
        assert again.reconcile() == []
        with pytest.raises(YunhuobanError, match=ledger.WRONG_STATE.code):
            again.start(NO, PDF)
    assert state(transaction) is PrintState.UNKNOWN
    assert len(demo_printer.sheets()) == sheets


def test_printer_restarted_while_it_had_the_job_is_unknown(demo_printer, transaction):
    """A printer that comes back without the job lost it; a job with the same number and name is still not ours."""
    polled, go_on = threading.Event(), threading.Event()

    def wait(_: float) -> None:
        polled.set()
        go_on.wait(60)

    at = new_station(demo_printer, transaction, wait=wait)
    authorised(at, transaction)
    demo_printer.set_fault(Fault.SLOW)
    thread, outcomes = in_background(at)
    assert polled.wait(60)
    (mine,) = at._slots.printer.jobs_named(NO)
    demo_printer.kill()
    demo_printer.set_fault(Fault.NONE)
    demo_printer.restart()
    other = at._slots.printer.print_document(PDF, job_name=NO, media=Media.A4)
    soon(lambda: len(demo_printer.sheets()) == 1)
    go_on.set()
    thread.join()
    assert mine.id.number == other.number == 1
    with pytest.raises(troubles.PrinterUnreachableError, match=troubles.JOB_GONE.code):
        at._slots.printer.job(mine.id)
    assert outcomes[0].outcome is Outcome.UNKNOWN
    assert len(demo_printer.sheets()) == 1


def test_station_killed_before_sending_never_prints_by_itself(demo_printer, transaction):
    """Between commit and first byte: the new process finds no job, shows it to a person, and prints nothing.

    Not at once: a printer may still be reading what was on the wire, and a person who looks now would see no sheet.
    """
    at = new_station(demo_printer, transaction, CutBeforeSend)
    authorised(at, transaction)
    with pytest.raises(PowerCutError):
        at.start(NO, PDF)
    assert state(transaction) is PrintState.PRINTING
    restarted = new_station(demo_printer, transaction)
    assert [found.outcome for found in restarted.reconcile()] == [Outcome.STILL_PRINTING]
    later = new_station(demo_printer, transaction, clock=lambda: datetime.now(UTC) + timedelta(seconds=60))
    assert [found.outcome for found in later.reconcile()] == [Outcome.UNKNOWN]
    with pytest.raises(YunhuobanError, match=ledger.WRONG_STATE.code):
        restarted.start(NO, PDF)
    assert demo_printer.sheets() == []


def test_station_killed_after_sending_finds_its_sheet(demo_printer, transaction):
    """After the first byte: the new process finds the job by name, and a person confirms the one sheet."""
    at = new_station(demo_printer, transaction, CutAfterSend)
    authorised(at, transaction)
    demo_printer.set_fault(Fault.SLOW)
    with pytest.raises(PowerCutError):
        at.start(NO, PDF)
    restarted = new_station(demo_printer, transaction)
    assert [found.outcome for found in restarted.reconcile()] == [Outcome.STILL_PRINTING]
    demo_printer.set_fault(Fault.NONE)
    soon(lambda: restarted.reconcile()[0].outcome is Outcome.SHEET_OUT)
    with pytest.raises(YunhuobanError, match=ledger.WRONG_STATE.code):
        restarted.start(NO, PDF)
    assert len(demo_printer.sheets()) == 1
    assert state(transaction) is PrintState.PRINTING


def test_station_restarted_while_the_printer_is_away_waits(demo_printer, transaction):
    """A printer that cannot be asked yet proves nothing; after the limit a person is asked instead."""
    at = new_station(demo_printer, transaction, CutAfterSend)
    authorised(at, transaction)
    with pytest.raises(PowerCutError):
        at.start(NO, PDF)
    demo_printer.kill()
    assert [found.outcome for found in new_station(demo_printer, transaction).reconcile()] == [Outcome.STILL_PRINTING]
    later = new_station(demo_printer, transaction, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    assert [found.outcome for found in later.reconcile()] == [Outcome.UNKNOWN]


def test_an_older_job_of_the_same_name_is_not_believed(demo_printer, transaction):
    """A completed job from before the start does not become this start's sheet."""
    Printer(demo_printer.url, timeout_seconds=2).print_document(PDF, job_name=NO, media=Media.A4)
    soon(lambda: len(demo_printer.sheets()) == 1)
    at = new_station(demo_printer, transaction, CutBeforeSend, clock=lambda: datetime.now(UTC) + timedelta(seconds=30))
    authorised(at, transaction)
    with pytest.raises(PowerCutError):
        at.start(NO, PDF)
    later = new_station(demo_printer, transaction, clock=lambda: datetime.now(UTC) + timedelta(seconds=90))
    assert [found.outcome for found in later.reconcile()] == [Outcome.UNKNOWN]


@pytest.mark.parametrize(("thaws", "outcome"), [(True, Outcome.SHEET_OUT), (False, Outcome.UNKNOWN)])
def test_time_out_while_sending_asks_the_printer_first(demo_printer, transaction, thaws, outcome):
    """After a time-out the printer is asked; if it stays silent, unknown. What it prints later is the only sheet."""

    class Freezes(FreezesOnSend):
        printer_pid = demo_printer.pid or 0

        def jobs_named(self, job_name: str) -> list[Job]:
            look = super().jobs_named
            if thaws:  # and has taken in what lay in its socket, however busy the machine is
                os.kill(self.printer_pid, signal.SIGCONT)
                soon(lambda: bool(look(job_name)))
            return look(job_name)

    at = new_station(demo_printer, transaction, Freezes)
    authorised(at, transaction)
    assert at.start(NO, PDF).outcome is outcome
    os.kill(Freezes.printer_pid, signal.SIGCONT)
    soon(lambda: len(demo_printer.sheets()) == 1)
    restarted = new_station(demo_printer, transaction)
    with pytest.raises(YunhuobanError, match=ledger.WRONG_STATE.code):
        restarted.start(NO, PDF)
    assert len(demo_printer.sheets()) == 1


def test_printer_switched_off_refuses(demo_printer, transaction):
    """Nobody listening: nothing committed as printing, and it prints once the printer is back."""
    at = new_station(demo_printer, transaction)
    authorised(at, transaction)
    demo_printer.kill()
    result = at.start(NO, PDF)
    assert result.outcome is Outcome.REFUSED_BEFORE_PRINT
    assert state(transaction) is PrintState.CLAIMED
    demo_printer.restart()
    assert at.start(NO, PDF).outcome is Outcome.SHEET_OUT
    assert len(demo_printer.sheets()) == 1


def test_two_stations_and_twenty_threads_print_one_sheet(demo_printer, transaction):
    """Whoever presses the button, however often at once: one sheet."""
    stations = [new_station(demo_printer, transaction) for _ in range(2)]
    authorised(stations[0], transaction)
    grant(stations[1])
    outcomes: list[str] = []
    turns = count()

    def press() -> None:
        try:
            outcomes.append(stations[next(turns) % 2].start(NO, PDF).outcome)
        except YunhuobanError as error:
            outcomes.append(str(error.code))

    threads = [threading.Thread(target=press) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(demo_printer.sheets()) == 1
    assert outcomes.count(Outcome.SHEET_OUT) == 1
    assert set(outcomes) <= {Outcome.SHEET_OUT, Outcome.REFUSED_BEFORE_PRINT, ledger.WRONG_STATE.code}
