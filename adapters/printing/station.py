"""The print station: from a granted authorisation to a sheet of paper, never more than one.

`printing` is committed before a byte is sent, so a crash at any line leaves a row that says a sheet may be out. After
that only the printer's certain refusal leads back to `claimed`; everything else ends at a person. The station finds
its job on the printer by name (the authorisation number) and uuid or time of creation, never by the job's number.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from adapters.printing import ledger, troubles
from adapters.printing.ipp import Job, JobState, Printer
from adapters.printing.ledger import Authorisation, Entry
from adapters.printing.media import Media
from adapters.printing.obstacles import obstacle
from adapters.printing.slots import Slot, Slots
from adapters.printing.states import PrintState
from schemas import errors
from schemas.errors import YunhuobanError

DIGEST_DIFFERS: Final = errors.declare(
    "E-PRINT-141", "要打印的文件与授权的文件不一致，没有送往打印机。", "请重新取得文件；仍不一致的，请报告县信息中心。"
)
STOPPED_EARLY: Final = errors.declare(
    "E-PRINT-143", "打印机中止了这份作业，不知道纸是否打印出来。", "请到打印机前查看，由人确认；系统不会自动重打。"
)
TOOK_TOO_LONG: Final = errors.declare(
    "E-PRINT-144", "等了很久，打印机仍没有报告结果。", "请到打印机前查看，取消机上作业，再由人确认纸是否打印出来。"
)
MAY_BE_CUT: Final = errors.declare(
    "E-PRINT-156",
    "送文件时连接断了，而打印机报告已出纸：这张纸上可能缺内容。",
    "请对照屏幕逐项核对纸上内容；完整的确认合格，缺内容的按打印作废登记。",
)

# The printer counts its up-time in whole seconds, on both sides of the subtraction that gives a time of creation.
_CREATION_SLACK: Final = timedelta(seconds=3)


class Outcome(StrEnum):
    """What `Station.start` or `Station.reconcile` can say of one authorisation."""

    SHEET_OUT = "sheet_out"  # the printer is done: the clerk looks at the sheet and confirms or spoils it
    REFUSED_BEFORE_PRINT = "refused_before_print"  # nothing came out; it is still claimed and may be started again
    ASK_AGAIN = "ask_again"  # no grant fresh enough: ask the hub again under the same claim id
    UNKNOWN = "unknown"  # a person has to look
    STILL_PRINTING = "still_printing"  # only from reconcile: the printer has the job, or could not be asked yet


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOutcome:
    """What became of one authorisation, with the reason a person reads and the job as last seen."""

    authorisation_no: str
    outcome: Outcome
    reason: YunhuobanError | None = None
    job: Job | None = None


class Station:
    """One station with its printers, used by one process. Threads may share it: one document is printed at a time.

    `transaction` gives a context manager that commits at its end and rolls back on an exception (SQLite: BEGIN
    IMMEDIATE). `clock` gives aware UTC time, `monotonic` and `wait` seconds. `prepare` turns the checked document
    into the one sent (shift by the slot's calibration); whatever it raises leaves the authorisation claimed.
    """

    def __init__(
        self,
        slots: Slots,
        name: str,
        *,
        transaction: Callable[[], AbstractContextManager[Connection]],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        prepare: Callable[[Authorisation, bytes, Slot], bytes] = lambda _, document, _slot: document,
        start_limit_seconds: float = 60,
        outcome_limit_seconds: float = 600,
        silence_limit_seconds: float = 30,
        poll_seconds: float = 1,
    ) -> None:
        self._slots = slots
        self.name = name
        self._transaction = transaction
        self._clock = clock
        self._monotonic = monotonic
        self._wait = wait
        self._prepare = prepare
        self._start_limit_seconds = start_limit_seconds
        self._outcome_limit_seconds = outcome_limit_seconds
        self._silence_limit_seconds = silence_limit_seconds
        self._poll_seconds = poll_seconds
        self._one_at_a_time = threading.Lock()
        # On the monotonic clock; lost with the process on purpose: then the hub is asked again.
        self._asked_at: dict[str, float] = {}  # by the id that the answer to this asking will have
        self._start_by: dict[str, float] = {}  # by claim id

    def claim(self, authorisation_no: str, *, by: str = "") -> str:
        """Claim for this station; return the claim id to ask the hub with, the same one however often asked."""
        with self._transaction() as tx:
            return ledger.claim(tx, authorisation_no, station=self.name, now=self._clock(), by=by)

    def asking(self, answer_id: str) -> None:
        """Call it before each asking is committed: the start limit of its answer, and of no other, runs from here.

        An answer that was long on its way is old when it comes, however often the hub was asked since: between that
        answer and the newest asking the authorisation may have been revoked.
        """
        self._asked_at[answer_id] = self._monotonic()

    def granted(self, authorisation_no: str, *, claim_id: str, grant: bytes, answer_id: str) -> None:
        """Keep a verified grant, the answer of this id. Raises the ledger's NOT_YOURS or WRONG_STATE."""
        with self._transaction() as tx:
            ledger.keep_grant(
                tx,
                authorisation_no,
                claim_id=claim_id,
                grant=grant,
                granted_at=self._clock(),
                start_limit_seconds=self._start_limit_seconds,
            )
        asked_at = self._asked_at.pop(answer_id, None)
        if asked_at is not None:
            start_by = asked_at + self._start_limit_seconds
            self._start_by[claim_id] = max(start_by, self._start_by.get(claim_id, start_by))

    def start(self, authorisation_no: str, document: bytes) -> StartOutcome:
        """Print one granted authorisation and wait for the printer's word.

        Raises DIGEST_DIFFERS and the ledger's errors before anything is sent; the printer's troubles are outcomes.
        """
        if not self._one_at_a_time.acquire(blocking=False):
            return _refused(authorisation_no, YunhuobanError(troubles.BUSY, place=self.name))
        try:
            return self._start(authorisation_no, document)
        finally:
            self._one_at_a_time.release()

    def reconcile(self) -> list[StartOutcome]:
        """After a restart, and every few seconds while one is still printing: ask the printer about open rows.

        Prints nothing, ever. Rows that a `start` in this process is following are left to it.
        """
        if not self._one_at_a_time.acquire(blocking=False):
            return []
        try:
            with self._transaction() as tx:
                rows = ledger.entries(tx, states={PrintState.PRINTING}, station=self.name)
            return [self._reconciled(row) for row in rows]
        finally:
            self._one_at_a_time.release()

    def _start(self, authorisation_no: str, document: bytes) -> StartOutcome:
        with self._transaction() as tx:
            row = ledger.entry(tx, authorisation_no)
        if row.state is not PrintState.CLAIMED:
            raise YunhuobanError(ledger.WRONG_STATE, place=authorisation_no, found=row.state, expected="claimed")
        _check_digest(row.authorisation, document)
        media = self._slots.media(row.authorisation, document)
        slot = self._slot(row.authorisation, media)
        if isinstance(slot, YunhuobanError):
            return _refused(authorisation_no, slot)
        prepared = self._prepare(row.authorisation, document, slot)
        # Last before the commit, because everything above takes time.
        if self._monotonic() >= self._start_by.get(row.claim_id or "", -float("inf")):
            return StartOutcome(authorisation_no=authorisation_no, outcome=Outcome.ASK_AGAIN)
        started_at = self._clock()
        with self._transaction() as tx:
            ledger.start(tx, authorisation_no, station=self.name, now=started_at)
        try:
            slot.printer.print_document(prepared, job_name=authorisation_no, media=media, source=slot.source)
        except troubles.PrinterRefusedError as refusal:
            with self._transaction() as tx:
                ledger.not_printed(tx, authorisation_no)
            return _refused(authorisation_no, refusal)
        except troubles.OutcomeUnknownError as trouble:
            return self._follow(authorisation_no, slot.printer, started_at, trouble)
        return self._follow(authorisation_no, slot.printer, started_at, None)

    def _slot(self, authorisation: Authorisation, media: Media) -> Slot | YunhuobanError:
        """The first slot that would print now, or why the best one would not.

        A question in time spares an outcome that nobody knows. Raises when no slot is set up for this sheet.
        """
        why: YunhuobanError | None = None
        for slot in self._slots.fitting(authorisation, media):
            try:
                found = obstacle(slot.printer.state(), media, source=slot.source, place=slot.name or self.name)
            except troubles.PrinterUnreachableError as trouble:
                found = trouble
            if found is None:
                return slot
            why = why or found
        return why or YunhuobanError(troubles.NO_PRINTER, place=self.name)

    def _follow(
        self, authorisation_no: str, printer: Printer, started_at: datetime, trouble: YunhuobanError | None
    ) -> StartOutcome:
        """Ask for the job until it ends, is gone, or time is up. `trouble` is why its acceptance is in doubt.

        In doubt a printer that knows no such job may still be reading it: not there yet is silence, too.
        """
        give_up = self._monotonic() + self._outcome_limit_seconds
        silent_since: float | None = None
        silence: YunhuobanError
        uuid = ""
        while self._monotonic() < give_up:
            try:
                job = _newest(printer.jobs_named(authorisation_no), started_at, uuid)
            except troubles.PrinterUnreachableError as unreachable:
                job, silence = None, unreachable
            else:
                silence = YunhuobanError(troubles.JOB_GONE, place=self.name)
                if job is None and (trouble is None or uuid):
                    return self._lost(authorisation_no, trouble or silence)
            if job is None:
                silent_since = self._monotonic() if silent_since is None else silent_since
                if self._monotonic() - silent_since >= self._silence_limit_seconds:
                    return self._lost(authorisation_no, trouble or silence)
            elif job.state.ended:
                return self._ended(authorisation_no, job, cut=trouble is not None)
            else:
                uuid, silent_since = job.id.uuid, None
            self._wait(self._poll_seconds)
        return self._lost(authorisation_no, YunhuobanError(TOOK_TOO_LONG, place=self.name))

    def _reconciled(self, row: Entry) -> StartOutcome:
        number, started_at = row.authorisation.authorisation_no, row.started_at
        if row.sheet_out_at is not None:
            return StartOutcome(authorisation_no=number, outcome=Outcome.SHEET_OUT)
        if started_at is None:
            raise YunhuobanError(ledger.WRONG_STATE, place=number, found="printing without started_at")
        age = self._clock() - started_at
        too_old = age > timedelta(seconds=self._outcome_limit_seconds)
        try:
            job = self._found(number, started_at)
        except YunhuobanError as silence:  # a printer that is away, or printers that cannot be looked up
            if too_old:
                return self._lost(number, silence)
            return StartOutcome(authorisation_no=number, outcome=Outcome.STILL_PRINTING, reason=silence)
        if job is None:
            gone = YunhuobanError(troubles.JOB_GONE, place=self.name)
            if age < timedelta(seconds=self._silence_limit_seconds):  # as in `_follow`: it may still be reading
                return StartOutcome(authorisation_no=number, outcome=Outcome.STILL_PRINTING, reason=gone)
            return self._lost(number, gone)
        if job.state.ended:
            return self._ended(number, job)
        if too_old:
            return self._lost(number, YunhuobanError(TOOK_TOO_LONG, place=self.name))
        return StartOutcome(authorisation_no=number, outcome=Outcome.STILL_PRINTING, job=job)

    def _found(self, authorisation_no: str, started_at: datetime) -> Job | None:
        """The job of this start, on whichever printer it is. Raises while one that may have it cannot be asked."""
        silence: troubles.PrinterUnreachableError | None = None
        for printer in self._slots.printers():
            try:
                job = _newest(printer.jobs_named(authorisation_no), started_at, "")
            except troubles.PrinterUnreachableError as trouble:
                silence = trouble
            else:
                if job is not None:
                    return job
        if silence is not None:
            raise silence
        return None

    def _ended(self, authorisation_no: str, job: Job, *, cut: bool = False) -> StartOutcome:
        if job.state is not JobState.COMPLETED:
            found = f"{job.state} ({', '.join(sorted(job.reasons))}), {job.impressions}"
            return self._lost(authorisation_no, YunhuobanError(STOPPED_EARLY, place=self.name, found=found), job)
        with self._transaction() as tx:
            ledger.saw_sheet(tx, authorisation_no, job_uuid=job.id.uuid, now=self._clock())
        # A printer that got half a document may print that half and call its job completed (ippeveprinter does).
        reason = YunhuobanError(MAY_BE_CUT, place=self.name) if cut else None
        return StartOutcome(authorisation_no=authorisation_no, outcome=Outcome.SHEET_OUT, reason=reason, job=job)

    def _lost(self, authorisation_no: str, reason: YunhuobanError, job: Job | None = None) -> StartOutcome:
        with self._transaction() as tx:
            ledger.lose(tx, authorisation_no)
        return StartOutcome(authorisation_no=authorisation_no, outcome=Outcome.UNKNOWN, reason=reason, job=job)


def _refused(authorisation_no: str, reason: YunhuobanError) -> StartOutcome:
    return StartOutcome(authorisation_no=authorisation_no, outcome=Outcome.REFUSED_BEFORE_PRINT, reason=reason)


def _check_digest(authorisation: Authorisation, document: bytes) -> None:
    """Stock takes the print file and nothing else; white paper takes the complete page, or the print file."""
    allowed = {authorisation.print_file_sha256}
    if authorisation.trial:
        allowed.add(authorisation.sealed_sha256)
    found = hashlib.sha256(document).hexdigest()
    if found not in allowed:
        raise YunhuobanError(
            DIGEST_DIFFERS, place=authorisation.authorisation_no, found=found, expected=authorisation.print_file_sha256
        )


def _newest(jobs: list[Job], started_at: datetime, uuid: str) -> Job | None:
    """Return this start's job: the uuid already seen, else created after the start; None when there is no such job.

    A job whose time of creation the printer does not know is not believed: a person looks.
    """
    mine = [
        (job.created_at, job)
        for job in jobs
        if job.created_at is not None and job.created_at >= started_at - _CREATION_SLACK and uuid in {"", job.id.uuid}
    ]
    return max(mine, key=lambda pair: pair[0])[1] if mine else None
