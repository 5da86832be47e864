"""Where a worker's time goes: the real worker, watched by a thread that looks at its stacks 200 times a second.

cProfile would double the price of every small function and not see the broker's thread at all; looking from outside
costs the worker about one per cent. A look counts a thread as at work unless its innermost frame is a place where
threads wait; when both are at work each has half of the look. What a thread is doing is said by the innermost frame
that a rule below knows: C code (SQLite, OpenSSL, sockets) counts for the Python frame that called it.
"""

import json
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType
from typing import Any, Final

from deploy.bench import children, hubrun
from deploy.bench.ground import Ground
from deploy.bench.hands import load
from deploy.bench.messages import Wire

_EVERY_SECONDS: Final = 0.005
_LOOP: Final = "Pipeline.run_once"
_WAITING: Final = frozenset({"wait", "_wait_for_tstate_lock", "poll", "select", "wait_for"})
"""Functions of `threading` and of pika's poller in which a thread only waits."""
_STEPS: Final[tuple[tuple[str, str, str], ...]] = (
    # file ends with, function ("" any), step
    ("certs/signing.py", "verify", "签名验证 JWS verify"),
    ("certs/signing.py", "sign", "检查点签名 checkpoint signature"),
    ("certs/chain.py", "", "证书链 chain"),
    ("schemas/envelope.py", "", "解码信封 parse envelope"),
    ("hub/intake/inspection.py", "", "逐条检查 inspection"),
    ("hub/intake/recall.py", "write", "SQL：办件 cases"),
    ("hub/intake/recall.py", "", "SQL：查重与前序 look-ups"),
    ("hub/printing/printledger.py", "", "SQL：打印台账 print ledger"),
    ("hub/outflow/effects.py", "mark_done", "SQL：标记完成 mark done"),
    ("hub/history/journal.py", "", "SQL：存证账本 journal"),
    ("schemas/tree.py", "", "账本树 tree and proofs"),
    ("schemas/leaf.py", "", "账本树 tree and proofs"),
    ("hub/history/receipts.py", "", "回执编码 receipts and evidence"),
    ("hub/intake/recording.py", "", "SQL：报文 messages"),
    ("hub/store/engine.py", "", "SQL：提交 commit"),
    ("schemas/assembly.py", "", "回执编码 receipts and evidence"),
    ("hub/intake/flight.py", "", "发布与确认 publish and confirm"),
    ("sqlalchemy/engine/base.py", "_commit_impl", "SQL：提交 commit"),
    ("hub/outflow/routing.py", "", "发布与确认 publish and confirm"),
    ("hub/broker/messages.py", "", "发布与确认 publish and confirm"),
    ("hub/outflow/delivery.py", "", "发布与确认 publish and confirm"),
    ("hub/broker/session.py", "_send", "发布与确认 publish and confirm"),
    ("hub/broker/session.py", "_on_confirm", "发布与确认 publish and confirm"),
    ("hub/broker/session.py", "settle", "确认收件 acknowledge"),
    ("hub/broker/session.py", "_delivery", "收件 receive"),
    ("hub/broker/properties.py", "", "收件 receive"),
    ("hub/broker/session.py", "", "收件 receive"),
    ("hub/broker/link.py", "", "收件 receive"),
    ("pika/channel.py", "basic_publish", "发布与确认 publish and confirm"),
    ("pika/", "", "收发 socket and frames"),
    ("structlog/", "", "日志 log"),
    ("pages/logs.py", "", "日志 log"),
    ("hub/intake/admission.py", "", "判定 judge"),
    ("hub/registry/trust.py", "", "信任快照 trust"),
    ("hub/intake/pipeline.py", "", "批次 batch"),
    ("hub/", "", "其他 other hub code"),
)


class Watch:
    """Looks at every other thread until told to stop."""

    def __init__(self) -> None:
        self.seen: defaultdict[str, float] = defaultdict(float)
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and return when it has."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        working = False
        while not self._over.wait(_EVERY_SECONDS):
            working = working or any(_at_work(frame) for frame in sys._current_frames().values())  # noqa: SLF001 -- the same
            if not working:  # imports, migrations and connecting are no part of the work
                continue
            steps = [
                step
                for number, frame in sys._current_frames().items()  # noqa: SLF001 -- the only way to look at a thread
                if number != self._thread.ident and (step := step_of(frame)) is not None
            ]
            self.looks += bool(steps)
            for step in steps:
                self.seen[step] += 1 / len(steps)


def _at_work(frame: FrameType) -> bool:
    """Whether this thread is in the worker's loop."""
    at: FrameType | None = frame
    while at is not None and at.f_code.co_qualname != _LOOP:
        at = at.f_back
    return at is not None


def step_of(frame: FrameType) -> str | None:
    """What a thread with this innermost frame is at; None when it only waits or is none of the worker's."""
    if frame.f_code.co_name in _WAITING:
        return None
    at: FrameType | None = frame
    while at is not None:
        name, function = at.f_code.co_filename, at.f_code.co_qualname
        for part, wanted, step in _STEPS:
            if part in name and (not wanted or function.endswith(wanted)):
                return step
        at = at.f_back
    return None


def measure(ground: Ground, load_: list[Wire], log: Path) -> dict[str, Any]:
    """Shares of one worker's working time by step, over this load."""
    hubrun.prepare(ground, load_)
    load(ground.parameters(), hubrun.postings(load_))
    out = ground.settings.folder / "steps.json"
    out.unlink(missing_ok=True)
    (command,) = hubrun.commands(ground, 1)
    with children.running(["deploy.bench.steps", str(out), *command[1:]], log=log) as processes:
        hubrun.wait_admitted(ground, len(load_), processes)
    found: dict[str, Any] = json.loads(out.read_text())
    total = sum(found["seen"].values())
    shares = {step: count / total for step, count in sorted(found["seen"].items(), key=lambda each: -each[1])}
    return {
        "messages": len(load_),
        "looks": found["looks"],
        "cpu_ms_per_message": found["cpu_seconds"] * 1000 / len(load_),
        "shares": shares,
    }


def main() -> None:
    """The worker itself, with the watch beside it: `python -m deploy.bench.steps FILE run admission …`."""
    from hub.cli import main as hub  # noqa: PLC0415 -- after the watch exists, so that imports are not the worker's work

    out = Path(sys.argv[1])
    sys.argv = ["hub", *sys.argv[2:]]
    watch = Watch()
    cpu = time.process_time()
    watch.start()
    try:
        hub()
    finally:
        watch.stop()
        out.write_text(json.dumps({"seen": watch.seen, "looks": watch.looks, "cpu_seconds": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
