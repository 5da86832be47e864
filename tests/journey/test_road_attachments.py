"""A hundred megabytes of scans on the whole road, every process real: flat memory, kills, and who waits for whom.

What was measured is written to `var/attachments/`: resident memory of every process over the time, and the latencies.
"""

import json
import os
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from adapters.boxes.outbox import Outbox
from adapters.directory.directories import CurrentDirectory
from adapters.hall.taking.materials import EXTRAS
from adapters.hall.taking.picturing import Seen
from adapters.hall.taking.taker import Taker
from adapters.identity import Identity
from adapters.settings import CountySettings
from adapters.store import open_store
from deploy.demo.__main__ import with_scan
from deploy.demo.stage import ROOT
from deploy.demo.world import WUQIAO, YONGJI
from pages.people.person import Person, Role
from pages.uploads.kinds import Kind
from tests.journey.road import Road, until
from tests.taking_world import WHOLE

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]
FOLDER = ROOT / "var" / "attachments"
MIB = 2**20
FILES, FILE_BYTES = 10, 10 * MIB
PROCESSES = (WUQIAO.code, YONGJI.code, "parts", "admission", "broker")
GROWTH_BYTES = 64 * MIB
"""What a process may grow by while a hundred megabytes pass; sixteen parts are eight."""
CLERK = Person(account="li", name="李窗口", roles=frozenset({Role.CLERK}))
_NOT_ASKED = ("m.SQB.", "matter.")


@contextmanager
def hall(road: Road) -> Iterator[Taker]:
    """The clerks' side of 吴桥's node, over the store that its own process has open."""
    settings = CountySettings.load(road.world.county(WUQIAO.code))
    identity, store = Identity.load(settings), open_store(settings.database)
    try:
        yield Taker(
            store=store, identity=identity, box=Outbox(identity), clock=lambda: datetime.now(UTC),
            directory=CurrentDirectory(identity, trial=settings.trial), sent=lambda: None,
        )  # fmt: skip
    finally:
        store.close()


def take(road: Road, count: int, size: int = FILE_BYTES) -> str:
    """An application with so many scans, as a clerk takes it; returns its case number."""
    typed = {path: text for path, text in WHOLE.items() if not path.startswith(_NOT_ASKED)}
    typed |= {
        EXTRAS: "1",
        "m.x1.name": "公司章程",
        "m.x1.taken_as": "original",
        "m.x1.copies": "1",
        "m.x1.trust": "B",
    }
    with hall(road) as taker:
        draft = taker.start(YONGJI.code, YONGJI.item, person=CLERK, window_no="3", trial=False)
        taker.add_row(draft, CLERK)
        for number in range(count):
            data = random.Random(f"{draft} {number}").randbytes(size)
            taker.add_scan(draft, "x1", Seen(kind=Kind.PDF, pages=1, data=data), CLERK)
        taker.keep(draft, typed, CLERK)
        return taker.submit(draft, 1, CLERK)


def here(road: Road, case_no: str) -> tuple[int, int, set[str]]:
    """How many bytes of the case's files 永济 has, of how many, and their states."""
    found = road.county(
        YONGJI.code, "SELECT here_bytes, ciphertext_bytes, state FROM attachments_received WHERE case_no = ?", case_no
    )
    return sum(r["here_bytes"] for r in found), sum(r["ciphertext_bytes"] for r in found), {r["state"] for r in found}


def arrived(road: Road, case_no: str, share: float) -> bool:
    """Whether so much of it is there."""
    came, size, _states = here(road, case_no)
    return bool(size) and came >= share * size


class Memory(threading.Thread):
    """Looks at the resident memory of every process, five times a second."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        super().__init__(daemon=True)
        self._pids, self._over = pids, threading.Event()
        self.started, self.curve = time.monotonic(), list[dict[str, float]]()

    def run(self) -> None:
        """Until it is stopped."""
        while not self._over.wait(0.2):
            row = {"seconds": round(time.monotonic() - self.started, 1)}
            self.curve.append(row | {name: resident(pid) / MIB for name, pid in self._pids.items()})

    def stop(self) -> None:
        """No more looks."""
        self._over.set()
        self.join()


def resident(pid: int) -> int:
    """Resident bytes of a process; 0 when it is gone."""
    try:
        pages = int((Path("/proc") / str(pid) / "statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_memory_of_every_process_stays_flat_while_a_hundred_megabytes_pass(road: Road) -> None:
    """From a hundred megabytes at the window to the same digests at the issuing county; nobody grows by their size."""
    decided(road)  # both counties have the directory
    warm = take(road, 1, MIB)
    until(lambda: here(road, warm)[2] == {"whole"}, "a first file came", 180)
    authorised = "SELECT 1 FROM inbox WHERE case_no = ? AND type = 'print.authorised' AND state = 'applied'"
    until(lambda: bool(road.county(WUQIAO.code, authorised, warm)), "a license was rendered, which is loaded now", 180)
    memory = Memory({name: road.pid(name) for name in PROCESSES})
    before = {name: resident(road.pid(name)) / MIB for name in PROCESSES}
    memory.start()
    case_no = take(road, FILES)
    until(lambda: arrived(road, case_no, 0.001), "the first part", 180)
    started = time.monotonic()
    until(lambda: here(road, case_no)[2] == {"whole"}, "a hundred megabytes came", 900)
    seconds = time.monotonic() - started
    memory.stop()
    digests = "SELECT sha256, ciphertext_sha256 FROM taking_scans JOIN takings USING (draft_id) WHERE case_no = ?"
    sent = {row["ciphertext_sha256"] for row in road.county(WUQIAO.code, digests, case_no)}
    assert len(sent) == FILES
    peaks = {name: max(row[name] for row in memory.curve) for name in PROCESSES}
    _write("memory.csv", "\n".join([",".join(memory.curve[0]), *(_line(row) for row in memory.curve)]))
    figures = {"seconds": round(seconds, 1), "mib": FILES * FILE_BYTES // MIB, "before_mib": before, "peak_mib": peaks}
    _write("memory.json", json.dumps(figures, indent=1))
    grown = {name: peaks[name] - before[name] for name in PROCESSES if name != "broker"}
    assert all(each < GROWTH_BYTES / MIB for each in grown.values()), figures
    assert peaks["broker"] - before["broker"] < 2 * GROWTH_BYTES / MIB, figures


def test_every_process_on_the_road_is_killed_while_a_hundred_megabytes_pass(road: Road) -> None:
    """Window node, pump and issuing node, one after the other with SIGKILL: it goes on where it was and comes whole."""
    case_no = take(road, FILES)
    seen = []
    for share, name in ((0.15, WUQIAO.code), (0.4, "parts"), (0.65, YONGJI.code)):
        until(partial(arrived, road, case_no, share), f"{share:.0%} before {name} dies", 600)
        came = here(road, case_no)[0]
        road.kill(name)
        assert here(road, case_no)[0] >= came, "what was kept stays"
        seen.append({"killed": name, "at_bytes": came})
    until(lambda: here(road, case_no)[2] == {"whole"}, "a hundred megabytes came", 900)
    _write("kills.json", json.dumps(seen, indent=1))


def test_a_decision_never_waits_behind_scans(road: Road) -> None:
    """Cases that are decided while a hundred megabytes pass are decided about as fast as with an empty road."""
    usual = [decided(road) for _ in range(3)]
    case_no = take(road, FILES)
    until(lambda: arrived(road, case_no, 0.001), "the first part", 180)
    beside = []
    while here(road, case_no)[2] != {"whole"} and len(beside) < 5:
        beside.append(decided(road))
    until(lambda: here(road, case_no)[2] == {"whole"}, "a hundred megabytes came", 900)
    own = road.hub("SELECT type FROM messages WHERE case_no = ? AND type = 'decision.made'", case_no)
    assert own, "its own case was decided meanwhile"
    figures = {"usual_seconds": usual, "beside_scans_seconds": beside}
    _write("latency.json", json.dumps(figures, indent=1))
    assert beside, "the road was empty before the first case was decided"
    assert statistics.median(beside) < 3 * statistics.median(usual) + 5, figures


def test_the_demonstration_takes_its_second_application_with_a_scan(road: Road) -> None:
    """The clerk types and uploads at the window's page; the scan is at the issuing county a little later."""
    road.finish(WUQIAO.code, road.take(WUQIAO.code), seconds=180)
    before = {row["file_id"] for row in road.county(YONGJI.code, "SELECT file_id FROM attachments_received")}
    with_scan(road.stage)
    query = "SELECT file_id FROM attachments_received WHERE state = 'whole'"
    until(lambda: {r["file_id"] for r in road.county(YONGJI.code, query)} - before, "the scan came", 180)


def decided(road: Road) -> float:
    """How long one application takes from the window's own system to the decision applied at the window."""
    started = time.monotonic()
    (case_no,) = road.take(WUQIAO.code, 1)
    query = "SELECT 1 FROM inbox WHERE case_no = ? AND type = 'decision.made' AND state = 'applied'"
    until(_some(lambda: road.county(WUQIAO.code, query, case_no)), f"{case_no} decided", 180)
    return round(time.monotonic() - started, 2)


def _some(look: Callable[[], list[object]]) -> Callable[[], bool]:
    return lambda: bool(look())


def _line(row: Mapping[str, float]) -> str:
    return ",".join(f"{each:.1f}" for each in row.values())


def _write(name: str, text: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_text(text + "\n", encoding="utf-8")
