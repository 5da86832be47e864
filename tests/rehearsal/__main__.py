"""`make rehearsal`: ten troubles and more in a running hub with 177 busy counties; `var/rehearsal/latest.json`.

TROUBLES="name …" inflicts only those, PICTURES=0 leaves the screens out. Ends with 1 when a trouble was never said.
Everything it started is ended, also by Ctrl-C.
"""

import json
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.crowd.divisions import COUNTIES
from deploy.demo.stage import ROOT, NotReadyError
from schemas.errors import YunhuobanError
from tests.brokers import require_broker
from tests.rehearsal import screens
from tests.rehearsal.crowd import Crowd
from tests.rehearsal.duty import PLAN, Duty, on_call
from tests.rehearsal.node import Door
from tests.rehearsal.reader import Reader
from tests.rehearsal.readiness import until_ready
from tests.rehearsal.run import Course, Run
from tests.rehearsal.stage import Stage
from tests.rehearsal.troubles import BACKUP_SECONDS, OUTCOME_SECONDS, Trouble, all_of_them
from tests.rehearsal.troubles.counties import WAITING_MINUTES

FOLDER: Final = Path(os.environ.get("REHEARSAL_FOLDER", ROOT / "var" / "rehearsal")).resolve()
CASES_PER_MINUTE: Final = 20.0
_CONNECT_SECONDS: Final = 180.0
_BUSY_SECONDS: Final = 60.0
console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Exit 0 only when every trouble was said, on the page and to whoever is on call, and so was its end."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda *_: sys.exit(143))
    console.rule("演练：177 个县在忙，故障一个接一个 / rehearsal: 177 busy counties, one trouble after another")
    try:
        courses = rehearse(FOLDER, os.environ.get("TROUBLES", "").split(), pictures=os.environ.get("PICTURES") != "0")
    except (NotReadyError, YunhuobanError) as error:
        console.print(f"[red]演练没有完成 / the rehearsal did not come to its end:[/red] {error}")
        return 1
    except KeyboardInterrupt:
        console.print("\n已停止 / stopped.")
        return 130
    unsaid = [each.trouble.name for each in courses if not each.said]
    for name in unsaid:
        console.print(f"[red]! {name}[/red]")
    console.print(f"{FOLDER / 'latest.json'}: {len(courses)} 个故障 / troubles, {len(unsaid)} 个没有说全 / not said")
    return 1 if unsaid or not courses else 0


def rehearse(folder: Path, only: list[str], *, pictures: bool, count: int = COUNTIES) -> list[Course]:
    """The whole rehearsal; writes `latest.json`. Raises NotReadyError when the hub does not come up."""
    require_broker()
    with on_call() as (hooked, post, url, mail):
        plan = PLAN.format(
            waiting_minutes=WAITING_MINUTES,
            backup_hours=BACKUP_SECONDS / 3600,
            outcome_minutes=OUTCOME_SECONDS / 60,
            hook=url,
            mail=mail,
        )
        stage = Stage(folder=folder / "world", plan=plan, count=count)
        crowd: Crowd | None = None
        duty, reader = Duty(hooked, post), Reader(stage.hub)
        try:
            console.print("· 建立中枢，177 个县入网 / the hub is made and 177 counties are enrolled")
            stage.build()
            console.print("· hub up")
            stage.start()
            broker = stage.settings.broker
            door = Door(port=broker.amqps_port, vhost=broker.vhost)
            crowd = Crowd(stage.counties, stage.folder / "connections", door, cases_per_minute=CASES_PER_MINUTE)
            crowd.start()
            reader.start()
            console.print("· 各县连接、开始收发 / the counties connect and begin to work")
            _busy(crowd, reader)
            troubles = [each for each in all_of_them(stage, crowd) if not only or each.name in only]
            if pictures and troubles:
                troubles = _with_pictures(troubles, stage, folder)
            courses = _inflict(troubles, reader, duty)
            _write(folder / "latest.json", courses)
            if pictures:
                console.print("· 画面 / screens")
                screens.take(stage, folder)
        finally:
            reader.stop()
            duty.stop()
            if crowd is not None:
                crowd.stop()
            stage.stop()
    return courses


def _with_pictures(troubles: list[Trouble], stage: Stage, folder: Path) -> list[Trouble]:
    """Before the disk has room again most of them stand: the pages are looked at then."""
    at = next((at for at, each in enumerate(troubles) if each.name == "disk"), len(troubles) - 1)
    chosen = troubles[at]

    def end() -> None:
        screens.take(stage, folder, only=screens.TROUBLED, prefix="troubled-")
        chosen.end()

    return [*troubles[:at], replace(chosen, end=end), *troubles[at + 1 :]]


def _busy(crowd: Crowd, reader: Reader) -> None:
    """Until everybody is there, the page says that nothing is the matter, and cases have gone on for a minute."""
    until_ready(
        lambda: crowd.connected() >= len(crowd.nodes) and not reader.shown(),
        lambda: f"{crowd.connected()} counties connected; {sorted(reader.shown())}",
        _CONNECT_SECONDS,
    )
    time.sleep(_BUSY_SECONDS)


def _inflict(troubles: list[Trouble], reader: Reader, duty: Duty) -> list[Course]:
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=len(troubles))

        def say(text: str) -> None:
            if not text.startswith((" ", "!")):
                bar.update(task, description=text, completed=len(run.courses) - 1)
            bar.console.print(text)

        run = Run(reader, duty, say)
        courses = run.through(troubles)
        bar.update(task, completed=len(troubles))
    return courses


def _write(target: Path, courses: list[Course]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    said = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": _machine()}
    rows = [said | each.record() for each in courses]
    target.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _machine() -> str:
    return f"{os.cpu_count()} cores"


if __name__ == "__main__":
    sys.exit(main())
