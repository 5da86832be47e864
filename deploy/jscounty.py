"""`make js-county`: a county in JavaScript joins the demonstration's world and takes a case to its end.

盐山县 has no Python: its node is `deploy/js-county`, written from the specification alone (`docs/*/specification.md`).
It hands in its card like any other, applies in 永济, gets the license and prints the sheet of a trial.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from certs import keys
from certs.profiles import Role
from deploy.demo.stage import ROOT, NotReadyError, Stage, end_leftovers
from deploy.demo.world import YONGJI, World, build
from schemas.errors import YunhuobanError

CODE: Final = "130925"
NAME: Final = "盐山县"
SOURCE: Final = ROOT / "deploy" / "js-county"
FOLDER: Final = ROOT / "var" / "js-county"
_LOOK_SECONDS: Final = 0.2
_CASE_SECONDS: Final = 180.0
_GOODBYE_SECONDS: Final = 10.0
_INSTALL_SECONDS: Final = 300.0


class JsCounty:
    """The JavaScript node over a stage that runs: its folder, its process, what it says of its cases."""

    def __init__(self, stage: Stage) -> None:
        """Nothing is made before `join`."""
        self._stage = stage
        self.folder = stage.world.county(CODE)
        self._process: subprocess.Popen[Any] | None = None

    def join(self) -> None:
        """Keys, settings and card; then what the hub's people do: enrol it. Raises NotReadyError."""
        install()
        _lay_out(self._stage.world, self.folder)
        card = self.folder / "card.json"
        self._node("card", "--out", str(card))
        self._stage.command("hub", "county", "add", str(card), "-d", str(self._stage.world.hub))

    def start(self) -> None:
        """Run it; its log lies beside the others'."""
        log = (self._stage.world.folder / "logs" / f"{CODE}.log").open("ab")
        with log:
            self._process = subprocess.Popen(self._command("run"), stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it in order; safe to call when it does not run."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def apply(self, name: str) -> None:
        """An application is taken at the window: a file, renamed when it is whole."""
        folder = self.folder / "applications"
        folder.mkdir(exist_ok=True)
        temporary = folder / f"{name}.tmp"
        temporary.write_text(json.dumps(application(), ensure_ascii=False, indent=1), encoding="utf-8")
        temporary.rename(folder / f"{name}.json")

    def cases(self) -> dict[str, dict[str, Any]]:
        """Its cases by number, as it says."""
        file = self.folder / "state" / "cases.json"
        said: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return said

    def sheets(self) -> list[Path]:
        """What it printed: its printer is a folder."""
        return sorted((self.folder / "printed").glob("*.print.pdf"))

    def finished(self) -> list[str]:
        """Numbers of the cases that were handed over."""
        return [case_no for case_no, each in self.cases().items() if each.get("state") == "handed_over"]

    def _command(self, what: str, *options: str) -> list[str]:
        return ["node", str(SOURCE / "main.mjs"), what, "--config", str(self.folder / "county.json"), *options]

    def _node(self, what: str, *options: str) -> None:
        done = subprocess.run(self._command(what, *options), capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise NotReadyError(f"{CODE}: {done.stderr.strip()}")


def install() -> None:
    """The npm packages that its lock names, unless they are there. Raises NotReadyError."""
    lock, installed = SOURCE / "package-lock.json", SOURCE / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    command = ["npm", "ci", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    if done.returncode:
        raise NotReadyError(f"npm ci: {done.stderr.strip()[-2000:]}")


def lacking() -> list[str]:
    """The programs that it needs and that are not on the PATH."""
    return [program for program in ("node", "npm") if shutil.which(program) is None]


def application() -> dict[str, Any]:
    """An invented person's application to 永济, as the window's own system would write it."""
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "project_no": "YS20261126-000001",
        "project_name": "永济市盐晋商贸有限公司设立登记",
        "service_item": YONGJI.item,
        "applicant": {
            "name": "司马盐生",
            "kind": "natural_person",
            "document_kind": "111",
            "document_no": "130928198501010014",
            "mobile": "",
        },
        "contact_name": "司马盐生",
        "contact_mobile": "",
        "registration": {
            "enterprise_name": "永济市盐晋商贸有限公司",
            "enterprise_kind": "有限责任公司（自然人独资）",
            "legal_representative": "司马盐生",
            "legal_representative_document_no": "130928198501010014",
            "registered_capital_fen": 50_000_000,
            "address": "永济市电机大街１８号",
            "business_scope": "日用百货零售。",
        },
        "materials": [{"name": "公司章程", "copies": 1, "taken_as": "原件", "note": "", "code": None}],
        "applied_at": (now - timedelta(minutes=20)).isoformat(),
        "received_at": (now - timedelta(minutes=10)).isoformat(),
        "window_no": "05",
        "clerk": "盐山窗口孙",
        "mode": "relayed",
        "alliance": "",
    }


def _lay_out(world: World, folder: Path) -> None:
    certificates = folder / "certs"
    certificates.mkdir(parents=True)
    now = datetime.now(UTC)
    transport = world.transport
    keys.save_certificates([transport.root], certificates / "root.pem")
    roles = {
        "connection": Role.COUNTY_CONNECTION,
        "signing": Role.COUNTY_SIGNING,
        "encryption": Role.COUNTY_ENCRYPTION,
    }
    for name, role in roles.items():
        key = keys.generate_key()
        certificate = transport.issue(role, CODE, key.public_key(), now=now)
        keys.save_private_key(key, certificates / f"{name}.key")
        keys.save_certificates(transport.chain(certificate), certificates / f"{name}.pem")
    files = {name: {"key": f"certs/{name}.key", "chain": f"certs/{name}.pem"} for name in roles}
    settings = {
        "division_code": CODE,
        "trial": True,
        "hub": {"host": "localhost", "port": world.amqps_port, "server_name": "localhost", "vhost": "yunhuoban"},
        "keys": {**files, "encryption": [files["encryption"]]},
        "roots": ["certs/root.pem"],
        "state": "state",
        "applications": "applications",
        "supplements": "supplements",
        "printed": "printed",
        "station": f"{CODE}-01-1",
        "clerk": "盐山窗口孙",
        "card": {
            "name": NAME,
            "authority_name": "盐山县行政审批局（演示）",
            "authority_code": "11130925MB0000000R",
            "halls": [f"{CODE}-01"],
            "contact": "县信息中心（演示）",
            "telephone": "0317-0000000",
            "offers": [],
        },
    }
    (folder / "county.json").write_text(json.dumps(settings, ensure_ascii=False, indent=2), encoding="utf-8")


def main() -> int:
    """Show it; the exit status is 0 when the case came to its end."""
    console = Console(highlight=False)
    console.rule("云伙伴 Yunhuoban · JavaScript 写的县 / a county in JavaScript")
    if lacking():
        console.print(f"[red]缺少 missing: {' '.join(lacking())}（Node 18 以上 or later）[/red]")
        return 1
    end_leftovers(FOLDER)
    try:
        with Stage(build(FOLDER), say=lambda text: console.print(f"· {text}")) as stage:
            return _play(stage, console)
    except (NotReadyError, YunhuobanError) as error:
        console.print(f"[red]没有启动 / did not start:[/red] {error}")
        return 1


def _play(stage: Stage, console: Console) -> int:
    county = JsCounty(stage)
    console.print(f"· {NAME} 递交登记卡，中枢登记 / its card is handed in and enrolled")
    county.join()
    county.start()
    try:
        county.apply("first")
        console.print("· 窗口收件一件，属地永济 / one application taken, to be decided in Yongji")
        started = time.monotonic()
        while not county.finished():
            if time.monotonic() > started + _CASE_SECONDS:
                console.print(f"[red]没有办完 / not finished:[/red] {county.cases()}")
                return 1
            time.sleep(_LOOK_SECONDS)
        (case_no,) = county.finished()
        seconds = time.monotonic() - started
        sheets = ", ".join(str(each.relative_to(ROOT)) for each in county.sheets())
        console.print(f"· {case_no} 已送达 / handed over, {seconds:.1f} s: {sheets}")
        console.print(stage.command("hub", "trace", case_no, "-d", str(stage.world.hub)))
    finally:
        county.stop()
    return 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
