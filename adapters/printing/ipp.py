"""The door to printers: IPP through pyipp, answering sharply whether paper can have come out.

Source: RFC 8010 and RFC 8011 (IPP/1.1), PWG 5101.1 (media names). The synchronous calls run their own event loop,
so they belong in threads, never inside a coroutine. Three facts shape this module:

* IPP has no exactly-once. A request cut after it reached the printer may have printed: `OutcomeUnknownError`.
* A printer may number its jobs from 1 again after a crash, so a number alone is never a key: `jobs_named` compares
  names, and callers compare `Job.uuid` or `Job.created_at` too.
* Whether the connection had been made decides whether a document can have been seen (`exchange`).
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from pyipp.enums import IppOperation

from adapters.printing import facts
from adapters.printing.exchange import Exchange, from_tray
from adapters.printing.facts import Description, LoadedTray, Marker
from adapters.printing.media import Media
from adapters.printing.troubles import (
    ANSWER_UNREADABLE,
    JOB_GONE,
    OUTCOME_UNKNOWN,
    OutcomeUnknownError,
    PrinterUnreachableError,
)

_T = TypeVar("_T")
_JOB_ATTRIBUTES: Final = [
    "job-id",
    "job-uuid",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-impressions-completed",
    "time-at-creation",
    "job-printer-up-time",
]
_PRINTER_ATTRIBUTES: Final = [
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    *facts.LOADED,
]
# Reasons that stop paper (RFC 8011 section 5.4.12); with -report or -warning behind them they do not.
_STOPPING: Final = (
    "media-empty",
    "media-jam",
    "media-needed",
    "input-tray-missing",
    "cover-open",
    "door-open",
    "interlock-open",
    "toner-empty",
    "marker-supply-empty",
    "paused",
    "shutdown",
)


class JobState(StrEnum):
    """RFC 8011 section 5.3.7."""

    PENDING = "pending"
    HELD = "held"
    PROCESSING = "processing"
    STOPPED = "stopped"
    CANCELED = "canceled"
    ABORTED = "aborted"
    COMPLETED = "completed"

    @property
    def ended(self) -> bool:
        """True when the printer will do nothing more for the job."""
        return self in {JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED}


class Activity(StrEnum):
    """RFC 8011 section 5.4.11."""

    IDLE = "idle"
    PROCESSING = "processing"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobId:
    """What the printer called a job. The number starts at 1 again after a crash; an empty uuid was not told."""

    number: int
    uuid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as the printer describes it now."""

    id: JobId
    name: str
    state: JobState
    reasons: frozenset[str]
    impressions: int
    created_at: datetime | None  # by our clock, ± 1 s; None when the printer does not know, as after its restart


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterState:
    """What the printer says of itself now. `reasons` are IPP keywords such as media-empty-error."""

    activity: Activity
    reasons: frozenset[str]
    is_accepting: bool
    media_supported: frozenset[str]
    media_ready: frozenset[str]
    trays: tuple[LoadedTray, ...] = ()
    markers: tuple[Marker, ...] = ()

    def has_loaded(self, media: Media, source: str = "") -> bool:
        """Whether the sheet lies ready, in this tray if one is named; a printer that tells nothing is believed."""
        if source and any(tray.source for tray in self.trays):
            return any((tray.source, tray.media) == (source, media.value) for tray in self.trays)
        ready = self.media_ready | {tray.media for tray in self.trays}
        return media.value in ready or not ready

    @property
    def stopping_reasons(self) -> frozenset[str]:
        """The reasons that keep a sheet from coming out until a person has helped."""
        return frozenset(
            reason
            for reason in self.reasons
            if reason.startswith(_STOPPING) and not reason.endswith(("-report", "-warning"))
        )


class Printer:
    """One IPP printer. Holds no connection; every call opens one and closes it within `timeout_seconds`."""

    def __init__(self, url: str, *, timeout_seconds: float, pin: str = "") -> None:
        """`pin` is the SHA-256 of its certificate in hex, for ipps."""
        self.url = url
        self._pin = pin
        self._timeout_seconds = timeout_seconds

    def print_document(
        self, pdf: bytes, *, job_name: str, media: Media, source: str = "", user: str = "yunhuoban"
    ) -> JobId:
        """Send one document for one copy, one-sided, and return once the printer has accepted it.

        `job_name` is the authorisation number, never a person; `source` is the tray (a keyword of `media-source`).
        Fidelity is demanded: a printer without the medium refuses instead of taking another sheet. Raises
        PrinterRefusedError (nothing printed) or OutcomeUnknownError.
        """
        # One of the two, never both: RFC 8011 section 5.2.11 with PWG 5100.7 section 6.3.
        sheet = {} if source else {"media": media.value}
        answer = self._run(
            lambda exchange: exchange.printed(
                {
                    "operation-attributes-tag": {
                        "requesting-user-name": user,
                        "job-name": job_name,
                        "ipp-attribute-fidelity": True,
                        "document-format": "application/pdf",
                    },
                    "job-attributes-tag": {"copies": 1, "sides": "one-sided", **sheet},
                    "data": pdf,
                },
                collection=from_tray(*media.size, source) if source else b"",
            )
        )
        job: dict[str, Any] = next(iter(answer["jobs"]), {})
        number = job.get("job-id", 0)
        if not isinstance(number, int):  # the job is there, and cannot be asked for
            raise OutcomeUnknownError(OUTCOME_UNKNOWN, found="unreadable answer")
        return JobId(number=number, uuid=str(job.get("job-uuid") or ""))

    def jobs_named(self, job_name: str) -> list[Job]:
        """Return every job of this name the printer knows, ended or not. Raises PrinterUnreachableError."""
        found: dict[JobId, Job] = {}
        # In this order: a job that ends between the two questions is in the second answer.
        for which in ("not-completed", "completed"):
            for job in self._jobs(IppOperation.GET_JOBS, {"which-jobs": which}):
                if job.name == job_name:
                    found[job.id] = job
        return list(found.values())

    def job(self, job_id: JobId) -> Job:
        """Return one job. Raises PrinterUnreachableError, with JOB_GONE when the number is free or another job's."""
        for job in self._jobs(IppOperation.GET_JOB_ATTRIBUTES, {"job-id": job_id.number}):
            if job_id.uuid in {"", job.id.uuid}:
                return job
        raise PrinterUnreachableError(JOB_GONE)

    def state(self) -> PrinterState:
        """Return the printer's own state. Raises PrinterUnreachableError."""
        return self._told(_PRINTER_ATTRIBUTES, _state)

    def described(self) -> tuple[Description, PrinterState]:
        """Return what the printer is and how it is. Raises PrinterUnreachableError."""
        return self._told(
            [*_PRINTER_ATTRIBUTES, *facts.DESCRIBING], lambda told: (facts.description(told), _state(told))
        )

    def _told(self, attributes: list[str], read: Callable[[dict[str, Any]], _T]) -> _T:
        asked = {"operation-attributes-tag": {"requested-attributes": attributes}}
        answer = self._run(lambda exchange: exchange.asked(IppOperation.GET_PRINTER_ATTRIBUTES, asked))
        try:
            return read(answer["printers"][0])
        except (LookupError, AttributeError, TypeError) as error:
            raise PrinterUnreachableError(ANSWER_UNREADABLE, place="Get-Printer-Attributes") from error

    def _jobs(self, operation: IppOperation, question: dict[str, Any]) -> list[Job]:
        asked = {"operation-attributes-tag": {**question, "requested-attributes": _JOB_ATTRIBUTES}}
        answer = self._run(lambda exchange: exchange.asked(operation, asked))
        try:
            return [_job(told) for told in answer["jobs"] if told]
        except (LookupError, AttributeError, TypeError, ValueError) as error:
            raise PrinterUnreachableError(ANSWER_UNREADABLE, place=operation.name) from error

    def _run(self, call: Callable[[Exchange], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
        return asyncio.run(call(Exchange(self.url, timeout_seconds=self._timeout_seconds, pin=self._pin)))


def _state(told: dict[str, Any]) -> PrinterState:
    return PrinterState(
        activity=Activity[told["printer-state"].name],
        reasons=_keywords(told.get("printer-state-reasons")),
        is_accepting=bool(told["printer-is-accepting-jobs"]),
        media_supported=_keywords(told.get("media-supported")),
        media_ready=_keywords(told.get("media-ready")),
        trays=facts.trays(told),
        markers=facts.markers(told),
    )


def _keywords(value: str | Iterable[str] | None) -> frozenset[str]:
    values = [value] if isinstance(value, str) else [str(each) for each in value or []]
    return frozenset(values) - {"none", ""}


def _job(told: dict[str, Any]) -> Job:
    return Job(
        id=JobId(number=int(told["job-id"]), uuid=str(told.get("job-uuid") or "")),
        name=str(told.get("job-name") or ""),
        state=JobState[told["job-state"].name],
        reasons=_keywords(told.get("job-state-reasons")),
        impressions=int(told.get("job-impressions-completed") or 0),
        created_at=_created_at(told.get("time-at-creation"), told.get("job-printer-up-time")),
    )


def _created_at(created: object, now: object) -> datetime | None:
    """Seconds of the printer's own up-time on both sides, so that the printer's wall clock does not matter."""
    if not isinstance(created, int) or not isinstance(now, int) or not 0 <= created <= now:
        return None
    return datetime.now(UTC) - timedelta(seconds=now - created)
