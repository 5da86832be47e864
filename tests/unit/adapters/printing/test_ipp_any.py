"""Answers from whatever stands at the printer's address: one declared error or facts, within time and memory.

A real server on loopback answers with these bytes. What is refused for good may be printed again, so a damaged answer
to a print request must never be taken for a refusal that it does not clearly state.
"""

import http.server
import struct
import threading
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.printing import ipp, troubles
from adapters.printing.ipp import JobId, Printer
from adapters.printing.media import Media
from tests.hostile import COSTLY, damaged, refusal
from tests.printers import PDF

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1

SECONDS = 2.0


class Fake:
    """A server at a printer's address; `body` is what it answers, whatever it is asked."""

    def __init__(self) -> None:
        self.body = b""
        self.status = 200
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One request, one answer."""

            def do_POST(self) -> None:
                """Read what was sent and answer."""
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(fake.status)
                self.send_header("Content-Type", "application/ipp")
                self.send_header("Content-Length", str(len(fake.body)))
                self.end_headers()
                self.wfile.write(fake.body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign] -- who asks may hang up in mid-answer
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.printer = Printer(f"ipp://127.0.0.1:{self.server.server_port}/ipp/print", timeout_seconds=SECONDS)


@pytest.fixture(scope="module")
def fake() -> Iterator[Fake]:
    """One server for all."""
    made = Fake()
    yield made
    made.server.shutdown()
    made.server.server_close()


def attribute(tag: int, name: str, value: bytes, *, length: int | None = None) -> bytes:
    """One attribute; `length` lies about the value's."""
    size = len(value) if length is None else length
    return struct.pack(">bh", tag, len(name.encode())) + name.encode() + struct.pack(">h", size) + value


def answer(*groups: bytes, status: int = 0) -> bytes:
    """A whole answer."""
    operation = attribute(0x47, "attributes-charset", b"utf-8")
    return struct.pack(">bbhi", 2, 0, status, 1) + b"\x01" + operation + b"".join(groups) + b"\x03"


JOB = b"\x02" + b"".join([
    attribute(0x21, "job-id", struct.pack(">i", 7)),
    attribute(0x45, "job-uuid", b"urn:uuid:0"),
    attribute(0x42, "job-name", b"A1"),
    attribute(0x23, "job-state", struct.pack(">i", 9)),
    attribute(0x44, "job-state-reasons", b"none"),
    attribute(0x21, "time-at-creation", struct.pack(">i", 4)),
    attribute(0x21, "job-printer-up-time", struct.pack(">i", 9)),
])  # fmt: skip
PRINTER = b"\x04" + b"".join([
    attribute(0x23, "printer-state", struct.pack(">i", 3)),
    attribute(0x44, "printer-state-reasons", b"none"),
    attribute(0x22, "printer-is-accepting-jobs", b"\x01"),
    attribute(0x44, "media-supported", b"iso_a4_210x297mm"),
    attribute(0x44, "", b"iso_a3_297x420mm"),
])  # fmt: skip
# Groups in which one attribute has another tag, length, name or number of values than it should.
ODD = st.builds(
    attribute,
    st.sampled_from([6, 16, 19, 33, 34, 35, 48, 49, 50, 51, 52, 53, 54, 55, 65, 68, 74, 127]),
    st.sampled_from(["job-id", "job-uuid", "job-name", "job-state", "printer-state", "printer-state-reasons",
                     "printer-is-accepting-jobs", "media-ready", "time-at-creation", "media-col-ready", "marker-levels",
                     "marker-names", "printer-make-and-model", ""]),
    st.binary(max_size=12) | st.sampled_from([struct.pack(">i", 3), struct.pack(">i", -1), b"\xff" * 4, b"\x00" * 9]),
    length=st.none() | st.sampled_from([-1, -3, -8, -20, -32768, 0, 1, 4, 32767]),
)  # fmt: skip
STRUCTURED = st.builds(
    lambda head, odd, tail, status: answer(head + b"".join(odd) + tail, status=status),
    st.sampled_from([b"", b"\x02", b"\x04", JOB, PRINTER, b"\x06"]),
    st.lists(ODD, max_size=4),
    st.sampled_from([b"", JOB, PRINTER, b"\x02", b"\x34\x00\x01a\x00\x00" * 3]),
    st.sampled_from([0, 1, 0x0400, 0x0406, 0x040B, 0x0500, 0x0507, -1, 0x7FFF]),
)
ANSWERS = st.one_of(st.binary(max_size=200), damaged(answer(JOB)), damaged(answer(PRINTER)), STRUCTURED)
BACKWARDS = attribute(0x44, "a", b"", length=-6)
NESTED = attribute(0x34, "c", b"") + (attribute(0x4A, "", b"m") + attribute(0x34, "", b"")) * 3000


@given(body=ANSWERS)
@example(body=answer(JOB[:1] + BACKWARDS))
@example(body=answer(JOB[:1] + attribute(0x35, "n", struct.pack(">h", -9) + bytes(9))))
@example(body=answer(JOB[:1] + struct.pack(">bh", 0x44, -7) + bytes(9)))
@example(body=answer(JOB[:1] + NESTED))
@example(body=answer(JOB[:1] + attribute(0x44, "job-id", b"x")))
@example(body=answer(JOB[:1] + attribute(0x44, "job-id", b"1") + attribute(0x44, "", b"2")))
@example(body=answer(PRINTER[:1] + attribute(0x21, "printer-state", struct.pack(">i", 3))))
@example(body=answer(PRINTER + attribute(0x21, "media-ready", struct.pack(">i", 3))))
@example(body=answer(PRINTER + attribute(0x21, "media-ready", struct.pack(">i", 3)) * 2))
@COSTLY
def test_any_answer_to_a_question(fake: Fake, body: bytes):
    """Facts, or PrinterUnreachableError; nothing else, and in time."""
    fake.body, fake.status = body, 200
    for ask in (
        fake.printer.described,
        lambda: fake.printer.jobs_named("A1"),
        lambda: fake.printer.job(JobId(number=7)),
    ):
        error = refusal(ask)
        assert error is None or isinstance(error, troubles.PrinterUnreachableError)


@given(body=ANSWERS, status=st.sampled_from([200, 200, 200, 403, 500]))
@example(body=answer(JOB[:1] + attribute(0x44, "job-id", b"x")), status=200)
@example(body=answer(JOB[:1] + attribute(0x44, "job-id", b"1") * 2), status=200)
@example(body=answer(JOB[:1] + BACKWARDS), status=200)
@example(body=b"\xff", status=403)
@COSTLY
def test_any_answer_to_a_print_request(fake: Fake, body: bytes, status: int):
    """Accepted, refused or unknown; refused only when the answer says so in a whole and readable way."""
    fake.body, fake.status = body, status
    error = refusal(lambda: fake.printer.print_document(PDF, job_name="A1", media=Media.A4))
    assert error is None or isinstance(error, troubles.PrinterRefusedError | troubles.OutcomeUnknownError)
    if isinstance(error, troubles.PrinterRefusedError) and status == 200:
        assert struct.unpack_from(">h", body, 2)[0] in troubles.NO_JOB_MADE
        assert body.endswith(b"\x03") or b"\x03" in body


def test_the_good_answers_are_good(fake: Fake):
    """What is damaged above is understood undamaged."""
    fake.body, fake.status = answer(JOB), 200
    assert fake.printer.print_document(PDF, job_name="A1", media=Media.A4).number == 7
    (job,) = fake.printer.jobs_named("A1")
    assert (job.id.number, job.state) == (7, ipp.JobState.COMPLETED)
    fake.body = answer(PRINTER)
    assert fake.printer.state().media_supported == {"iso_a4_210x297mm", "iso_a3_297x420mm"}


def test_an_endless_answer_is_not_kept(fake: Fake):
    """A server that sends on and on: the station's memory stays its own."""
    fake.body, fake.status = bytes(64 * 2**20), 200
    tracemalloc.start()
    error = refusal(fake.printer.state)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    fake.body = b""
    assert isinstance(error, troubles.PrinterUnreachableError)
    assert peak < 24 * 2**20
