"""Whoever presses what, whatever is killed, lost, put back or said again: one authorisation gives one sheet.

A table of tries to make the desk print twice, each over the real page, a real county store and a real hub; then the
desk is pressed once more, the sheet is confirmed, and it is pressed again. What a real printer does in the same
places stands in `test_print_station` and `test_printer_troubles`, what a real browser does in
`tests/journey/test_pages_desk.py`, a killed process in `tests/journey/test_road_kills.py`.
"""

import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from adapters.hall.desk.printdesk import build_app
from adapters.hall.desk.view import CheckLine, CheckState
from adapters.hall.shifts import book as shifts
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.store import tables
from hub.store import tables as hub_tables
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.serving import Serving
from schemas.errors import YunhuobanError
from tests.county_doubles import ISSUING, PowerCut
from tests.county_world import Network
from tests.people_browser import NO_AUTHORITIES
from tests.restore_world import Alliance

pytestmark = pytest.mark.long
"""Each has a hub and three counties of its own. The short slice: `tests/unit/adapters/core/test_printing.py` (the press
twice, the lost claim, grants twice) and `tests/unit/adapters/shifts/test_shift_book.py` (the hand-over in the middle).
"""
OUT, UNKNOWN, AUTHORISED = PrintState.PRINTING, PrintState.UNKNOWN, PrintState.AUTHORISED


@pytest.fixture(scope="module")
def alliance_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Authorities, hub keys and three counties' keys."""
    return Network.make(tmp_path_factory.mktemp("alliance"))


@dataclass(kw_only=True)
class Scene:
    """The window's desk before one authorisation, and who tries."""

    alliance: Alliance
    number: str
    serving: Serving | None = None
    browsers: list[httpx.Client] = field(default_factory=list)

    @property
    def window(self) -> Any:
        """The window county's node."""
        return self.alliance.window

    @property
    def sheets(self) -> int:
        """What came out of the printer for it."""
        return int(self.window.printer.sheets.count(self.number))

    def open(self) -> None:
        """The node's page, as after a start of its process."""
        self.close()
        self.window.desk._checks._good[self.number] = [CheckLine(id="seal", sentence="x", state=CheckState.OK)]
        self.access = Access()
        self.serving = Serving(build_app(self.window.desk, self.access)).start()

    def browser(self) -> httpx.Client:
        """One more tab, or another clerk's screen."""
        assert self.serving is not None
        client = httpx.Client(
            verify=NO_AUTHORITIES, base_url=f"http://127.0.0.1:{self.serving.port}", trust_env=False, timeout=60
        )
        client.get(self.access.address(self.serving.port), follow_redirects=True)
        client.headers[CSRF_HEADER] = self.access.csrf(client.cookies[cookie_name(self.serving.port)])
        self.browsers.append(client)
        return client

    def press(self, action_id: str = "", browser: httpx.Client | None = None, act: str = "print", **form: str) -> int:
        """A button; the answer's status."""
        data = {"action_id": action_id or str(uuid.uuid4())} | form
        return (browser or self.browser()).post(f"/authorisations/{self.number}/{act}", data=data).status_code

    def settle(self) -> None:
        """Everything runs until nothing moves, and the station asks its printer about what is open."""
        self.alliance.settle()
        self.window.room.station.reconcile()

    def restart(self) -> None:
        """The node's process was killed and started."""
        self.window.start()
        self.open()

    def killed(self, at: Callable[..., Any]) -> None:
        """Press, and have the process die in the printer's door."""
        whole = self.window.printer.print_document
        self.window.printer.print_document = at
        self.press()
        with suppress(PowerCut):
            self.settle()
            pytest.fail("it did not die")
        self.window.printer.print_document = whole
        self.restart()

    def state(self) -> PrintState:
        """By the county's ledger."""
        with self.window.store.read() as tx:
            return ledger.entry(tx, self.number).state

    def pass_on(self, before: str, after: str) -> None:
        """A change of shift."""
        with self.window.store.write() as tx:
            seen = shifts.held(tx, before).seen
            change, now = str(uuid.uuid4()), self.alliance.now
            shifts.pass_on(tx, change_id=change, hall="h", given_by=before, taken_by=after, seen=seen, now=now)

    def close(self) -> None:
        """Every browser and the page."""
        for each in self.browsers:
            each.close()
        self.browsers.clear()
        if self.serving is not None:
            self.serving.stop()
            self.serving = None


@pytest.fixture
def scene(alliance_network: Network, tmp_path: Path) -> Iterator[Scene]:
    """One case as far as its authorisation."""
    alliance = Alliance(network=alliance_network, folder=tmp_path)
    alliance.bring("WQ1", "print.authorised")
    made = Scene(alliance=alliance, number=alliance.number("WQ1"))
    made.open()
    yield made
    made.close()
    alliance.served.close()
    for county in alliance.counties.values():
        county.store.close()


def double_click(scene: Scene) -> None:
    """The same press twice, at once and again."""
    press, browser = str(uuid.uuid4()), scene.browser()
    with ThreadPoolExecutor(2) as hands:
        list(hands.map(lambda _: scene.press(press, browser), range(2)))
    scene.press(press, browser)


def two_tabs(scene: Scene) -> None:
    """Each tab has a press of its own; the second comes before the grant, and after the sheet."""
    first, second = scene.browser(), scene.browser()
    scene.press(browser=first)
    scene.press(browser=second)
    scene.settle()
    scene.press(browser=second)


def two_clerks_at_once(scene: Scene) -> None:
    """Eight hands at the same moment."""
    clerks = [scene.browser() for _ in range(4)]
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda clerk: scene.press(browser=clerk), clerks * 2))


def back_and_resend(scene: Scene) -> None:
    """The old page from the browser's history, with its old press and pressed anew."""
    press = str(uuid.uuid4())
    scene.press(press)
    scene.settle()
    scene.press(press)
    scene.press()


def reload_of_the_post(scene: Scene) -> None:
    """The browser sends the very request again, at every point of the way."""
    press, browser = str(uuid.uuid4()), scene.browser()
    for _ in range(3):
        scene.press(press, browser)
        scene.settle()


def browser_killed_after_the_press(scene: Scene) -> None:
    """The answer is never read; another browser restores the tab and sends its form."""
    press, browser = str(uuid.uuid4()), scene.browser()
    scene.press(press, browser)
    browser.close()
    scene.settle()
    scene.press(press)


def node_killed_after_the_press(scene: Scene) -> None:
    """Claimed and asked, and the process is gone before the grant comes; the clerk presses again."""
    press = str(uuid.uuid4())
    scene.press(press)
    scene.restart()
    scene.press(press)
    scene.press()


def node_killed_before_the_printer_has_it(scene: Scene) -> None:
    """Between the commit of `printing` and the first byte."""

    def die(*_: Any, **__: Any) -> None:
        raise PowerCut

    scene.killed(die)


def node_killed_after_the_printer_has_it(scene: Scene) -> None:
    """The printer has taken the job, and nobody was there to hear it."""
    take = scene.window.printer.print_document

    def die(*arguments: Any, **options: Any) -> None:
        take(*arguments, **options)
        raise PowerCut

    scene.killed(die)


def printer_lost_after_accepting(scene: Scene) -> None:
    """It took the job and knows nothing of it any more."""
    scene.window.printer.loses_jobs = True
    scene.press()
    scene.settle()
    scene.window.printer.loses_jobs = False


def shift_hand_over_in_the_middle(scene: Scene) -> None:
    """Between press and grant, and again between sheet and word; each next clerk presses, too."""
    scene.press()
    scene.pass_on("desk", "li.si")
    scene.press()
    scene.settle()
    scene.pass_on("li.si", "wang.wu")
    scene.press()


def clock_put_back(scene: Scene) -> None:
    """Two days, after the press and after the sheet; an old grant and an old authorisation seem young again."""
    scene.press()
    scene.alliance.later(days=-1)
    scene.press()
    scene.settle()
    scene.alliance.later(days=-1)
    scene.press()
    scene.settle()
    scene.alliance.later(days=2)


def replayed_authorisation(scene: Scene) -> None:
    """The issuing county's signed message again, under its own id and under another one, before and after the sheet."""
    columns = tables.inbox.c
    wanted = select(columns.body, columns.signature, columns.message_id, columns.evidence)
    (row,) = scene.window.rows(wanted.where(columns.type == "print.authorised"))
    for again in range(2):
        for message_id in (row.message_id, str(uuid.uuid4())):
            scene.window.arrive(
                row.body, row.signature, source=ISSUING, message_id=message_id, type_="print.authorised",
                evidence=row.evidence,
            )  # fmt: skip
        if not again:
            scene.press()
        scene.settle()
        scene.press()


def restored_store(scene: Scene) -> None:
    """The county's store of before the press comes back: it knows nothing of the sheet, the hub does."""
    store = scene.alliance.folder / "130928.sqlite"
    scene.close()
    scene.window.store.close()
    shutil.copy(store, kept := store.with_suffix(".kept"))
    scene.restart()
    scene.press()
    scene.settle()
    scene.close()
    scene.window.store.close()
    for each in (store.with_name(f"{store.name}-wal"), store.with_name(f"{store.name}-shm")):
        each.unlink(missing_ok=True)
    shutil.copy(kept, store)
    scene.restart()
    scene.press()
    scene.settle()


TRIES: list[tuple[Callable[[Scene], None], PrintState, int]] = [
    (double_click, OUT, 1),
    (two_tabs, OUT, 1),
    (two_clerks_at_once, OUT, 1),
    (back_and_resend, OUT, 1),
    (reload_of_the_post, OUT, 1),
    (browser_killed_after_the_press, OUT, 1),
    (node_killed_after_the_press, OUT, 1),
    (node_killed_before_the_printer_has_it, UNKNOWN, 0),
    (node_killed_after_the_printer_has_it, OUT, 1),
    (printer_lost_after_accepting, UNKNOWN, 1),
    (shift_hand_over_in_the_middle, OUT, 1),
    (clock_put_back, OUT, 1),
    (replayed_authorisation, OUT, 1),
    (restored_store, AUTHORISED, 1),
]
"""What is tried, where the ledger stands after it, and how many sheets there are."""


@pytest.mark.parametrize(("attempt", "state", "sheets"), [pytest.param(*row, id=row[0].__name__) for row in TRIES])
def test_nothing_makes_the_desk_print_twice(
    scene: Scene, attempt: Callable[[Scene], None], state: PrintState, sheets: int
) -> None:
    """After the try, after one press more, and after the person's word: the same number of sheets; one grant."""
    attempt(scene)
    scene.settle()
    assert (scene.state(), scene.sheets) == (state, sheets)
    scene.press()
    scene.settle()
    assert (scene.state(), scene.sheets) == (state, sheets)
    if state is not AUTHORISED:
        scene.press(act="confirm", stock_serial="S000001")
        scene.settle()
        with suppress(YunhuobanError):
            scene.window.room.ask(scene.number)
        scene.press()
        scene.settle()
        assert (scene.state(), scene.sheets) == (PrintState.PRINTED, sheets)
    grants = scene.alliance.hub_rows(select(hub_tables.grants.c.claim_id))
    assert len(grants) == 1, "the hub lets one claim print"
