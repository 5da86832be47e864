"""What journeys share: the demonstration's world with every process real, its windows, and what its stores say.

A window knows only its page; the stores are read to judge, never written. Waiting is always for a condition.
"""

import csv
import hashlib
import io
import itertools
import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import httpx
import psycopg

from deploy.demo.clerk import Clerk
from deploy.demo.stage import ROOT, Stage
from deploy.demo.world import WUQIAO, YONGJI, World
from hub.settings import HubSettings
from pages import addresses
from schemas.errors import YunhuobanError

T = TypeVar("T")
LOOK_SECONDS = 0.1
ONE_CASE_SECONDS = 60.0
"""For one case on a loaded machine; some five are needed on an idle one."""
RARE = "𠮷䶮㐂"
_NUMBER = re.compile(r'id="row-([0-9A-Z-]+)"')
_STAGE = re.compile(r"/progress\?state=([a-z]+)")

# A whole case for one sheet: type to number of messages, notices and claims apart.
RUNGS = {
    "application.submitted": 1,
    "application.accepted": 1,
    "decision.made": 1,
    "license.issued": 1,
    "print.authorised": 1,
    "print.settled": 1,
    "case.handed_over": 1,
}

_BESIDE = ("print.claimed", "message.received")


def until(look: Callable[[], T], what: str, seconds: float = ONE_CASE_SECONDS) -> T:
    """Return what `look` gives as soon as it is something. Fails with `what` otherwise."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(LOOK_SECONDS)
    return found


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk's page says to a press of a button."""

    status: int
    text: str


class Window:
    """The clerk of one hall: reads the page, presses its buttons, opens it anew when its process was replaced."""

    def __init__(
        self, folder: Path, serials: Callable[[], str], came: Callable[[str], bool] = lambda _number: False
    ) -> None:
        """`serials` gives the number of the next sheet in the tray; `came` is a look at what the printer put out."""
        self._folder = folder
        self._serials = serials
        self._came = came
        self.nothing_came: set[str] = set()
        """The authorisations of which the clerk has said that no sheet came out."""
        self._clerk: Clerk | None = None
        self._pressed_at: dict[str, float] = {}

    def get(self, path: str = "/") -> str:
        """A page of the desk. Raises httpx.HTTPError or YunhuobanError while there is none."""
        try:
            answer = self._signed_in()._client.get(path)
            answer.raise_for_status()
        except httpx.HTTPError:
            self.leave()
            raise
        return unescape(answer.text)

    def press(self, number: str, button: str, **fields: str) -> Answer:
        """Press a button; a refusal is an answer too."""
        try:
            self._signed_in()._press(number, button, **fields)
        except httpx.HTTPStatusError as error:
            return Answer(error.response.status_code, unescape(error.response.text))
        except httpx.HTTPError:
            self.leave()
            raise
        return Answer(200, "")

    def numbers(self, case_no: str) -> list[str]:
        """The authorisations of one case that the page lists."""
        found = dict.fromkeys(_NUMBER.findall(self.get("/authorisations")))
        return sorted(number for number in found if number.startswith(f"{case_no}-"))

    def stage(self, number: str) -> str:
        """What the page shows: authorised, claimed, printing, out, unknown, printed, spoiled or ended."""
        text = self.get(f"/authorisations/{number}")
        if "这份授权不能再打印" in text:
            return "ended"
        if found := _STAGE.search(text):
            return "out" if found[1] == "printing" and "已出纸" in text else found[1]
        if f"/authorisations/{number}/print" in text:
            return "authorised"
        return "printed" if "已确认" in text else "spoiled"

    def work(self, cases: Collection[str]) -> None:
        """One look: print what is authorised, ask again for what hangs, confirm each sheet with its number."""
        for case_no in cases:
            for number in self.numbers(case_no):
                self._do(number)

    def confirm(self, number: str, serial: str) -> Answer:
        """确认合格, with the number on the sheet: the page has to ask for it."""
        assert 'id="serial"' in self.get(f"/authorisations/{number}"), "the page has no field for the stock number"
        return self.press(number, "confirm", stock_serial=serial)

    def spoil(self, number: str, reason: str, serial: str) -> Answer:
        """打印作废, with the number on the sheet."""
        assert 'id="spoiled-serial"' in self.get(f"/authorisations/{number}"), "the page has no field for the number"
        return self.press(number, "spoil", reason=reason, stock_serial=serial)

    def print(self, number: str) -> None:
        """打印."""
        self._pressed_at[number] = time.monotonic()
        answer = self.press(number, "print")
        assert answer.status == 200, answer.text

    def until(self, number: str, stage: str, seconds: float = ONE_CASE_SECONDS) -> None:
        """Look at one authorisation until the page shows this stage."""
        until(lambda: self.stage(number) == stage, f"{number} {stage}", seconds)

    def leave(self) -> None:
        """Close the browser."""
        if self._clerk is not None:
            self._clerk.close()
        self._clerk = None

    def _do(self, number: str) -> None:
        match self.stage(number):
            case "authorised":
                self.print(number)
            case "claimed" if time.monotonic() - self._pressed_at.get(number, 0.0) > 5:
                self._pressed_at[number] = time.monotonic()
                self.press(number, "print")  # as a person does when nothing comes; a refusal: it has just gone on
            case "out":
                answer = self.confirm(number, self._serials())
                assert answer.status == 200, answer.text
            case "unknown" if self._came(number):
                answer = self.confirm(number, self._serials())
                assert answer.status == 200, answer.text
            case "unknown":
                answer = self.spoil(number, "nothing", "")
                assert answer.status == 200, answer.text
                self.nothing_came.add(number)

    def _signed_in(self) -> Clerk:
        if self._clerk is None:
            self._clerk = Clerk(addresses.ask(self._folder / "page.address"), serials=self._serials)
        return self._clerk


class Road:
    """Everything running, and what tests ask of it."""

    def __init__(self, stage: Stage) -> None:
        """Over a started stage."""
        self.stage = stage
        self.world: World = stage.world
        numbers = itertools.count(1)
        self.windows = {
            plan.code: Window(self.world.county(plan.code), lambda: f"S{next(numbers):07d}", self._came)
            for plan in (WUQIAO, YONGJI)
        }
        self._seeds = itertools.count(1)

    # --- people ------------------------------------------------------------------------------------------------------

    def submit(
        self, code: str, count: int = 1, *, flawed: bool = False, by_hand: bool = False, seed: int | None = None
    ) -> list[str]:
        """Take applications at a window, in its own system; returns the local numbers."""
        chosen = str(next(self._seeds) if seed is None else seed)
        flags = [*(["--flawed"] if flawed else []), *(["--by-hand"] if by_hand else [])]
        return self.local(code, "submit", "--count", str(count), "--seed", chosen, *flags)

    def local(self, code: str, *arguments: str) -> list[str]:
        """One command of a county's own system, as its people give it; returns the words that it printed."""
        command = [*self.stage._local(code), *arguments]
        done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True, timeout=60)
        return done.stdout.split()

    def cases(self, code: str, local_numbers: Collection[str]) -> list[str]:
        """The case numbers that the window county's node gave to these applications, once it has read them."""
        marks = ",".join("?" * len(local_numbers))
        query = f"SELECT case_no FROM cases WHERE local_case IN ({marks}) ORDER BY case_no"

        def look() -> list[str]:
            found = [row["case_no"] for row in self.county(code, query, *local_numbers)]
            return found if len(found) == len(local_numbers) else []

        return until(look, f"{len(local_numbers)} applications read by {code}")

    def take(self, code: str, count: int = 1, **options: Any) -> list[str]:
        """Submit and return the case numbers."""
        return self.cases(code, self.submit(code, count, **options))

    def finish(
        self,
        code: str,
        cases: Collection[str],
        *,
        seconds: float = ONE_CASE_SECONDS,
        each: Callable[[], None] = lambda: None,
    ) -> None:
        """The window works until these cases are at their end and every rung is receipted; `each` runs beside it."""
        window = self.windows[code]
        deadline = time.monotonic() + seconds
        while True:
            each()
            open_cases = [case_no for case_no in cases if self.state(case_no) not in ("handed_over", "denied")]
            try:
                window.work(open_cases)
            except httpx.HTTPError as error:
                pause = f"the desk's page is away: {type(error).__name__}"
            except YunhuobanError as error:
                pause = f"the desk's page is away: {error.code.code}"
            else:
                pause = ""
            if not open_cases and not (left := self.unsettled(cases)):
                return
            assert time.monotonic() < deadline, (
                f"not within {seconds:.0f} s: {open_cases or left} {pause}\n{self.picture(cases)}"
            )
            time.sleep(LOOK_SECONDS)

    # --- what the stores say -----------------------------------------------------------------------------------------

    def hub(self, query: str, *values: Any) -> list[Any]:
        """Rows of the hub's store, by name and by position."""
        url = HubSettings.load(self.world.hub).store_url
        return served_rows(url, query, *values) if url else rows(self.world.hub / "hub.sqlite", query, *values)

    def county(self, code: str, query: str, *values: Any) -> list[sqlite3.Row]:
        """Rows of a county node's store."""
        return rows(self.world.county(code) / "county.sqlite", query, *values)

    def wuqiao(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Rows of 吴桥's own database."""
        return rows(self.world.wuqiao_database, query, *values)

    def state(self, case_no: str) -> str:
        """The case's state at the hub; empty before it is there."""
        found = self.hub("SELECT state FROM cases WHERE case_no = ?", case_no)
        return str(found[0]["state"]) if found else ""

    def unsettled(self, cases: Collection[str]) -> list[str]:
        """Everything of these cases that is not receipted, applied or written yet, in hub and both counties."""
        wanted = set(cases)
        left: list[str] = []
        done = (
            "SELECT messages.*, checkpoints.effects_done AND unsettled.since_at IS NULL AS effects_done FROM messages "
            "LEFT JOIN checkpoints ON checkpoints.size = messages.batch "
            "LEFT JOIN unsettled USING (source, message_id, envelope_sha256)"
        )
        for row in self.hub(done):
            if row["case_no"] not in wanted:
                continue
            chained = row["type"] not in ("message.received", "message.refused") and row["destination"] != "hub"
            good = row["state"] == "admitted" and row["effects_done"] and (row["received_at"] or not chained)
            left += [] if good else [f"hub {row['type']} {row['state']} {row['verdict']}"]
        for code in self.windows:
            for row in self.county(code, "SELECT * FROM outbox"):
                if row["case_no"] in wanted and not (row["state"] == "received" and row["receipt"]):
                    left.append(f"{code} outbox {row['type']} {row['state']} {row['refusal_code'] or ''}")
            for row in self.county(code, "SELECT * FROM inbox WHERE state != 'applied'"):
                if row["case_no"] and row["case_no"] not in wanted:
                    continue
                left.append(f"{code} inbox {row['type']} {row['state']} {row['refusal_code'] or ''}")
            for row in self.county(code, "SELECT * FROM local_writes WHERE NOT done"):
                if row["case_no"] in wanted:
                    left.append(f"{code} local write {row['type']} tries={row['tries']}")
        return left

    def types(self, case_no: str) -> Counter[str]:
        """How many messages of each type the hub admitted for a case."""
        found = self.hub("SELECT type FROM messages WHERE case_no = ? AND state = 'admitted'", case_no)
        return Counter(row["type"] for row in found)

    def sheets(self, case_no: str) -> list[dict[str, Any]]:
        """The sheets that came out of the printer for a case."""
        return [each for each in self.stage.printer.sheets() if each["job_name"].startswith(f"{case_no}-")]

    def _came(self, number: str) -> bool:
        return any(each["job_name"] == number for each in self.stage.printer.sheets())

    def sheet_file(self, sheet: dict[str, Any]) -> Path:
        """The printed PDF."""
        return self.stage.printer.folder / "sheets" / str(sheet["file"])

    def prints(self, case_no: str) -> list[tuple[Any, ...]]:
        """Number, state, stock number of each authorisation; fails unless hub and window come to agree."""
        query = (
            "SELECT authorisation_no, state, coalesce(stock_serial, '') AS serial FROM print_authorisations "
            "WHERE case_no = ? ORDER BY authorisation_no"
        )

        def both() -> list[list[tuple[Any, ...]]]:
            found = self.hub(query, case_no), self.county(case_no[:6], query, case_no)
            return [[tuple(row) for row in rows] for rows in found]

        until(lambda: both()[0] == both()[1], f"hub and window agree on the prints of {case_no}")
        return both()[0]

    def check_once(self, case_no: str, *, copies: int = 1, more: Mapping[str, int] | None = None) -> None:
        """The promise of every journey: each copy on paper once, each rung there once and receipted.

        `more` are the rungs of this case beside those that every case has.
        """
        sheets = self.sheets(case_no)
        assert len(sheets) == len({each["job_name"] for each in sheets}) == copies, sheets
        void = {number for window in self.windows.values() for number in window.nothing_came if case_no in number}
        assert not void & {each["job_name"] for each in sheets}
        states = {each[0]: each[1] for each in self.prints(case_no)}
        assert states == {number: "spoiled" if number in void else "printed" for number in states}
        assert len(states) == copies + len(void)
        found = self.types(case_no)
        per_print = ("print.authorised", "print.settled")
        expected = {name: number * (len(states) if name in per_print else 1) for name, number in RUNGS.items()}
        expected |= more or {}
        assert {name: found[name] for name in found if name not in _BESIDE} == expected
        assert found["print.claimed"] >= copies
        assert found["message.received"] == sum(expected.values())
        until(lambda: not self.unsettled([case_no]), f"{case_no} settled")
        for sheet in sheets:
            digest = hashlib.sha256(self.sheet_file(sheet).read_bytes()).hexdigest()
            (signed,) = self.county(
                case_no[:6],
                "SELECT print_file_sha256 FROM print_authorisations WHERE authorisation_no = ?", sheet["job_name"],
            )  # fmt: skip
            assert digest == sheet["sha256"] == signed["print_file_sha256"]

    def picture(self, cases: Collection[str]) -> str:
        """What a person would look at first when a case does not move."""
        lines = [f"{case_no} {self.state(case_no)} {dict(self.types(case_no))}" for case_no in cases]
        lines += self.unsettled(cases)
        for code in self.windows:
            troubles = self.county(code, "SELECT * FROM troubles")
            lines += [f"{code} {row['code']} {row['place']} {row['found']}" for row in troubles]
        lines += [f"dead {row['queue']} {row['reason']}" for row in self.hub("SELECT * FROM dead_letters")]
        return "\n".join(lines)

    # --- processes ---------------------------------------------------------------------------------------------------

    def pid(self, name: str) -> int:
        """A process by the name of its part: a stage's name, `broker`, or a role of `hub run`."""
        if name == "broker":
            return until(lambda: broker_pid(self.world.hub / "broker" / "node.pid"), "the broker's node running")
        if name in ("admission", "express", "slow", "parts", "keeper"):
            return until(lambda: child_of(self.stage.pid("hub"), ["run", name]), f"{name} running")
        return self.stage.pid(name)

    def kill(self, name: str) -> None:
        """SIGKILL, and start it again as its unit would; `hub up` replaces its broker and its workers by itself."""
        before = self.pid(name)
        if name in self.stage._processes:
            self.stage.kill(name)
        else:
            os.kill(before, signal.SIGKILL)
        if name == "hub":
            self.stage.start_hub()
        elif name.startswith("local-"):
            self.stage.start_local(name.removeprefix("local-"))
        elif name in self.windows:
            self.stage.start_node(name)
        until(lambda: self.pid(name) != before, f"{name} there again")


def rows(file: Path, query: str, *values: Any) -> list[sqlite3.Row]:
    """Rows of a SQLite file that other processes are writing."""
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(query, values).fetchall()


class ServedRow(tuple[Any, ...]):
    """A row of PostgreSQL, as `sqlite3.Row` gives it."""

    __slots__ = ()
    names: ClassVar[tuple[str, ...]] = ()

    def __getitem__(self, at: Any) -> Any:
        """By name or by position."""
        return super().__getitem__(self.names.index(at) if isinstance(at, str) else at)


def served_rows(url: str, query: str, *values: Any) -> list[ServedRow]:
    """Rows of a PostgreSQL database; the query is written as for SQLite."""
    with psycopg.connect(url.replace("+psycopg", ""), connect_timeout=5) as connection:
        cursor = connection.execute(query.replace("%", "%%").replace("?", "%s").encode(), values)
        kind = type("Row", (ServedRow,), {"names": tuple(column.name for column in cursor.description or ())})
        return [kind(row) for row in cursor.fetchall()]


def yongji_rows(road: Road, kind: str) -> list[dict[str, str]]:
    """Everything that was written into 永济's own folder under this kind of file."""
    found: list[dict[str, str]] = []
    for path in sorted((road.world.yongji_folder / "来件").glob(f"{kind}_*.csv")):
        found += csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030"), newline=""))
    return found


def text_of(pdf: Path) -> str:
    """The text on the pages, without the spaces and line ends of the layout."""
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=60)
    return "".join(done.stdout.decode().split())


def page_millimetres(pdf: Path) -> tuple[int, int]:
    """Width and height of the first page."""
    done = subprocess.run(["pdfinfo", str(pdf)], check=True, capture_output=True, text=True, timeout=60)
    found = re.search(r"Page size:\s+([\d.]+) x ([\d.]+) pts", done.stdout)
    assert found is not None
    return round(float(found[1]) / 72 * 25.4), round(float(found[2]) / 72 * 25.4)


def child_of(parent: int, arguments: list[str]) -> int | None:
    """The child of a process whose command line holds these arguments one after the other."""
    wanted = "\0".join(arguments).encode()
    for pid, folder in processes():
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status[1]) == parent and status[0] != "Z" and wanted in line:
            return pid
    return None


def broker_pid(file: Path) -> int | None:
    """What the node's pid file says; it is away for a moment while the node is started anew."""
    try:
        return int(json.loads(file.read_text())["pid"])
    except (FileNotFoundError, ValueError):
        return None


def left_behind(folder: Path) -> list[str]:
    """Every living process that names this folder in its command line, environment or working directory."""
    mark, found = str(folder).encode(), []
    for pid, place in processes():
        try:
            line, environment = (place / "cmdline").read_bytes(), (place / "environ").read_bytes()
            here = str((place / "cwd").readlink()).encode()
        except OSError:
            continue
        if pid != os.getpid() and any(mark in each for each in (line, environment, here)):
            words = line.replace(b"\0", b" ").decode(errors="replace")
            found.append(f"{pid} {words[:200]}")
    return found


def processes() -> Iterator[tuple[int, Path]]:
    """Every process of this machine."""
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            yield int(place.name), place
