"""`make chaos`: SEED=… MINUTES=… CYCLES=… choose what happens; the same values make the same plan.

Prints the plan, shows what stands while it runs, writes `var/chaos/latest.json`, and ends with 1 when anything is
wrong. Everything it started is ended, also by Ctrl-C. The world it ran in stays under `var/chaos/world`.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Final

from deploy.demo.stage import ROOT, NotReadyError
from schemas.errors import YunhuobanError
from tests.chaos.faults import KINDS
from tests.chaos.plan import written
from tests.chaos.run import Run, carry_out, is_good, write

FOLDER: Final = Path(os.environ.get("CHAOS_FOLDER", ROOT / "var" / "chaos")).resolve()
_EVERY_SECONDS: Final = 10.0


def main() -> int:
    """Run; 0 when nothing is wrong."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda *_: sys.exit(143))
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1_000_000))
    minutes = float(os.environ.get("MINUTES") or 30)
    only = os.environ.get("FAULTS", "").split()
    kinds = [kind for kind in KINDS if not only or kind.name in only]
    run = Run(
        seed=seed, seconds=minutes * 60, kinds=kinds, most_cycles=int(os.environ.get("CYCLES") or 1_000)
    )  # fmt: skip
    steps = run.plan()
    print(f"SEED={seed} MINUTES={minutes:g}: {len(steps)} faults planned / 计划故障 {len(steps)} 次", flush=True)
    print(written(steps), end="", flush=True)
    try:
        report = carry_out(run, FOLDER / "world", say=_say, progress=Progress())
    except (NotReadyError, YunhuobanError) as error:
        print(f"没有启动 / did not start: {error}")
        return 1
    except KeyboardInterrupt:
        print("\n已停止 / stopped.")
        return 130
    write(report, FOLDER / "latest.json")
    for name in ("seed", "cycles", "cases", "messages", "sheets", "lost", "doubled", "invented", "reordered"):
        print(f"{name:10} {report[name]}")
    for kind, seconds in report["recovery"].items():
        print(f"  {kind:18} {seconds}")
    for problem in report["problems"]:
        print(f"! {problem}")
    print(f"{FOLDER / 'latest.json'}: {'good' if is_good(report) else 'NOT GOOD'}")
    return 0 if is_good(report) else 1


class Progress:
    """One line that is written over on a terminal, and one line now and then elsewhere."""

    def __init__(self) -> None:
        """Nothing said yet."""
        self._said_at = 0.0

    def __call__(self, text: str) -> None:
        """Say it, if it is time."""
        if sys.stdout.isatty():
            print(f"\r\033[K{text[:150]}", end="", flush=True)
        elif time.monotonic() - self._said_at >= _EVERY_SECONDS:
            self._said_at = time.monotonic()
            print(text, flush=True)


def _say(text: str) -> None:
    print(f"· {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
