"""The seal's key in a process of its own: the parent never holds it, and nothing is sealed without a decision.

The child is spawned (not forked: it shares no memory with the parent), reads the key itself through its plug-in, and
serves one request at a time over a pipe that only the two hold. A request is a decision that was stored, with its
number, outcome and recorded approver, and the rendered page. Before anything leaves the child, one line goes into
the register of uses (用印登记): when, which decision, whose approval, digests before and after.
Messages are JSON and bytes, never pickles: neither side can make the other run anything.
"""

import contextlib
import hashlib
import json
import multiprocessing.context
import resource
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Self

from adapters.licenses.pdf_file import statement_in
from adapters.licenses.quiet import silence_libraries
from adapters.licenses.seal import SEAL_FAILED, SealPlugin, seal_pdf
from certs import files
from schemas import errors
from schemas.errors import YunhuobanError, declare

ANSWER_SECONDS: Final = 30.0
_START_SECONDS: Final = 30.0

DECISION_INSUFFICIENT: Final = declare(
    "E-LIC-024",
    "没有可以据以盖章的决定：须有决定文书编号、准予的结果和记录在案的批准人。",
    "请先在审批页面作出并保存决定，再生成证照。",
)
PAGE_NOT_OF_DECISION: Final = declare(
    "E-LIC-025", "要盖章的文件不是这份决定的证照。", "请重新生成证照；若再次出现，请停用印章并查明原因。"
)
SEAL_PROCESS_GONE: Final = declare(
    "E-LIC-026", "印章进程没有应答。", "请重试；仍然如此的，请检查印章目录和本机资源，再重启县节点。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRequest:
    """The stored decision on whose strength a page is sealed."""

    decision_no: str
    outcome: str
    """As the canonical Decision has it; only `granted` is sealed."""
    approver: str
    approver_no: str
    license_number: str
    """The number the decision gave; the page must bear the same."""

    def require_sufficient(self) -> None:
        """Demand number, approver and a granting outcome. Raises DECISION_INSUFFICIENT, which names the field."""
        for name in ("decision_no", "approver", "approver_no", "license_number"):
            if not getattr(self, name).strip():
                raise YunhuobanError(DECISION_INSUFFICIENT, place=name)
        if self.outcome != "granted":
            raise YunhuobanError(DECISION_INSUFFICIENT, place="outcome", found=self.outcome, expected="granted")


class SealProcess:
    """The parent's end. Starts the child when first needed, and anew after it went. Safe from several threads."""

    def __init__(
        self,
        *,
        plugin: SealPlugin,
        anchors: Sequence[bytes],
        crls: Callable[[], Sequence[bytes]],
        register: Path,
        trial: bool,
    ) -> None:
        """`plugin` travels to the child: it holds places, never a key. `crls` gives the newest lists, DER."""
        self._plugin, self._anchors, self._crls = plugin, list(anchors), crls
        self._register, self._trial = register, trial
        self._lock = threading.Lock()
        self._pipe: Connection | None = None
        self._child: multiprocessing.context.SpawnProcess | None = None

    def __enter__(self) -> Self:
        """Nothing is started before the first request."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    @property
    def child_id(self) -> int | None:
        """The child's process id while it lives."""
        return self._child.pid if self._child else None

    def seal(self, pdf: bytes, request: SealRequest) -> bytes:
        """Have a page sealed. Raises what `seal_pdf` raises, DECISION_INSUFFICIENT, PAGE_NOT_OF_DECISION, GONE."""
        header = json.dumps({"request": asdict(request), "crls": [one.hex() for one in self._crls()]})
        with self._lock:
            pipe = self._started()
            try:
                pipe.send_bytes(header.encode())
                pipe.send_bytes(pdf)
                answer = json.loads(self._received(pipe))
                if "error" not in answer:
                    return self._received(pipe)
            except (OSError, EOFError, ValueError) as error:
                self._end()
                raise YunhuobanError(SEAL_PROCESS_GONE, found=type(error).__name__) from None
        code = errors.declared().get(answer["error"], SEAL_FAILED)
        raise YunhuobanError(code, place=answer["place"], found=answer["found"], expected=answer["expected"])

    def warm(self) -> None:
        """Start the child if it is not running, so that the next page does not wait for it. Raises GONE."""
        with self._lock:
            self._started()

    def close(self) -> None:
        """End the child; the next request would start another."""
        with self._lock:
            self._end()

    def _started(self) -> Connection:
        if self._pipe is not None and self._child is not None and self._child.is_alive():
            return self._pipe
        self._end()
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        child = spawn.Process(
            target=serve,
            kwargs={
                "pipe": theirs,
                "plugin": self._plugin,
                "anchors": self._anchors,
                "register": self._register,
                "trial": self._trial,
            },
            daemon=True,
            name="seal",
        )
        child.start()
        theirs.close()  # so that the child's end is the only one, and its death is an end of file here
        self._pipe, self._child = ours, child
        try:
            if self._received(ours, _START_SECONDS) != b"ready":
                raise YunhuobanError(SEAL_PROCESS_GONE)
        except (OSError, EOFError) as error:
            self._end()
            raise YunhuobanError(SEAL_PROCESS_GONE, found=type(error).__name__) from None
        return ours

    @staticmethod
    def _received(pipe: Connection, seconds: float = ANSWER_SECONDS) -> bytes:
        if not pipe.poll(seconds):
            raise EOFError
        return pipe.recv_bytes()

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._child is not None:
            self._child.kill()  # it keeps nothing between requests, and its register is on the disk
            self._child.join()
        self._pipe = self._child = None


def serve(*, pipe: Connection, plugin: SealPlugin, anchors: list[bytes], register: Path, trial: bool) -> None:
    """The child's life: answer requests until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; the closed pipe ends this process
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the key
    silence_libraries()
    with contextlib.suppress(EOFError, OSError):  # the parent may be gone before this process is ready
        pipe.send_bytes(b"ready")
        while True:
            header, pdf = json.loads(pipe.recv_bytes()), pipe.recv_bytes()
            try:
                sealed = _sealed(header, pdf, plugin=plugin, anchors=anchors, register=register, trial=trial)
            except YunhuobanError as error:
                pipe.send_bytes(_refusal(error))
            except Exception as error:  # noqa: BLE001 - a plug-in's driver may raise anything; the child goes on
                pipe.send_bytes(_refusal(YunhuobanError(SEAL_FAILED, found=type(error).__name__)))
            else:
                pipe.send_bytes(b"{}")
                pipe.send_bytes(sealed)


def _sealed(
    header: dict[str, Any], pdf: bytes, *, plugin: SealPlugin, anchors: list[bytes], register: Path, trial: bool
) -> bytes:
    request = SealRequest(**header["request"])
    request.require_sufficient()
    stated = statement_in(pdf)
    if stated.get("number") != request.license_number or stated.get("trial") is not trial:
        raise YunhuobanError(PAGE_NOT_OF_DECISION)
    now = datetime.now(UTC)
    crls = [bytes.fromhex(one) for one in header["crls"]]
    sealed = seal_pdf(pdf, plugin=plugin, anchors=anchors, crls=crls, now=now, trial=trial)
    use = {
        "sealed_at": now.isoformat(timespec="milliseconds"),
        "decision_no": request.decision_no,
        "approver_no": request.approver_no,
        "page_sha256": hashlib.sha256(pdf).hexdigest(),
        "sealed_sha256": hashlib.sha256(sealed).hexdigest(),
    }
    files.append_line(register, json.dumps(use, ensure_ascii=False))
    return sealed


def _refusal(error: YunhuobanError) -> bytes:
    said = {"error": error.code.code, "place": error.place, "found": error.found, "expected": error.expected}
    return json.dumps(said).encode()
