"""The door to printers: IPP through pyipp, answering sharply whether paper can have come out.

Source: RFC 8010 and RFC 8011 (IPP/1.1), PWG 5101.1 (media names). The synchronous calls run their own event loop,
so they belong in threads, never inside a coroutine. Three facts shape this module:

* IPP has no exactly-once. A request cut after it reached the printer may have printed: `OutcomeUnknownError`.
* A printer may number its jobs from 1 again after a crash, so a number alone is never a key: `jobs_named` compares
  names, and callers compare `Job.uuid` or `Job.created_at` too.
* pyipp wraps every network failure in one error; whether the connection had been made is watched here.
"""

import asyncio
import math
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from pyipp import IPP
from pyipp.enums import IppOperation, IppStatus
from pyipp.exceptions import IPPConnectionError, IPPError, IPPParseError, IPPResponseError
from pyipp.parser import parse

from adapters.printing.answers import BoundedResponse, is_well_formed
from schemas import errors
from schemas.errors import YunhuobanError

UNREACHABLE: Final = errors.declare(
    "E-PRINT-121", "连接不上打印机，文件没有送出。", "请检查打印机的电源和网线，然后再打印。"
)
BUSY: Final = errors.declare("E-PRINT-122", "打印机正在打印别的文件，这份没有送出。", "请等前一份打印完，再打印这份。")
MEDIA_NOT_SUPPORTED: Final = errors.declare(
    "E-PRINT-123", "打印机不支持这种纸张，文件没有打印。", "请换用支持该纸张的打印机，或请县信息中心核对打印机设置。"
)
REFUSED: Final = errors.declare(
    "E-PRINT-124",
    "打印机拒绝了这份文件（{status}），没有打印。",
    "请把括号中的状态告诉县信息中心，由其核对打印机设置。",
)
OUTCOME_UNKNOWN: Final = errors.declare(
    "E-PRINT-125", "文件已经开始送往打印机，但不知道纸是否打印出来。", "请到打印机前查看，由人确认；系统不会自动重打。"
)
JOB_GONE: Final = errors.declare(
    "E-PRINT-126", "打印机上查不到这份打印作业。", "请到打印机前查看纸是否打印出来，由人确认。"
)
ANSWER_UNREADABLE: Final = errors.declare(
    "E-PRINT-127", "打印机的应答无法识别。", "请县信息中心核对打印机地址，以及打印机是否支持 IPP。"
)
NO_PRINTER: Final = errors.declare(
    "E-PRINT-128",
    "没有设置打印机，或者地址不是 IPP 地址。",
    "请县信息中心在 county.toml 的 [station] 一节写 printer_url，如 ipp://打印机地址/ipp/print，再重新启动县节点。",
)

# RFC 8011 section 4.2.1.2: with these the printer rejected the Print-Job request, so it made no job. Every other
# status (internal error, device error, job canceled, document format error found while printing …) may follow paper.
_NO_JOB_MADE: Final = frozenset(
    {
        IppStatus.ERROR_BAD_REQUEST,
        IppStatus.ERROR_FORBIDDEN,
        IppStatus.ERROR_NOT_AUTHENTICATED,
        IppStatus.ERROR_NOT_AUTHORIZED,
        IppStatus.ERROR_NOT_POSSIBLE,
        IppStatus.ERROR_NOT_FOUND,
        IppStatus.ERROR_GONE,
        IppStatus.ERROR_REQUEST_ENTITY,
        IppStatus.ERROR_REQUEST_VALUE,
        IppStatus.ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED,
        IppStatus.ERROR_ATTRIBUTES_OR_VALUES,
        IppStatus.ERROR_URI_SCHEME,
        IppStatus.ERROR_CHARSET,
        IppStatus.ERROR_CONFLICTING,
        IppStatus.ERROR_OPERATION_NOT_SUPPORTED,
        IppStatus.ERROR_VERSION_NOT_SUPPORTED,
        IppStatus.ERROR_NOT_ACCEPTING_JOBS,
        IppStatus.ERROR_BUSY,
        IppStatus.ERROR_PRINTER_IS_DEACTIVATED,
        IppStatus.ERROR_TOO_MANY_JOBS,
    }
)

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
    "media-supported",
    "media-ready",
]
# Reasons that stop paper (RFC 8011 section 5.4.12); with -report or -warning behind them they do not.
_STOPPING: Final = (
    "media-empty",
    "media-jam",
    "media-needed",
    "cover-open",
    "door-open",
    "toner-empty",
    "marker-supply-empty",
    "paused",
    "shutdown",
)


class PrinterRefusedError(YunhuobanError):
    """The printer certainly printed nothing of this request; the same document may be sent again."""


class OutcomeUnknownError(YunhuobanError):
    """The request reached the printer and its end is not known; paper may be out. Never send again because of it."""


class PrinterUnreachableError(YunhuobanError):
    """A question to the printer got no usable answer; questions print nothing and may be repeated."""


class Media(StrEnum):
    """Sheet sizes of licenses: PWG 5101.1 self-describing names."""

    A3 = "iso_a3_297x420mm"
    A4 = "iso_a4_210x297mm"
    A6 = "iso_a6_105x148mm"


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

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        self.url = url
        self._timeout_seconds = timeout_seconds

    def print_document(self, pdf: bytes, *, job_name: str, media: Media, user: str = "yunhuoban") -> JobId:
        """Send one document for one copy, one-sided, and return once the printer has accepted it.

        `job_name` is the authorisation number, never a person. Fidelity is demanded: a printer without the medium
        refuses instead of taking another sheet. Raises PrinterRefusedError (nothing printed) or OutcomeUnknownError.
        """
        answer = self._run(
            lambda exchange: exchange.printed(
                {
                    "operation-attributes-tag": {
                        "requesting-user-name": user,
                        "job-name": job_name,
                        "ipp-attribute-fidelity": True,
                        "document-format": "application/pdf",
                    },
                    "job-attributes-tag": {"media": media.value, "copies": 1, "sides": "one-sided"},
                    "data": pdf,
                }
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
        asked = {"operation-attributes-tag": {"requested-attributes": _PRINTER_ATTRIBUTES}}
        answer = self._run(lambda exchange: exchange.asked(IppOperation.GET_PRINTER_ATTRIBUTES, asked))
        try:
            facts = answer["printers"][0]
            return PrinterState(
                activity=Activity[facts["printer-state"].name],
                reasons=_keywords(facts.get("printer-state-reasons")),
                is_accepting=bool(facts["printer-is-accepting-jobs"]),
                media_supported=_keywords(facts.get("media-supported")),
                media_ready=_keywords(facts.get("media-ready")),
            )
        except (LookupError, AttributeError, TypeError) as error:
            raise PrinterUnreachableError(ANSWER_UNREADABLE, place="Get-Printer-Attributes") from error

    def _jobs(self, operation: IppOperation, question: dict[str, Any]) -> list[Job]:
        asked = {"operation-attributes-tag": {**question, "requested-attributes": _JOB_ATTRIBUTES}}
        answer = self._run(lambda exchange: exchange.asked(operation, asked))
        try:
            return [_job(facts) for facts in answer["jobs"] if facts]
        except (LookupError, AttributeError, TypeError, ValueError) as error:
            raise PrinterUnreachableError(ANSWER_UNREADABLE, place=operation.name) from error

    def _run(self, call: "Callable[[_Exchange], Coroutine[Any, Any, dict[str, Any]]]") -> dict[str, Any]:
        return asyncio.run(call(_Exchange(self.url, self._timeout_seconds)))


class _Exchange:
    """One request and its answer, which knows whether the printer can have seen any of the request."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        self._url = url
        self._timeout_seconds = timeout_seconds
        self._connected = False

    async def printed(self, message: dict[str, Any]) -> dict[str, Any]:
        if not _is_ipp(self._url):
            raise PrinterRefusedError(NO_PRINTER, place="station.printer_url", found=self._url.partition(":")[0][:20])
        try:
            return await self._execute(IppOperation.PRINT_JOB, message)
        except IPPParseError as error:
            raise OutcomeUnknownError(OUTCOME_UNKNOWN, found="unreadable answer") from error
        except IPPResponseError as error:
            # HTTP 4xx is the server's word that it did not take the request; 5xx may come from a proxy afterwards.
            status = error.args[1]["status-code"]
            found = f"HTTP {status}"
            if status < 500:
                raise PrinterRefusedError(REFUSED, found=found, status=found) from error
            raise OutcomeUnknownError(OUTCOME_UNKNOWN, found=found) from error
        except (IPPConnectionError, TimeoutError, OSError, aiohttp.ClientError) as error:
            if self._connected:
                raise OutcomeUnknownError(OUTCOME_UNKNOWN) from error
            raise PrinterRefusedError(UNREACHABLE) from error
        except IPPError as error:
            status = _status(error)
            found = f"IPP 0x{status:04X}"
            if status not in _NO_JOB_MADE:
                raise OutcomeUnknownError(OUTCOME_UNKNOWN, found=found) from error
            code = {IppStatus.ERROR_BUSY: BUSY, IppStatus.ERROR_ATTRIBUTES_OR_VALUES: MEDIA_NOT_SUPPORTED}
            raise PrinterRefusedError(code.get(IppStatus(status), REFUSED), found=found, status=found) from error

    async def asked(self, operation: IppOperation, message: dict[str, Any]) -> dict[str, Any]:
        if not _is_ipp(self._url):
            raise PrinterUnreachableError(
                NO_PRINTER, place="station.printer_url", found=self._url.partition(":")[0][:20]
            )
        try:
            return await self._execute(operation, message)
        except (IPPParseError, IPPResponseError) as error:
            raise PrinterUnreachableError(ANSWER_UNREADABLE, place=operation.name) from error
        except (IPPConnectionError, TimeoutError, OSError, aiohttp.ClientError) as error:
            raise PrinterUnreachableError(UNREACHABLE, place=operation.name) from error
        except IPPError as error:
            status = _status(error)
            code = JOB_GONE if status in {IppStatus.ERROR_NOT_FOUND, IppStatus.ERROR_GONE} else ANSWER_UNREADABLE
            raise PrinterUnreachableError(code, place=operation.name, found=f"IPP 0x{status:04X}") from error

    async def _execute(self, operation: IppOperation, message: dict[str, Any]) -> dict[str, Any]:
        async def connected(*_: object) -> None:
            self._connected = True

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(connected)
        session = aiohttp.ClientSession(trace_configs=[trace], response_class=BoundedResponse)
        async with asyncio.timeout(self._timeout_seconds), session:
            # pyipp's own limit does not cover reading the answer; ours, which covers all, must be the shorter one.
            limit = math.ceil(self._timeout_seconds) + 1
            printer = IPP(self._url, session=session, request_timeout=limit, verify_ssl=True)
            try:
                body = await printer.raw(operation, message)
            except UnicodeDecodeError as error:  # the text of an HTTP error: pyipp reads it before it says which
                raise IPPParseError from error
        return _read(body)


def _is_ipp(url: str) -> bool:
    """Whether this can be a printer's address; pyipp trips over what is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("ipp", "ipps") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def _read(body: bytes) -> dict[str, Any]:
    """Read an answer as `IPP.execute` does, after looking at its shape. Raises IPPError or one of its kinds."""
    if not is_well_formed(body):
        raise IPPParseError
    try:
        answer: dict[str, Any] = parse(body)
    except Exception as error:  # the library's reader raises whatever its input makes it trip over
        raise IPPParseError from error
    if answer["status-code"] not in range(0x200):
        raise IPPError("refused", {"status-code": answer["status-code"]})
    return answer


def _status(error: IPPError) -> int:
    """Return the IPP status in an error of `_read`; what pyipp raises without one (an upgrade demanded) has none."""
    return int(error.args[1]["status-code"]) if len(error.args) > 1 and "status-code" in error.args[1] else 0xFFFF


def _keywords(value: str | Iterable[str] | None) -> frozenset[str]:
    values = [value] if isinstance(value, str) else [str(each) for each in value or []]
    return frozenset(values) - {"none", ""}


def _job(facts: dict[str, Any]) -> Job:
    return Job(
        id=JobId(number=int(facts["job-id"]), uuid=str(facts.get("job-uuid") or "")),
        name=str(facts.get("job-name") or ""),
        state=JobState[facts["job-state"].name],
        reasons=_keywords(facts.get("job-state-reasons")),
        impressions=int(facts.get("job-impressions-completed") or 0),
        created_at=_created_at(facts.get("time-at-creation"), facts.get("job-printer-up-time")),
    )


def _created_at(created: object, now: object) -> datetime | None:
    """Seconds of the printer's own up-time on both sides, so that the printer's wall clock does not matter."""
    if not isinstance(created, int) or not isinstance(now, int) or not 0 <= created <= now:
        return None
    return datetime.now(UTC) - timedelta(seconds=now - created)
