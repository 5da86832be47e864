"""The report of a month: times, once and for all, online, ratings and complaints, by county and by pair."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, insert, text

from hub.around import appeals, ratings, reports
from hub.around.reports import Report
from hub.registry.tables import statements
from hub.store import tables
from hub.supervision import counting
from hub.supervision.period import Period
from hub.views.reportsource import StoreReports
from hub.web.reports import router
from pages.access import LOOPBACK, Access
from pages.frame import Frame
from pages.people.person import HUB_ROLES
from schemas import codec, directory
from schemas.catalogue import records
from schemas.catalogue.model import Implementation, LimitUnit, Mode, ServiceItem
from schemas.workdays.calendars import Calendar
from tests import stated_records
from tests.around_hub import Around, shown
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, World
from tests.supervision_world import at
from tests.unit.hub.test_casesearch import explained

ORIGIN = f"http://{LOOPBACK}:8000"
NOVEMBER = Period.read("2026-11")


def told(world: World, now: float = 12) -> Report:
    """November as it stands on the 27th."""
    with world.store.read() as tx:
        return reports.report(tx, NOVEMBER, Calendar().of, {ISSUING: (4, 3)}, (), at("11-27", now))


@pytest.fixture
def hub(world: World) -> Around:
    """Two cases printed on a Monday, the second supplemented and not within half a day."""
    made = Around(world)
    for hours, supplemented in ((1, False), (6, True)):
        world.now = at("11-23", 9)
        case = Case(world)
        world.send(case.application())
        if supplemented:
            world.send(case.message("supplement.requested", {"supply_until": date(2026, 11, 30)}))
            world.send(case.message("supplement.provided", None))
        for write in (case.acceptance, case.decision, case.license, case.authorisation, case.claim):
            world.send(write())
        world.now = at("11-23", 9 + hours + (hours > 3))  # the hour at noon is no working time
        world.send(case.outcome())
        world.send(case.hand_over())
        made.say(case, "rating.given", target="issuing", stars=5 if not supplemented else 1)
    made.look()
    return made


def test_cases_are_counted_by_pair_and_by_the_county_that_decides(hub: Around) -> None:
    """Median, nine of ten, within half a day; done at once or not; how they were rated."""
    found = told(hub.world)
    (pair,) = found.pairs
    assert (pair.county, pair.issuing, pair.done, pair.at_once_percent) == (WINDOW, ISSUING, 2, 50.0)
    assert pair.times is not None
    assert (pair.times.cases, pair.times.median_hours, pair.times.most_hours) == (2, 3.5, 6.0)
    assert pair.times.within_percent == 50.0
    (county,) = found.counties
    assert (county.county, county.items, county.online_percent, county.times) == (ISSUING, 4, 75.0, pair.times)
    for each in (pair, county):
        assert each.rated is not None
        assert (each.rated.count, each.rated.good_percent, each.rated.bad) == (2, 50.0, 1)
    assert (found.of(FOREIGN).pairs, found.of(WINDOW).pairs, found.of(WINDOW).counties) == ([], [pair], [])


def test_complaints_are_counted_by_pair_channel_and_kind(world: World) -> None:
    """Received, answered in time or not, solved; what was returned is not solved any more; trials do not count."""
    hub = Around(world)
    world.now = at("11-23", 9)
    until = {"answer_until": date(2026, 11, 25)}
    first, second, third = Case(world), Case(world), Case(world, trial=True)
    for case in (first, second, third):
        hub.say(case, "appeal.raised", channel="hotline", **until)
    hub.say(first, "appeal.answered", of="appeal.raised", appeal_result="solved")
    hub.look()
    with world.store.read() as tx:
        (found,) = appeals.counted(tx, NOVEMBER.begins_at, NOVEMBER.ends_at, at("11-25", 12))
        assert (found.channel, found.kind, found.window, found.issuing) == ("hotline", "asked_again", WINDOW, ISSUING)
        assert (found.received, found.answered, found.in_time, found.late, found.solved) == (2, 1, 1, 0, 1)
        assert (found.in_time_percent, found.solved_percent) == (100.0, 50.0)
        (late,) = appeals.counted(tx, NOVEMBER.begins_at, NOVEMBER.ends_at, at("11-26", 0))
        assert (late.late, late.in_time_percent) == (1, 50.0)
        assert appeals.counted(tx, NOVEMBER.ends_at, NOVEMBER.ends_at + timedelta(days=30), at("11-26", 0)) == []
    hub.say(first, "appeal.returned", of="appeal.answered", redo_until=date(2026, 11, 27))
    hub.look()
    with world.store.read() as tx:
        assert appeals.counted(tx, NOVEMBER.begins_at, NOVEMBER.ends_at, at("11-26", 0))[0].solved == 0


def test_online_is_what_the_catalogue_says_unless_the_county_says_otherwise(world: World) -> None:
    """Of the items in force on the last day; a county's own word about its item counts before."""
    basics = ("000131127004", "000131127005", "000131127006")
    items = [
        ServiceItem(
            code=code, name="x", modes=modes, materials=(), power_source="", accept_condition="", handle_flow="",
            result_name="",
        )
        for code, modes in zip(basics, ([Mode.ONLINE], [Mode.RELAYED], [Mode.ONLINE]), strict=True)
    ]  # fmt: skip
    own = [
        Implementation(
            county=ISSUING, code=f"{world.network.item[:19]}{code}", name="x", business_items=(), anticipate_day=20,
            anticipate_type=LimitUnit.WORKING_DAY, promise_day=1, promise_type=LimitUnit.WORKING_DAY,
            license_template="", greatest_state_age_seconds=0, limit_scene_num=0, is_fee=False, special_procedure="",
            accept_condition="", handle_flow="", transact_addr="", transact_time="", link_way="", supervise_way="",
            valid_from=date(2026, 1, 1), valid_to=valid_to,
        )
        for code, valid_to in zip(basics, (None, None, date(2026, 11, 1)), strict=True)
    ]  # fmt: skip
    detail = {"county": ISSUING, "service_item": own[1].code, "special_procedures": [], "visit_pauses": False,
              "steps": 2, "online": True, "withdrawn": False}  # fmt: skip
    with world.store.write() as tx:
        for each in (*items, *own):
            row = {"key": each.key, "value": records.encode(each), "changed_in": 1, "removed": False}
            tx.execute(insert(tables.catalogue).values(**row))
    view = StoreReports(world.store, lambda: at("11-27", 9))
    (county,) = view.report(NOVEMBER).counties
    assert (county.items, county.online, county.online_percent) == (2, 1, 50.0)
    with world.store.write() as tx:
        key = directory.detail_key(ISSUING, own[1].code)
        said = {"county": ISSUING, "value": codec.encode("ItemDetail", detail), "said_at": 1, "withdrawn": False}
        tx.execute(insert(statements).values(key=key, changed_in=1, **said))
    assert view.report(NOVEMBER).counties[0].online_percent == 100.0
    parts = [{"service_item": each.code, "after": []} for each in own[:2]]
    bundle = stated_records.bundle(county=ISSUING, bundle_parts=parts, visits=0, steps=1, days=1)
    with world.store.write() as tx:
        said |= {"value": codec.encode("Bundle", bundle)}
        tx.execute(insert(statements).values(key=directory.bundle_key(ISSUING, "KCG"), changed_in=1, **said))
    (saved,) = view.report(NOVEMBER).bundles
    assert (saved.county, saved.parts, saved.reductions["days"].percent) == (ISSUING, 2, 50)
    assert "steps" not in saved.reductions  # of one part nobody said how many it has
    assert view.report(NOVEMBER).of(FOREIGN).bundles == []


def person(world: World, clock: Callable[[], datetime] | None = None) -> TestClient:
    """Somebody at the pages, by the world's clock unless another is given."""
    access = Access(roles=HUB_ROLES)
    app = Frame(name="x", access=access, packages=["hub.web"]).application()
    app.include_router(router(StoreReports(world.store, clock or (lambda: world.now)), access))
    client = TestClient(app, base_url=ORIGIN)
    client.get(access.address(8000).removeprefix(ORIGIN), follow_redirects=False)
    return client


def test_the_report_is_a_page_and_a_workbook(world: World) -> None:
    """All of the month, or of the county that is asked for; what is no month is said."""
    shown(world.store, world.now)
    client = person(world)
    page = client.get("/reports")
    assert page.headers["cache-control"] == "no-store"
    assert "办理成效月报 2026-11" in page.text
    assert "12345热线" in page.text
    own = client.get(f"/reports/period/2026-11?county={FOREIGN}").text
    assert f"/reports/pdf/2026-11?county={FOREIGN}" in own
    assert "12345热线" not in own
    book = client.get(f"/reports/workbook/2026-11?county={ISSUING}")
    assert f'filename="report-2026-11-{ISSUING}.xlsx"' in book.headers["content-disposition"]
    sheets = openpyxl.load_workbook(BytesIO(book.content))
    assert sheets.sheetnames == ["各县", "两县", "办不成事", "一件事"]
    assert [row[0].value for row in sheets["各县"].iter_rows(min_row=2)] == [ISSUING]
    assert "E-SUP-008" in client.get("/reports/period/2026-99").text


@pytest.mark.long
def test_the_report_is_a_pdf_and_whole_in_english(world: World) -> None:
    """A line to sign on; nothing of the source language is left."""
    shown(world.store, world.now)
    client = person(world)
    paper = client.get("/reports/pdf/2026-11")
    assert (paper.content[:5], paper.headers["content-type"]) == (b"%PDF-", "application/pdf")
    client.cookies.set("yhb-language", "en")
    page = client.get("/reports").text
    assert re.findall(r"[一-鿿]+", re.sub(r"<[^>]+>", "", page.partition("<main")[2])) == []


@pytest.mark.both_stores
def test_what_a_report_asks_walks_an_index(world: World) -> None:
    """By the time at which something was done, given or received."""
    shown(world.store, world.now)
    said: list[tuple[str, object]] = []
    with world.store.read() as tx:
        if tx.dialect.name == "postgresql":
            for other in ("seqscan", "bitmapscan"):
                tx.execute(text(f"SET LOCAL enable_{other} = off"))
        event.listen(tx, "before_cursor_execute", lambda _c, _cu, said_, given, _ctx, _m: said.append((said_, given)))
        reports._endings(tx, NOVEMBER.begins_at, NOVEMBER.ends_at)
        appeals.counted(tx, NOVEMBER.begins_at, NOVEMBER.ends_at, world.now)
        ratings.counted(tx, NOVEMBER.begins_at, NOVEMBER.ends_at, world.now)
        for statement, given in [each for each in said if each[0].startswith("SELECT")]:
            plan = explained(tx, statement, given)
            indexes = ("around_endings_done", "around_matters_opened", "around_ratings_given")
            assert any(each in plan for each in indexes), (statement, plan)


def test_a_question_is_no_case_in_the_bulletin(world: World) -> None:
    """It has a number like a case; what is counted as taken in are cases alone."""
    hub = Around(world)
    world.now = at("11-23", 9)
    world.send(Case(world).application())
    hub.say(Case(world), "question.asked")
    with world.store.read() as tx:
        told_ = counting.bulletin(tx, NOVEMBER, Calendar().of, world.now)
    assert {each.county: each.opened for each in told_.counties} == {WINDOW: 1, ISSUING: 0}
