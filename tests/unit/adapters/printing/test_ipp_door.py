"""The door tells apart what cannot have printed from what may have, however the printer breaks."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.printing import ipp, troubles
from adapters.printing.ipp import Activity, JobId, Printer, PrinterState
from adapters.printing.media import Media
from tests.printers import PDF, free_port


@contextmanager
def listener(answer: bytes | None, *, read: bool = True) -> Iterator[str]:
    """Listen once on localhost: read the request or not, then send `answer` and close; None keeps silent."""
    server = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            if read:
                connection.recv(1 << 20)
            if answer is None:
                done.wait(10)
            else:
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"ipp://127.0.0.1:{server.getsockname()[1]}/ipp/print"
    finally:
        done.set()
        thread.join()
        server.close()


def http(body: bytes, status: str = "200 OK") -> bytes:
    """Return an HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/ipp\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def ipp_answer(status: int) -> bytes:
    """Return an IPP answer with a status and the charset that every answer has."""
    charset = b"\x47" + struct.pack(">h", 18) + b"attributes-charset" + struct.pack(">h", 5) + b"utf-8"
    return http(struct.pack(">bbhi", 2, 0, status, 1) + b"\x01" + charset + b"\x03")


def send(url: str, *, timeout_seconds: float = 3) -> JobId:
    """Send one page."""
    return Printer(url, timeout_seconds=timeout_seconds).print_document(PDF, job_name="A1", media=Media.A4)


@pytest.mark.parametrize(
    "url", ["", "printer", "http://printer/ipp", "ipp://", "ipp://printer:x/ipp/print", "ipp://p:0/"]
)
def test_no_printer_is_told_as_such(url):
    """A county that only looks has none: nothing was printed, a question has no answer, and both name the setting."""
    printer = Printer(url, timeout_seconds=1)
    with pytest.raises(troubles.PrinterRefusedError, match="E-PRINT-128"):
        printer.print_document(PDF, job_name="n", media=Media.A4)
    with pytest.raises(troubles.PrinterUnreachableError, match="E-PRINT-128"):
        printer.state()


def test_nobody_listening_is_a_refusal():
    """Connection refused: nothing can have printed."""
    with pytest.raises(troubles.PrinterRefusedError, match=r"E-PRINT-121"):
        send(f"ipp://127.0.0.1:{free_port()}/ipp/print")


def test_silence_after_the_request_is_unknown():
    """A time-out after the connection was made says nothing about paper."""
    with listener(None) as url, pytest.raises(troubles.OutcomeUnknownError, match=r"E-PRINT-125"):
        send(url, timeout_seconds=0.3)


def test_headers_without_a_body_are_unknown():
    """An answer that never comes to its end runs into the same limit, though pyipp has none there."""
    cut = http(bytes(90))[:-80]
    with listener(cut) as url, pytest.raises(troubles.OutcomeUnknownError):
        send(url, timeout_seconds=0.5)


@pytest.mark.parametrize("answer", [b"", http(b""), http(b"no ipp"), http(b"", "502 Bad Gateway"), ipp_answer(0x0500)])
def test_cut_or_unusable_answers_are_unknown(answer):
    """A cut connection, an unreadable answer, a gateway's or the printer's internal error: paper may be out."""
    with listener(answer) as url, pytest.raises(troubles.OutcomeUnknownError):
        send(url)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (ipp_answer(0x0507), troubles.BUSY),
        (ipp_answer(0x040B), troubles.MEDIA_NOT_SUPPORTED),
        (ipp_answer(0x0506), troubles.REFUSED),
        (ipp_answer(0x0503), troubles.REFUSED),
        (http(b"", "403 Forbidden"), troubles.REFUSED),
        (http(b"", "307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/"), troubles.REFUSED),
    ],
)
def test_rejected_requests_are_refusals(answer, code):
    """RFC 8011: a rejected Print-Job makes no job, so it may be sent again; a license follows no redirect."""
    with listener(answer) as url, pytest.raises(troubles.PrinterRefusedError, match=code.code):
        send(url)


@pytest.mark.parametrize(
    "status",
    [status for status in troubles.IppStatus if 0x200 <= status < 0x7FFF and status not in troubles.NO_JOB_MADE],
)
def test_no_other_error_is_a_refusal(status):
    """An error status outside the list never lets a document be sent a second time."""
    with listener(ipp_answer(status)) as url, pytest.raises(troubles.OutcomeUnknownError):
        send(url)


def test_unusable_answer_to_a_question_is_no_state():
    """A question with an unusable answer raises, and never looks like 'no such job'."""
    with listener(http(b"no ipp")) as url, pytest.raises(troubles.PrinterUnreachableError, match=r"E-PRINT-127"):
        Printer(url, timeout_seconds=3).jobs_named("A1")


def test_only_errors_stop_paper():
    """RFC 8011 section 5.4.12: a report or a warning does not keep a sheet from coming out."""
    reasons = frozenset({"media-empty-error", "media-jam", "media-low-warning", "media-empty-warning", "toner-low"})
    state = PrinterState(
        activity=Activity.STOPPED,
        reasons=reasons,
        is_accepting=True,
        media_supported=frozenset(),
        media_ready=frozenset(),
    )
    assert state.stopping_reasons == {"media-empty-error", "media-jam"}


def test_time_of_creation_needs_the_printers_up_time():
    """After a restart a printer's earlier jobs have no usable time, and none is invented."""
    assert ipp._created_at(-5, 10) is None
    assert ipp._created_at(20, 10) is None
    assert ipp._created_at(None, 10) is None
    assert ipp._created_at(4, 10) is not None
