"""A case that people handle document by document in their own systems, and what both of these and the hub say of it."""

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from deploy.demo.world import WUQIAO, YONGJI
from tests.chaos import localbooks
from tests.journey.road import Answer, Road, until, yongji_rows

COPIES = {WUQIAO.code: 1, YONGJI.code: 2}
"""Sheets that come out at each window: 永济 authorises one copy for 吴桥's, 吴桥 two for 永济's."""
WINDOWS = (WUQIAO.code, YONGJI.code)


def other(code: str) -> str:
    """The county that decides what this one's window takes."""
    return YONGJI.code if code == WUQIAO.code else WUQIAO.code


def troubles(road: Road, code: str) -> list[str]:
    """What the desk's page lists under 本县没有通过的, one text each, without its markup."""
    page = road.windows[code].get("/")
    return [re.sub(r"<[^>]+>", " ", each) for each in re.findall(r'id="trouble-.*?</details>', page, re.DOTALL)]


def trouble(road: Road, code: str, *words: str) -> str:
    """The one trouble that says all these words, once the page shows it."""
    return until(
        lambda: next((each for each in troubles(road, code) if all(word in each for word in words)), ""),
        f"{words} on the desk of {code}",
    )


class Handled:
    """One case on the road."""

    def __init__(self, road: Road, window: str, local: str) -> None:
        """`local` is the window's own number of an application that was taken."""
        self.road, self.window, self.issuing, self.local = road, window, other(window), local
        (self.case_no,) = road.cases(window, [local])

    # --- what people do ----------------------------------------------------------------------------------------------

    def authority(self, kind: str, *options: str) -> str:
        """A person of the authority issues a document, once the application lies in the authority's own system."""
        until(lambda: self.traces(self.issuing)["application.submitted"], f"{self.case_no} at {self.issuing}")
        return self.road.local(self.issuing, "document", kind, self.case_no, *options)[-1]

    def applicant(self, kind: str, *options: str) -> None:
        """The window takes the applicant's supplement or withdrawal; for a supplement there has to be a notice."""
        self.road.local(self.window, "document", kind, self.local, *options)

    def press_print(self, number: str) -> Answer:
        """A clerk with an old page presses 打印."""
        return self.road.windows[self.window].press(number, "print")

    # --- what there is to read ---------------------------------------------------------------------------------------

    def traces(self, code: str) -> Counter[str]:
        """What the node has written into a county's own system about this case: type to number."""
        world = self.road.world
        wuqiao = code == WUQIAO.code
        books = localbooks.wuqiao(world.wuqiao_database) if wuqiao else localbooks.yongji(world.yongji_folder)
        number = self.local if code == self.window else self.case_no
        return Counter(each.type for each in books.traces if each.case == number)

    def told(self, step: str, detail: str = "") -> list[str]:
        """What the window's own system says of a step, each time that it was told; 永济 tells details beside it."""
        if self.window == WUQIAO.code:
            query = "SELECT * FROM up_pro_process WHERE project_no = ? AND process_name IN (?, ?)"
            rows = self.road.wuqiao(query, self.local, step, detail)
            return [f"{row['handle_explain']} {row['remark'] or ''}" for row in rows]
        found = [row for row in yongji_rows(self.road, "办件回告") if row["办件号"] == self.local]
        return [f"{row['说明']} {row['明细']} {row['编号']} {row['替代']}" for row in found if row["环节"] == step]

    def license(self) -> tuple[str, str]:
        """Identifier and registration number, as the window's own system has them, once the license has come."""
        until(lambda: self.traces(self.window)["license.issued"], f"the license of {self.case_no}")
        if self.window == WUQIAO.code:
            (row,) = self.road.wuqiao("SELECT * FROM up_lic_data WHERE project_no = ?", self.local)
            return row["certificate_source_id"], row["certificate_number"]
        rows = {row["环节"]: row for row in yongji_rows(self.road, "办件回告") if row["办件号"] == self.local}
        return rows["证照"]["编号"], rows["属地决定"]["编号"]

    def authorisations(self) -> list[str]:
        """The numbers of the authorisations that the window's page lists, once all of them are there."""
        window, copies = self.road.windows[self.window], COPIES[self.window]
        until(lambda: len(window.numbers(self.case_no)) == copies, f"{copies} authorisations of {self.case_no}")
        return window.numbers(self.case_no)

    def page(self, number: str) -> str:
        """The window's page of one authorisation."""
        return self.road.windows[self.window].get(f"/authorisations/{number}")

    def trace(self) -> str:
        """`hub trace`, on a terminal of the usual width."""
        return self.road.stage.command("hub", "trace", self.case_no, "-d", str(self.road.world.hub))

    def until(self, state: str) -> None:
        """Wait until the hub and both counties say that the case stands here, and everything is receipted."""

        def same() -> bool:
            said = [self.road.county(code, _STATE, self.case_no) for code in WINDOWS]
            return all(rows and rows[0][0] == state for rows in said) and self.road.state(self.case_no) == state

        try:
            until(lambda: same() and not self.road.unsettled([self.case_no]), f"{self.case_no} {state}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.road.picture([self.case_no])}") from error

    def both_know(self, *types: str) -> None:
        """Each step stands once in the own system of the county that it went to."""
        for kind in types:
            reader = self.issuing if kind in ("supplement.provided", "case.withdrawn") else self.window
            until(lambda reader=reader, kind=kind: self.traces(reader)[kind], f"{kind} of {self.case_no} at {reader}")
            assert self.traces(reader)[kind] == 1, (reader, kind, self.traces(reader))

    def waits_to_be_sent(self, code: str, kind: str) -> None:
        """Wait until a county's message of this type is held by the broker."""
        query = "SELECT 1 FROM outbox WHERE case_no = ? AND type = ? AND state = 'sent'"
        until(lambda: self.road.county(code, query, self.case_no, kind), f"{kind} of {self.case_no} at the broker")

    def is_refused(self, code: str, kind: str, refusal: str) -> None:
        """Wait until a county knows that its message was refused, and has said so in its own system and on its desk."""
        query = "SELECT refusal_code FROM outbox WHERE case_no = ? AND type = ? AND state = 'refused'"
        (row,) = until(lambda: self.road.county(code, query, self.case_no, kind), f"{kind} of {self.case_no} refused")
        assert row["refusal_code"] == refusal
        until(lambda: self.traces(code)["message.refused"] == 1, f"the refusal in {code}'s own system")
        assert self.case_no in trouble(self.road, code, refusal, self.case_no)


_STATE = "SELECT state FROM cases WHERE case_no = ?"


def taken(road: Road, window: str, count: int = 1, *, flawed: bool = False, by_hand: bool = False) -> list[Handled]:
    """Applications taken at a window."""
    numbers = road.submit(window, count, flawed=flawed, by_hand=by_hand)
    return [Handled(road, window, local) for local in numbers]


@contextmanager
def nothing_admitted(road: Road) -> Iterator[None]:
    """The hub's admission stands still: what both counties send meanwhile is taken in the order of sending."""
    worker = road.pid("admission")
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


def finish(road: Road, cases: Sequence[Handled]) -> None:
    """Both windows print and hand over what is theirs of these cases."""
    for window in WINDOWS:
        road.finish(window, [each.case_no for each in cases if each.window == window], seconds=180)
