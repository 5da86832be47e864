# ruff: noqa: D102, ARG002 - the methods are those of the protocols OverviewSource and DeskSource, described there
"""In-memory sources behind the hub's pages: a day with two counties and whatever a test changes of it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from deploy.crowd import divisions, guides
from hub.web.alertview import AlertRow, AlertSheet
from hub.web.decidingview import DecisionRow, Invited
from hub.web.groundview import Ground
from hub.web.joiningview import JoiningRow
from hub.web.partnersview import STATES, ItemRow, Matrix, PartnerRow
from hub.web.renewalview import RenewalRow
from hub.web.searchview import Found, Sought
from hub.web.traffic import Contact, Flow, HourRow, LateRow, PairRow, Rates
from hub.web.view import (
    BrokerAlarm,
    CaseLadder,
    CaseRow,
    CertificateRow,
    CountyRow,
    ListRow,
    PrintCounts,
    PrintRow,
    QueueRow,
    RefusalRow,
    RestoreRow,
    Rung,
    WaitingRow,
)
from schemas.errors import YunhuobanError
from tests.journey.pages_fakes import BROKER_AWAY, CASE, CLOCKS, ITEM, WUQIAO, YONGJI


class Overview:
    """A hub whose store is this object; a test changes its rows."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.rows = [
            QueueRow(
                name=f"county.{WUQIAO}.inbox",
                county=WUQIAO,
                ready=0,
                unacknowledged=0,
                consumers=1,
                oldest_age_seconds=None,
            ),
            QueueRow(
                name=f"county.{YONGJI}.inbox",
                county=YONGJI,
                ready=3,
                unacknowledged=1,
                consumers=1,
                oldest_age_seconds=42,
                redelivered=17,
                redelivered_at=self.now - timedelta(minutes=4),
            ),
            QueueRow(
                name=f"county.{YONGJI}.hold",
                county=YONGJI,
                ready=0,
                unacknowledged=0,
                consumers=0,
                oldest_age_seconds=None,
            ),
            QueueRow(name="admission.07", county=None, ready=0, unacknowledged=0, consumers=2, oldest_age_seconds=None),
            QueueRow(name="dead.letters", county=None, ready=0, unacknowledged=0, consumers=1, oldest_age_seconds=None),
        ]
        self.cases_ = [self._case(17, "granted", 95), self._case(18, "submitted", 20), self._case(19, "licensed", 6000)]
        self.counties_ = [
            CountyRow(code=WUQIAO, name="吴桥县", online=True, since_at=self.now - timedelta(hours=3), held=False),
            CountyRow(code=YONGJI, name="永济市", online=True, since_at=self.now - timedelta(minutes=12), held=False),
        ]
        self.alarms_: list[BrokerAlarm] = []
        self.joinings_: list[JoiningRow] = []
        self.renewals_: list[RenewalRow] = []
        self.pairs_ = [
            PairRow(source=WUQIAO, destination=YONGJI, count=3, oldest_at=self.now - timedelta(seconds=42)),
        ]
        self.late_: list[LateRow] = []
        self.unanswered_ = self.unfollowed_ = 0
        self.dead_ = 0
        self.counts = PrintCounts(authorised=2, claimed=1, printed=14, spoiled=1, unknown=0)
        self.ground_ = Ground()
        self.broker_away = False
        self.clock = "running"

    def _case(self, serial: int, state: str, seconds: int) -> CaseRow:
        return CaseRow(
            case_no=CASE if serial == 17 else f"130928-20261122-{serial:06}-{'0' if serial == 18 else '7'}",
            window_county=WUQIAO,
            issuing_county=YONGJI,
            service_item=ITEM,
            state=state,
            since_at=self.now - timedelta(seconds=seconds),
            trial=serial == 18,
        )

    def queues(self) -> list[QueueRow]:
        if self.broker_away:
            raise YunhuobanError(BROKER_AWAY)
        return self.rows

    def waiting(self, queue: str) -> list[WaitingRow]:
        return [
            WaitingRow(
                message_id="0193a5c0-0000-7000-8000-000000000001",
                type="application.submitted",
                case_no=CASE,
                source=WUQIAO,
                destination=YONGJI,
                admitted_at=self.now,
            )
        ]

    def ground(self) -> Ground:
        return self.ground_

    def pairs(self) -> list[PairRow]:
        return self.pairs_

    def between(self, source: str, destination: str) -> list[WaitingRow]:
        return self.waiting("")

    def flows(self) -> dict[str, Flow]:
        return {YONGJI: Flow(3.2, 2.8)}

    def rates(self) -> Rates:
        return Rates(minutes=5.0, admitted=60, signed=55, refused=1)

    def late_count(self) -> int:
        return len(self.late_)

    def unanswered_count(self) -> int:
        return self.unanswered_

    def unfollowed_count(self) -> int:
        return self.unfollowed_

    def late(self) -> list[LateRow]:
        return self.late_

    def dead_count(self) -> int:
        return self.dead_

    def history(self, since: datetime) -> list[HourRow]:
        hours_ago = range(min(96, int((self.now - since).total_seconds() // 3600)), -1, -1)
        return [
            HourRow(
                at=self.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=ago),
                admitted=400 + 37 * (ago % 9),
                signed=390 + 37 * (ago % 8),
                refused=ago % 4,
                waiting=None if ago == 30 else 5 * (ago % 6),
                oldest_age_seconds=None if ago == 30 else 40 * (ago % 7),
                dead=ago % 3,
                late=ago % 5,
                offline=ago % 2,
            )
            for ago in hours_ago
        ]

    def contacts(self, codes: Collection[str]) -> dict[str, Contact]:
        return {code: Contact("值班员", "0317-000000") for code in codes}

    def cases(self) -> list[CaseRow]:
        return self.cases_

    def search(self, sought: Sought, after: str) -> Found:
        rows = [row for row in self.cases_ if row.case_no.startswith(sought.number) and sought.state in ("", row.state)]
        return Found(rows=rows, after="")

    def case_counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for row in self.cases_:
            counts[row.state] = counts.get(row.state, 0) + 1
        return counts

    def case(self, case_no: str) -> CaseLadder | None:
        row = next((row for row in self.cases_ if row.case_no == case_no), None)
        steps = [
            ("application.submitted", WUQIAO, 0.0, ""),
            ("message.received", YONGJI, 0.4, ""),
            ("application.accepted", YONGJI, 61.0, ""),
            ("decision.made", YONGJI, 95.0, "E-ADM-102"),
            ("decision.made", YONGJI, 130.0, ""),
        ]
        rungs = [
            Rung(
                name=name,
                by=by,
                at=self.now + timedelta(seconds=after - 200),
                message_id=f"0193a5c0-0000-7000-8000-{index:012}",
                refused_code=code,
            )
            for index, (name, by, after, code) in enumerate(steps)
        ]
        return CaseLadder(case=row, rungs=rungs, clock=CLOCKS[self.clock][1], refusals=self.refusals()) if row else None

    def refusals(self) -> list[RefusalRow]:
        return [
            RefusalRow(
                message_id="0193a5c0-0000-7000-8000-000000000003",
                code="E-ADM-102",
                source=YONGJI,
                admitted_at=self.now - timedelta(seconds=105),
                case_no=CASE,
                sentence="办件处于“submitted”，不能进行这一步。",
                sentence_en="The case is in “submitted”; this step is not possible.",
                remedy="请按受理、决定、制证、打印、送达的顺序报送。",
                remedy_en="Send acceptance, decision, license, print and hand-over in this order.",
            )
        ]

    def print_counts(self) -> PrintCounts:
        return self.counts

    def prints(self, state: str) -> list[PrintRow]:
        return [
            PrintRow(
                authorisation_no="PA-140881-000031",
                case_no=CASE,
                county=WUQIAO,
                stock_kind="business-license-2019",
                state=state,
                since_at=self.now,
                trial=False,
            )
        ]

    def red_cards(self) -> int:
        """None, usually."""
        return 0

    def restore(self) -> RestoreRow | None:
        """The hub was never restored."""
        return None

    def alarms(self) -> list[BrokerAlarm]:
        return self.alarms_

    def revocation_lists(self) -> list[ListRow]:
        return [ListRow(age_days=0.2, ends_at=datetime.now(UTC) + timedelta(days=13), ended=False, late=False)]

    def certificates(self) -> list[CertificateRow]:
        """None ends soon."""
        return []

    def renewals(self) -> list[RenewalRow]:
        return self.renewals_

    def counties(self) -> list[CountyRow]:
        return self.counties_

    def joinings(self) -> list[JoiningRow]:
        return self.joinings_

    def joinings_under_way(self) -> list[JoiningRow]:
        return self.joinings_

    def joining(self, county: str) -> JoiningRow | None:
        return next((row for row in self.joinings_ if row.county == county), None)


class Alerts:
    """Alerts of every kind of look: urgent and not, taken on and not, over."""

    def sheet(self) -> AlertSheet:
        now = datetime.now(UTC)
        return AlertSheet(
            standing=[
                self._row("disk", "hub", now, urgent=True, amount=7),
                self._row("waiting", YONGJI, now, amount=10_000, level=1),
                self._row(
                    "county-offline", WUQIAO, now, acknowledged_at=now, acknowledged_by="li.ops", note="已电话联系"
                ),
            ],
            recent=[self._row("worker-died", "express", now, resolved_at=now, acknowledged_by="li.ops")],
            looked_at=now,
            stale=False,
            troubles={"值班": "E-NOTE-004"},
            names={YONGJI: "永济市", WUQIAO: "吴桥县"},
        )

    def acknowledge(self, number: str, *, by: str, note: str) -> None:
        pass

    def _row(self, kind: str, subject: str, now: datetime, **changes: object) -> AlertRow:
        plain: dict[str, object] = {
            "number": f"{kind}-{subject}", "kind": kind, "subject": subject, "county": subject.isdecimal(), "amount": 1,
            "urgent": False, "since_at": now - timedelta(minutes=50), "resolved_at": None, "acknowledged_at": None,
            "acknowledged_by": "", "note": "", "level": 0,
        }  # fmt: skip
        return AlertRow(**(plain | changes))  # type: ignore[arg-type]


def moved(row: QueueRow, **changes: object) -> QueueRow:
    """The same queue a moment later."""
    return replace(row, **changes)


class Deciding:
    """Security's decisions as the pages ask for them; nothing is decided."""

    def invite(self, press: str, division_code: str, *, by: str, reason: str) -> Invited:
        """An invitation that is good for nothing."""
        del press, by, reason
        until = datetime.now(UTC) + timedelta(hours=72)
        return Invited(county=division_code, code="AAAAA-BBBBB", fingerprint="0000-1111", line="", until_at=until)

    def approve(self, press: str, division_code: str, *, by: str, reason: str, read_aloud: str) -> None:
        """Nothing."""

    def refuse(self, press: str, division_code: str, *, by: str, reason: str) -> None:
        """Nothing."""

    def change(self, press: str, division_code: str, act: str, *, by: str, reason: str) -> None:
        """Nothing."""

    def state(self, division_code: str) -> str:
        """Everybody takes part."""
        return "active" if division_code else ""

    def decided(self, division_code: str) -> list[DecisionRow]:
        """One decision."""
        del division_code
        at = datetime.now(UTC) - timedelta(days=1)
        return [DecisionRow(act="resume", account="wang.sec", reason="已与县信息中心核实，密钥没有外泄", at=at)]


class Partners:
    """The alliance at its true size: 177 counties, 81 items, each state somewhere, and a place that is empty."""

    def __init__(self) -> None:
        self._counties = {each.code: each.name for each in divisions.members()}
        self._items = guides.subjects(81, 1389, 27)[0]

    def partners(self) -> list[PartnerRow]:
        """All of them; one is suspended."""
        return [
            PartnerRow(
                code=code,
                name=name,
                state="active" if at else "suspended",
                contract=("1.0",),
                alliances=("云伙伴百县联盟",),
                counts={"through": 60 - at % 7, STATES[at % len(STATES)]: 21 + at % 7},
                window=STATES[at % 5 % len(STATES)],
            )
            for at, (code, name) in enumerate(self._counties.items())
        ]

    def matrix(self, alliance: str) -> Matrix:
        """Every item; a tenth of the places is empty."""
        del alliance
        items = [
            ItemRow(
                basic=item.code,
                name=item.name,
                cells={
                    code: STATES[(row + at) % 13 // 10 and (row * at) % len(STATES)]
                    for at, code in enumerate(self._counties)
                    if (row * 7 + at) % 10
                },
            )
            for row, item in enumerate(self._items)
        ]
        names = {"YUNHUOBAN": "云伙伴百县联盟"}
        return Matrix(alliance="YUNHUOBAN", alliances=names, counties=self._counties, items=items)
