"""`make onboarding`: a whole afternoon for each dialect against a running hub, from an invitation to a live item.

Two counties are there already. Each new one has its old database and nothing of ours; its people type what the
documentation says. `DIALECTS="zhejiang …"` plays only these; what came of it goes to `var/onboarding/latest.json`.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.demo.stage import ROOT, NotReadyError, Stage, end_leftovers
from deploy.demo.tested import try_counties
from deploy.demo.world import build
from deploy.onboarding.dialects import DIALECTS
from deploy.onboarding.hubpeople import HubPeople, open_joining_page
from deploy.onboarding.joining import join
from schemas.errors import YunhuobanError

FOLDER: Final = Path(os.environ.get("ONBOARDING_FOLDER", ROOT / "var" / "onboarding" / "world")).resolve()
LATEST: Final = ROOT / "var" / "onboarding" / "latest.json"
console = Console(highlight=False)


def main() -> int:
    """Play; the exit status is 0 only when every county has a live item."""
    wanted = os.environ.get("DIALECTS", "").split() or list(DIALECTS)
    if strangers := [each for each in wanted if each not in DIALECTS]:
        console.print(f"DIALECTS: {' '.join(strangers)} ✗ ({' '.join(DIALECTS)})")
        return 2
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda *_: sys.exit(143))
    end_leftovers(FOLDER)
    found: list[dict[str, Any]] = []
    try:
        world = build(FOLDER)
        open_joining_page(world)
        try_counties(world)
        with Stage(world, say=lambda text: console.print(f"· {text}")) as stage:
            people = HubPeople(stage)
            people.require_conformance()
            found = play(stage, people, wanted)
    except (NotReadyError, YunhuobanError) as error:
        console.print(f"[red]没有到底 / not to the end:[/red] {error}", soft_wrap=True)
    keep(found)
    _show(found)
    return 0 if len(found) == len(wanted) and all(each["live"] for each in found) else 1


def play(stage: Stage, people: HubPeople, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """One afternoon after the other, with a line that moves; each comes out also when it fails."""
    found: list[dict[str, Any]] = []
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    for name in wanted:
        plan = DIALECTS[name].plan
        with Progress(*columns, console=console, transient=True) as progress:
            progress.add_task(f"{plan.name} {plan.code} · {name}")
            found.append(join(stage, people, DIALECTS[name], say=progress.console.print))
    return found


def keep(found: list[dict[str, Any]]) -> None:
    """Write what came of it, one object to each dialect."""
    LATEST.parent.mkdir(parents=True, exist_ok=True)
    LATEST.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _show(found: list[dict[str, Any]]) -> None:
    table = Table(
        "方言 dialect", "命令 commands", "手写文件 files by hand", "等候秒数 waited", "正式 live", "停在 stopped at"
    )
    for each in found:
        table.add_row(
            each["dialect"], str(each["commands"]), str(each["files_by_hand"]), f"{each['seconds_waited']:.0f}",
            "✓" if each["live"] else "✗", each["stopped_at"][:200],
        )  # fmt: skip
    console.print(table)
    console.print(str(LATEST))


if __name__ == "__main__":
    sys.exit(main())
