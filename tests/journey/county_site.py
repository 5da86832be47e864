"""Every main page of a county node and the way into it, served from doubles and worlds in memory."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import select

from adapters.countyit.status import attention
from adapters.countyit.status.page import router as status_router
from adapters.countyit.status.report import Report, Weather
from adapters.hall.agents import page as agentpages
from adapters.hall.agents import places
from adapters.hall.agents.places import Place
from adapters.hall.approving.page import router as approvals_router
from adapters.hall.approving.specimen import Specimens
from adapters.hall.around.page import router as around_router
from adapters.hall.desk.printdesk import build_app as county_app
from adapters.hall.grouping.page import router as groups_router
from adapters.hall.handingover.page import router as handing_over_router
from adapters.hall.people.opening import CountyPeople
from adapters.hall.printers.hall import HallPrinters
from adapters.hall.printers.page import router as printers_router
from adapters.hall.printers.register import Tray, registered
from adapters.hall.privacy.exporting.page import router as exports_router
from adapters.hall.privacy.subject.page import router as subject_router
from adapters.hall.revealing.book import Look as HolderLook
from adapters.hall.revealing.book import looks
from adapters.hall.revealing.page import router as looks_router
from adapters.hall.reviewing.concluding import Conclusions
from adapters.hall.reviewing.desk import ReviewDesk
from adapters.hall.reviewing.drawer import Drawer
from adapters.hall.reviewing.page import router as reviews_router
from adapters.hall.reviewing.tables import review_asks
from adapters.hall.shifts.desk import ShiftDesk
from adapters.hall.shifts.page import router as shift_router
from adapters.hall.stating import answerspage, bundlespage, detailspage, expertpage, powerspage
from adapters.hall.stating.answers import AnswersDesk
from adapters.hall.stating.bundles import BundleDesk
from adapters.hall.stating.desk import StatingDesk
from adapters.hall.stating.details import DetailsDesk
from adapters.hall.stating.expertdesk import ExpertDesk
from adapters.hall.stating.page import router as stating_router
from adapters.hall.stating.powers import PowersDesk
from adapters.hall.stock import book, closing
from adapters.hall.stock.serials import span
from adapters.hall.stock.web.desk import StockDesk
from adapters.hall.stock.web.page import router as stock_router
from adapters.hall.taking.picturing import Seen
from adapters.hall.verifying import page as verifying
from adapters.instants import now
from adapters.licenses.render import Renderer
from adapters.settings import StationSettings
from adapters.store import Store, open_store
from pages.access import Access
from pages.people.person import Person, Role
from pages.serving import Serving
from pages.uploads.kinds import Kind
from pages.uploads.receiving import Shelf
from schemas.notices import Notice
from tests import around_records, county_world, grouping_world, review_world, stated_records, stock_world, taking_world
from tests import status_report as reported
from tests.around_pages import desk_of as around_of
from tests.around_pages import linked, place_of
from tests.county_begun import begin_at
from tests.county_records import ITEM
from tests.county_world import ISSUING, WINDOW, World
from tests.journey.pages_fakes import CASE, Desk
from tests.journey.site import Site, made
from tests.parts_world import bring_over
from tests.privacy_world import exports_of, subjects_of
from tests.unit.adapters.agents.test_agents import taken
from tests.unit.adapters.approving.test_approval_desk import desk_of as approvals_of
from tests.unit.adapters.approving.test_approval_desk import files_of
from tests.unit.adapters.around.saying import begin as begin_matter
from tests.unit.adapters.around.saying import say as say_around
from tests.unit.adapters.handingover.test_hand_over import desk_of as handing_over_of
from tests.unit.adapters.revealing.test_holders import holders_of

_CLERK = Person(account="li", name="李窗口", roles=frozenset({Role.CLERK}))


@contextmanager
def county(folder: Path) -> Iterator[Site]:
    """Every page of a county node beside one another; its cases are those of a window and of an issuing county."""
    with ExitStack() as stack:
        network = county_world.Network.make(made(folder / "network"))
        first, second = (_world(stack, network, made(folder / name)) for name in ("deciding", "handing"))
        deciding, printed = begin_at(first, "application.submitted"), begin_at(second, "print.settled")
        holders_of(second).reveal(f"{printed}-D1-1", person=_CLERK, purpose="identity")
        grouping_world.publish(first)
        access, sheets = Access(), _stock(stack, folder)
        people = _people(stack, folder, sheets)
        access.people = people.sign_in
        desk, now = Desk(), datetime.now(UTC)
        words = {
            "zh": "消息服务升级，期间报文在各县发件箱等候。",
            "en": "The broker is upgraded; meanwhile messages wait.",
        }
        desk.announced = (Notice(from_at=now, to_at=now + timedelta(hours=2), **words),)
        app = county_app(desk, access)
        app.include_router(people.pages(access))
        app.include_router(stock_router(sheets, access))
        app.include_router(printers_router(_printers(folder), access, clock=now))
        app.include_router(status_router(_report, access))
        app.include_router(
            approvals_router(
                approvals_of(first),
                files_of(first),
                Specimens(first.issuing.settings, Renderer()),
                access,
                first.clock,
            )
        )
        app.include_router(handing_over_router(handing_over_of(second), access, hall="130928-01"))
        subjects = subjects_of(second)
        app.include_router(subject_router(subjects, access))
        app.include_router(exports_router(exports_of(second), subjects, access))
        shifts = ShiftDesk(store=second.window.store, hall="130928-01", clock=second.clock)
        app.include_router(shift_router(shifts, access, people.sign_in))
        app.include_router(looks_router(holders_of(second), lambda case_no: _looks(second, case_no), access))
        verifying.attach(app, _nothing_to_verify_by, Shelf(folder / "uploads"), access)
        paths = {
            **_taking(first, app, access),
            **_groups(first, app, access),
            **_files(first, access),
            **_around(first, app, access, deciding),
            **_stating(first, app, access, folder),
            **_reviews(second, app, access),
            "approvals": "/approvals",
            "approval": f"/approvals/{deciding}",
            "approval-paper": f"/approvals/{deciding}/accept",
            "print-desk": "/",
            "print-job": "/authorisations/PA-140881-000031",
            "cases": "/cases",
            "case": f"/cases/{CASE}",
            "stock": "/stock",
            "stock-mine": f"/stock/mine?account={stock_world.CLERK}",
            "stock-sheet": f"/stock/sheets/{stock_world.serial(3)}",
            "verify": "/verify",
            "handing-over": f"/handing-over/{printed}",
            "printers": "/printers",
            "people": "/people",
            "people-events": "/people/events",
            "person-new": "/people/new",
            "organisation": "/organisation",
            "card": "/card",
            "subject": "/subject",
            "exports": "/exports",
            "shift": "/shift",
            "looks": "/looks",
            "status": "/status",
            "codes": "/codes",
            "code": "/codes/E-PAGE-005",
            "refused": "/no-such-page",
        }
        serving = stack.enter_context(Serving(app))
        yield Site(origin=f"http://127.0.0.1:{serving.port}", paths=paths, address=lambda: access.address(serving.port))


@contextmanager
def signing_in(folder: Path) -> Iterator[Site]:
    """The way in, for whoever has no session."""
    with ExitStack() as stack:
        people = _people(stack, folder, _stock(stack, folder))
        access = Access(people=people.sign_in)
        app = county_app(Desk(), access)
        app.include_router(people.pages(access))
        serving = stack.enter_context(Serving(app))
        yield Site(origin=f"http://127.0.0.1:{serving.port}", paths={"sign-in": "/sign-in"})


def _world(stack: ExitStack, network: county_world.Network, folder: Path) -> World:
    world = World(network=network, folder=folder)
    for each in world.counties.values():
        stack.callback(lambda county_=each: county_.store.close())
    return world


def _looks(world: World, case_no: str) -> list[HolderLook]:
    with world.window.store.read() as tx:
        return list(looks(tx, case_no))


def _nothing_to_verify_by() -> Any:
    raise AssertionError("the empty form asks for no verifier")


def _taking(world: World, app: FastAPI, access: Access) -> dict[str, str]:
    counter = taking_world.Counter(world=world, link="https://hub.example/p#abc")
    counter.browser = counter.sat_down(access.person)  # whose drafts the pages show afterwards
    taken, _case_no = counter.take()
    draft = counter.begin()
    counter.type(draft, {"applicant.name": "张三", "applicant.document_no": "130928198807169416"})
    counter.attach(app, access)
    return {
        "take": "/take",
        "take-item": f"/take/items/{ISSUING}/{ITEM}",
        "take-draft": f"/take/drafts/{draft}",
        "take-case": f"/take/cases/{taken}",
        "take-receipt": f"/take/cases/{taken}/receipt",
        "take-wiped": "/take/wiped",
    }


def _groups(world: World, app: FastAPI, access: Access) -> dict[str, str]:
    """A bundle whose first part was granted, and the form of another."""
    window = grouping_world.Window(world=world)
    window.browser = window.sat_down(access.person)
    number = window.opened("all", person=access.person)
    window.decide(window.case(number, 1))
    window.turn()
    app.include_router(groups_router(window.desk, access, window="130928-01-1"))
    return {
        "groups": "/groups",
        "groups-bundles": "/groups/bundles",
        "groups-joint": f"/groups/joint?q={ITEM}&chosen={ISSUING}/{ITEM}",
        "group-form": f"/groups/{window.begin_bundle()}/form",
        "group": f"/groups/{number}",
        "groups-report": "/groups/report",
        "stated-bundles": "/stating/bundles?bundle=KCG",
    }


def _files(world: World, access: Access) -> dict[str, str]:
    """A case with two scans, of which one has come."""
    counter, person = taking_world.Counter(world=world), access.person
    counter.browser = counter.sat_down(person)
    draft = counter.begin()
    for data in (taking_world.PDF, b"%PDF-" + bytes(3 * 2**19)):
        world.later(seconds=1)
        counter.taker.add_scan(draft, "SQB", Seen(kind=Kind.PDF, pages=2, data=data), person)
    counter.type(draft, taking_world.WHOLE)
    counter.press(draft)
    world.settle()
    bring_over(world, 1)
    case_no, files = counter.taker.standing(draft)[0].case_no, files_of(world)
    files.say_why(case_no, "examine", person)
    (here, _coming) = files.listed(case_no, person).lines
    place = f"/approvals/{case_no}"
    return {"approval-files": place, "approval-file": f"{place}/files/{here.file_id}"}


def _around(world: World, app: FastAPI, access: Access, case_no: str) -> dict[str, str]:
    """What the issuing county sees of a case and of matters that the window began; one of them is over."""
    around = around_of(world, ISSUING)
    answers = AnswersDesk(place_of(world, ISSUING), around)
    app.include_router(around_router(around, access, partial(linked, world, ISSUING)))
    app.include_router(answerspage.router(answers, access))
    app.include_router(detailspage.router(DetailsDesk(place_of(world, ISSUING)), access))
    question, over = begin_matter(world, "question.asked"), begin_matter(world, "question.asked")
    listed = begin_matter(world, "list.published")
    begin_matter(world, "appeal.raised")
    world.settle()
    for kind in ("parcel.sent", "rating.given"):
        say_around(world, WINDOW, case_no, kind)
    say_around(world, ISSUING, over, "question.answered")
    say_around(world, ISSUING, case_no, "parcel.sent", around_records.parcel(direction="returned"))
    world.settle()
    answers.state(over, "租赁合同没有备案，可以吗？", "可以。", action_id=str(uuid.uuid4()))
    say_around(world, WINDOW, over, "question.closed")
    world.settle()
    return {
        "around": "/around",
        "around-new": "/around/new",
        "around-find": f"/around/new/question?q={WINDOW}",
        "around-begin": f"/around/new/list/{ISSUING}/{ITEM}",
        "around-matter": f"/around/{question}",
        "around-case": f"/around/{case_no}",
        "around-step": f"/around/{case_no}/parcel.received",
        "around-list": f"/around/{listed}/list.reconciled",
        "around-parcel": f"/around/{case_no}/parcels/1",
        "answers": "/stating/answers",
        "answer": f"/stating/answers/{over}",
        "around-expiring": "/around/expiring",
        "around-report": f"/around/report?month={world.now:%Y-%m}",
        "stating-details": f"/stating/details?item={ITEM}",
    }


def _stating(world: World, app: FastAPI, access: Access, folder: Path) -> dict[str, str]:
    """What the issuing county grants, and the agents' cases that it decides."""
    desk, place = StatingDesk(place_of(world, ISSUING)), Place("140881100201", "前王村")
    desk.say("powers.stated", stated_records.powers(), action_id=str(uuid.uuid4()))
    with world.issuing.store.write() as tx:
        places.keep(tx, [place], by="it", now=world.now)
    app.include_router(
        stating_router(
            [
                powerspage.section(PowersDesk(desk)),
                answerspage.SECTION,
                detailspage.SECTION,
                expertpage.SECTION,
                bundlespage.section(BundleDesk(desk)),
            ],
            access,
        )
    )
    agentpages.attach(app, desk.place, Shelf(folder / "places"), access)
    taken(world, taking_world.Counter(world=world), **{"origin.place": "桑园镇"})
    world.settle()
    return {"stating": "/stating", "powers": "/stating/powers", "agents": "/agents", "places": "/agents/places"}


def _reviews(world: World, app: FastAPI, access: Access) -> dict[str, str]:
    """The county's experts; a case that can be reviewed, and one whose experts, all of this county, were asked."""
    place = place_of(world, ISSUING)
    desk = ReviewDesk(place)
    conclusions = Conclusions(place, county="永济市", kept=timedelta(days=3650))
    app.include_router(reviews_router(desk, conclusions, around_of(world, ISSUING), access))
    pool = ExpertDesk(place)
    expertpage.attach(app, pool, access)
    person = review_world.ZHANG
    for each in ("E001", "E002"):
        pool.state(review_world.TYPED | {"expert_no": each}, person=person, action_id=str(uuid.uuid4()))
    review_world.publish_experts(world, review_world.experts(ISSUING, 3))
    case_no, other = (world.up_to("application.accepted", each) for each in ("WQ8", "WQ9"))
    desk.convene(case_no, review_world.CONVENED, person=person, action_id=str(uuid.uuid4()))
    world.settle()
    Drawer(place).run_once()
    desk.ask(case_no, 1, review_world.QUESTION, person=person, action_id=str(uuid.uuid4()))
    world.settle()
    with world.issuing.store.read() as tx:
        matter = tx.execute(select(review_asks.c.matter_no)).scalars().first()
    return {
        "experts": "/stating/experts",
        "review": f"/reviews/{other}",
        "review-drawn": f"/reviews/{case_no}",
        "review-opinion": f"/reviews/opinions/{matter}",
    }


def _stock(stack: ExitStack, folder: Path) -> StockDesk:
    store = open_store(f"sqlite:///{made(folder / 'stock')}/county.sqlite")
    stack.callback(store.close)
    keys = stock_world.sealing(folder)
    with store.write() as tx:
        stock_world.receive(tx, keys, 1, 100)
        first, kind, by = stock_world.serial, stock_world.KIND, stock_world.CLERK
        book.issue(tx, kind, span(first(1), first(20)), by=stock_world.KEEPER, to=by, now=now())
        book.spoil(tx, kind, span(first(3)), by=by, reason="jam", now=now())
        book.lose(tx, kind, span(first(4)), by=by, reason="stolen", now=now())
        book.give_back(tx, kind, span(first(19), first(20)), by=by, now=now())
        closing.close(tx, now() + timedelta(days=1))
    return StockDesk(store=store, sealing=keys, county="吴桥县", station="130928-01-1", clock=now)


def _people(stack: ExitStack, folder: Path, sheets: StockDesk) -> CountyPeople:
    store: Store = open_store(f"sqlite:///{made(folder / 'people')}/county.sqlite")
    stack.callback(store.close)
    people = CountyPeople.over(store, stock_world.sealing(folder), idle_seconds=900)
    for account, name, role in (("zhang.san", "张三", "clerk"), ("it.one", "王敏", "county_it")):
        people.accounts.add(account, name=name, roles=(role,), password="Zhao-jun 2026 first", by="it")
    return people


def _printers(folder: Path) -> HallPrinters:
    hall = HallPrinters(made(folder / "printers"), StationSettings())
    trays = (Tray.parse("tray-2=A4:business-license-duplicate-2019"),)
    at = datetime.now(UTC)
    hall.register.add(registered("off-1", "ipp://127.0.0.1:1/ipp/print", pin="", trays=trays, by="it-1", now=at))
    return hall


def _report() -> Report:
    found = reported.report(
        pulse=reported.pulse(connected=False, since=timedelta(minutes=7), problem="E-LINK-002"),
        partners=[
            reported.partner(),
            reported.partner(Weather.BARRED, code="340321", name="怀远县", why="E-LINK-103"),
        ],
        certificates=[reported.certificate(days=12), *(reported.certificate(each) for each in reported.FILES[1:])],
        traffic=reported.traffic(unsent=3, unsent_since=reported.AT - timedelta(minutes=7), refused=1, troubles=2),
    )
    return replace(found, attention=attention.needed(found))
