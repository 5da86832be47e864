# ruff: noqa: D102, ARG002 - the methods are those of the protocols OverviewSource and DeskSource, described there
"""An in-memory source behind the print desk, and the browser that opens pages."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import typst
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from adapters.hall.desk.source import CHECKS_NOT_GOOD
from adapters.hall.desk.view import (
    AuthorisationRow,
    CaseLine,
    CheckLine,
    CheckState,
    Hall,
    PrintJob,
    PrintState,
    Trouble,
)
from adapters.hall.printers.looking import Look
from adapters.printing.ipp import Activity, PrinterState
from adapters.printing.media import Media
from pages.access import Access
from pages.serving import Serving
from schemas import errors
from schemas.clock import Event
from schemas.clockface import ClockFace, face
from schemas.errors import Code, YunhuobanError
from schemas.notices import Notice
from schemas.workdays.calendars import Calendar
from tests.catalogue_world import implementation

CHROMIUM = Path("/usr/bin/chromium-headless-shell")
PATIENCE_MILLISECONDS: Final = 60_000
SCREEN: Final[ViewportSize] = {"width": 1366, "height": 768}
_LEFT_OUT: Final = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PreloadTopChromeWebUI"),
    # What follows is Playwright's own list, which a second one replaces.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    "PreconnectToSearch",
)
"""Chromium draws the lists under its address bar as pages of its own: for each window a process, or two, that took as
long as the page that was asked for. Nobody sees an address bar here."""
_ARGUMENTS: Final = ("--renderer-process-limit=1", f"--disable-features={','.join(_LEFT_OUT)}")
"""The limit: no process in reserve, which is begun for each page that may come."""
WUQIAO, YONGJI = "130928", "140881"
CASE = "130928-20261122-000017-C"
ITEM = "11140881MB0000000X4000131001000"
IDLE = PrinterState(
    activity=Activity.IDLE,
    reasons=frozenset(),
    is_accepting=True,
    media_supported=frozenset(Media),
    media_ready=frozenset(Media),
)
# What the county node or the hub would raise; any declared code does.
PRINTER_AWAY = errors.declare("E-PAGE-901", "连接不上打印机，文件没有送出。", "请检查打印机的电源和网线，然后再打印。")
BROKER_AWAY = errors.declare("E-PAGE-902", "问不到消息代理的管理接口。", "请检查 RabbitMQ 是否在运行。")

LICENSE = """
#set page(paper: "a4", flipped: true, margin: 22mm)
#set text(font: "Noto Serif CJK SC", size: 15pt)
#rect(width: 100%, height: 100%, stroke: 2pt + rgb("#b08a3e"), inset: 16mm)[
  #align(center)[#text(size: 40pt, tracking: 14pt)[营业执照]]
  #v(8mm)
  名　　称　　示范商贸有限公司 #v(2mm) 类　　型　　有限责任公司（自然人独资） #v(2mm)
  法定代表人　示范人 #v(2mm) 住　　所　　山西省运城市永济市示范街道 1 号
  #v(1fr) #align(right)[登记机关　永济市行政审批服务管理局]
]
"""


def _at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00:00+08:00").astimezone(UTC)


def clock_face(now: str, *steps: tuple[str, str]) -> ClockFace:
    """The clock at ten in the morning of a day after these steps; the item has three working days, the promise two."""
    facts = {"extended_days": 3, "promised_on": date.fromisoformat(steps[-1][1]) + timedelta(days=2)}
    events = [Event(kind, _at(day), facts) for kind, day in steps]
    return face(events, calendar=Calendar().of(YONGJI), item=implementation(), now=_at(now))


_RECEIVED, _ACCEPTED = ("application.submitted", "2026-03-02"), ("application.accepted", "2026-03-03")
CLOCKS = {
    "overdue": ("accepted", clock_face("2026-03-11", _RECEIVED, _ACCEPTED)),
    "running": ("accepted", clock_face("2026-03-04", _RECEIVED, _ACCEPTED)),
    "paused": ("special", clock_face("2026-03-10", _RECEIVED, _ACCEPTED, ("procedure.opened", "2026-03-04"))),
    "deemed": ("submitted", clock_face("2026-03-11", _RECEIVED)),
    "provisional": (
        "accepted",
        clock_face("2026-12-30", ("application.submitted", "2026-12-30"), ("application.accepted", "2026-12-30")),
    ),
    "decided": ("granted", clock_face("2026-05-06", _RECEIVED, _ACCEPTED, ("decision.made", "2026-03-05"))),
}
"""One case of each kind: its state and its clock."""


@cache
def license_pdf() -> bytes:
    """The specimen, made once."""
    return typst.compile(LICENSE.encode(), format="pdf")


class Desk:
    """A county node whose printer is this object; it counts what it was really told to do."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.actions: list[tuple[str, ...]] = []
        self.by: list[str] = []
        self.printer_away = False
        self.release = threading.Event()
        self.release.set()
        self.states = {
            "PA-140881-000031": PrintState.AUTHORISED,
            "PA-140881-000032": PrintState.AUTHORISED,
            "PA-140881-000030": PrintState.UNKNOWN,
            "PA-140881-000029": PrintState.PRINTED,
        }
        self.serials = {"PA-140881-000029": "S0048120"}
        self.checks = CheckState.OK
        self.why_not: Code | None = None
        self.license_state = "valid"
        self.pdf = license_pdf()
        self.announced = tuple[Notice, ...]()

    def hall(self) -> Hall:
        return Hall(
            county=WUQIAO,
            county_name="吴桥县",
            announced=self.announced,
            hall="政务服务大厅",
            station="3 号窗口",
            printers=[Look(name="a3-1", url="ipp://printer/ipp/print", trays=(), state=IDLE)],
        )

    def _row(self, number: str) -> AuthorisationRow:
        return AuthorisationRow(
            authorisation_no=number,
            case_no=CASE,
            issuing_county=YONGJI,
            issuing_county_name="永济市",
            license_name="营业执照",
            copy_kind="duplicate" if number.endswith("32") else "original",
            copy_no=1,
            stock_kind="business-license-2019",
            expires_at=self.now + timedelta(hours=20 if number.endswith("31") else 0.5),
            state=self.states[number],
            holder_masked="示范***公司",
            trial=number.endswith("32"),
        )

    def authorisations(self) -> list[AuthorisationRow]:
        return [self._row(number) for number in self.states]

    def search(self, asked: str, *, by: str) -> list[AuthorisationRow]:
        self.by.append(by)
        return self.authorisations() if asked == "示范人" else []

    def job(self, authorisation_no: str) -> PrintJob | None:
        if authorisation_no not in self.states:
            return None
        row = self._row(authorisation_no)
        lines = [
            ("seal", "印章有效，文件盖章后没有改动", self.checks, "永济市行政审批服务管理局 2026-11-22 09:58"),
            ("signature", "属地签名的打印授权", CheckState.OK, ""),
            ("digest", "文件与存证账本中的摘要一致", CheckState.OK, ""),
            ("state", "证照现在的状态：有效", CheckState.OK, "10:02"),
            ("stock", "空白证照种类与授权相符", CheckState.OK, ""),
        ]
        return PrintJob(
            row=row,
            license_identifier="1.2.156.3005.2.11100000MB0307130C001.11140881MB0000000X.91140881MA0H00001X.001.P",
            issuing_authority="永济市行政审批服务管理局",
            checks=[CheckLine(id=name, sentence=text, state=state, detail=more) for name, text, state, more in lines],
            printer_says={PrintState.PRINTING: "已打印完", PrintState.UNKNOWN: "没有回答"}.get(row.state, ""),
            expected_serial="S0048121",
            stock_serial=self.serials.get(authorisation_no, ""),
            reason="卡纸" if row.state is PrintState.SPOILED else "",
            may_print=self.checks is CheckState.OK and self.why_not is None,
            why_not=self.why_not or (None if self.checks is CheckState.OK else CHECKS_NOT_GOOD),
            license_state=self.license_state,
        )

    def preview_pdf(self, authorisation_no: str) -> bytes:
        return self.pdf

    def print(self, authorisation_no: str, *, by: str, action_id: str) -> None:
        if self.printer_away:
            raise YunhuobanError(PRINTER_AWAY, place="printer")
        self.by.append(by)
        self.actions.append(("print", authorisation_no))
        self.release.wait(10)
        self.states[authorisation_no] = PrintState.PRINTING

    def confirm(self, authorisation_no: str, *, stock_serial: str, by: str, action_id: str, skipped: str = "") -> None:
        self.by.append(by)
        self.actions.append(("confirm", authorisation_no, stock_serial))
        self.serials[authorisation_no] = stock_serial
        self.states[authorisation_no] = PrintState.PRINTED

    def spoil(
        self, authorisation_no: str, *, stock_serial: str, reason: str, by: str, witness: str, action_id: str
    ) -> None:
        self.by += [by, witness]
        self.actions.append(("spoil", authorisation_no, reason))
        self.states[authorisation_no] = PrintState.SPOILED

    def troubles(self) -> list[Trouble]:
        return [
            Trouble(
                at=self.now,
                code="E-MAP-012",
                sentence="字段“有效期止”不是日期。",
                remedy="请在本地系统中改正后重新报送。",
                sentence_en="The field “有效期止” is no date.",
                remedy_en="Correct it in the local system and submit again.",
                place="sb_apply.yxqz",
                found="20261131",
                expected="yyyyMMdd",
                case_no=CASE,
                own_field="您的字段 yxqz（规则：日期）",
                own_field_en="Your field yxqz (rule: date)",
                record_place="表 sb_apply 行 id=17",
                mapping="5d88eb6aec1b",
            )
        ]

    def cases(self) -> list[CaseLine]:
        return [self._case(serial, kind) for serial, kind in enumerate(CLOCKS, 17)]

    def case(self, case_no: str) -> CaseLine | None:
        return next((line for line in self.cases() if line.case_no == case_no), None)

    def _case(self, serial: int, kind: str) -> CaseLine:
        state, clock = CLOCKS[kind]
        return CaseLine(
            case_no=CASE if serial == 17 else f"130928-20261122-{serial:06}-7",
            item_name="" if kind == "deemed" else "公司登记注册",
            service_item=ITEM,
            decides=False,
            other_county=YONGJI,
            other_county_name="永济市",
            state=state,
            trial=kind == "running",
            clock=clock,
        )


def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window. Missing, it is a skip on a laptop and a failure where CI is set.

    What is expected of its pages may take its time: the machine is shared.
    """
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("chromium-headless-shell is missing in CI")
        pytest.skip(f"no {CHROMIUM}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        )
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        yield started
        started.close()


@contextmanager
def opened(app: FastAPI, access: Access, browser: Browser) -> Iterator[Page]:
    """The application served, and its printed address opened at the size of a clerk's screen.

    Every error the browser reports fails the test. The tests of a browser share its profile: to make one
    takes as long as to open a page. Each has a page of its own at a port of its own, and nobody's cookies.
    """
    with Serving(app) as serving:
        profile = browser.contexts[0] if browser.contexts else browser.new_context(viewport=SCREEN)
        profile.clear_cookies()
        page = profile.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda line: failures.append(line.text) if "Content Security" in line.text else None)
        page.goto(access.address(serving.port))
        yield page
        page.close()
        assert failures == []
