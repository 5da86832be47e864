"""Every main page of county, hub and public, served from doubles and worlds in memory: no broker and no stage.

What is looked at here is how a page is made, not what it does: the axe test and `make pages` go through the same list.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.scanning.progresslink import progress_link
from hub.outflow.pausing import LinkSwitch
from hub.store import open_store as hub_store
from hub.supervision.period import Period
from hub.views.aroundsource import StoreAround
from hub.views.reportsource import StoreReports
from hub.views.supervisionsource import StoreSupervision
from hub.web import around, deciding, linkpage, partners, reports, supervision
from hub.web.alerts import router as alerts_router
from hub.web.joiningview import JoiningAct, JoiningRow
from hub.web.overview import build_app as hub_app
from hub.web.view import BrokerAlarm
from pages.access import Access
from pages.serving import Serving
from schemas.errors import YunhuobanError
from schemas.joining.fields import FINDINGS
from tests import around_hub, county_world, supervision_world
from tests.county_world import WINDOW, World
from tests.journey.county_site import county, signing_in
from tests.journey.hub_fakes import Alerts, Deciding, Overview, Partners
from tests.journey.pages_fakes import CASE, WUQIAO, YONGJI
from tests.journey.site import Site, made
from tests.scanning_world import licensed, served
from tests.witness_world import Stage, hub_network

PAGES: Final = {
    "county": (
        "take", "take-item", "take-draft", "take-case", "take-receipt", "take-wiped", "approvals", "approval",
        "approval-paper", "approval-files", "approval-file",
        "print-desk", "print-job", "cases", "case", "stock", "stock-mine", "stock-sheet", "verify", "handing-over",
        "printers", "people", "people-events", "person-new", "organisation", "looks", "status", "codes", "code",
        "refused", "card", "subject", "exports", "shift",
        "around", "around-new", "around-find", "around-begin", "around-matter", "around-case", "around-step",
        "around-list", "around-parcel", "around-expiring", "around-report",
        "stating", "stating-details", "powers", "agents", "places",
        "experts", "review", "review-drawn", "review-opinion",
        "groups", "groups-bundles", "groups-joint", "group-form", "group", "groups-report",
        "stated-bundles",
        "answers", "answer",
    ),
    "sign-in": ("sign-in",),
    "hub": (
        "overview", "queue", "hub-cases", "hub-case", "hub-counties", "hub-county", "hub-prints", "hub-refusals",
        "joining", "joining-county", "renewals", "alerts", "supervision", "supervision-card", "supervision-count",
        "hub-around", "hub-groups", "hub-ratings", "hub-stated", "hub-report",
        "invite", "decide", "partners", "matrix", "matrix-province",
        "wall", "history", "queues", "link", "pairs", "pair", "late", "offline", "trust",
    ),
    "public": ("scan", "scan-license", "progress", "progress-case"),
}  # fmt: skip
"""Their names by application; what is not named here is not looked at."""


@contextmanager
def all_sites(folder: Path) -> Iterator[dict[str, Site]]:
    """All of them, running; to be opened before a browser, whose event loop bears no sealing beside it."""
    with ExitStack() as stack:
        sites = {
            "public": stack.enter_context(public(made(folder / "public"))),
            "county": stack.enter_context(county(made(folder / "county"))),
            "sign-in": stack.enter_context(signing_in(made(folder / "sign-in"))),
            "hub": stack.enter_context(hub(made(folder / "hub"))),
        }
        assert {name: set(site.paths) for name, site in sites.items()} == {
            name: set(each) for name, each in PAGES.items()
        }
        yield sites


@contextmanager
def hub(folder: Path) -> Iterator[Site]:
    """The hub's pages, on a day on which something is the matter."""
    view, access = Overview(), Access()
    view.unanswered_, view.unfollowed_ = 2, 1
    view.joinings_ = [_joining("requested", WUQIAO), _joining("invited", YONGJI)]
    view.counties_[1] = replace(view.counties_[1], online=False, held=True)
    view.alarms_ = [BrokerAlarm(node="rabbit@hub", resource="memory")]
    store, at = hub_store(f"sqlite:///{folder}/hub.sqlite"), datetime.now(UTC)
    card, app = supervision_world.shown(store, at), hub_app(view, access)
    app.include_router(linkpage.router(LinkSwitch(store), access))
    app.include_router(alerts_router(Alerts(), access))
    app.include_router(deciding.router(Deciding(), view, access))
    app.include_router(partners.router(Partners(), access))
    around_hub.shown(store, at)
    app.include_router(around.router(StoreAround(store), access))
    app.include_router(reports.router(StoreReports(store), access))
    app.include_router(supervision.router(StoreSupervision(store, on_trial=True), access))
    with ExitStack() as stack:
        stack.callback(store.close)
        serving = stack.enter_context(Serving(app))
        paths = {
            "overview": "/",
            "queue": f"/queues/county.{YONGJI}.inbox",
            "hub-cases": "/cases",
            "hub-case": f"/cases/{CASE}",
            "hub-counties": "/counties",
            "hub-county": f"/counties/{YONGJI}",
            "link": f"/counties/{YONGJI}/link",
            "hub-prints": "/prints/printed",
            "hub-refusals": "/refusals",
            "wall": "/wall",
            "history": "/history",
            "queues": "/queues",
            "pairs": "/pairs",
            "pair": f"/pairs/{WUQIAO}/{YONGJI}",
            "late": "/late",
            "offline": "/offline",
            "trust": "/trust",
            "joining": "/joining",
            "joining-county": f"/joining/{WUQIAO}",
            "renewals": "/renewals",
            "alerts": "/alerts",
            "supervision": "/supervision?every=true",
            "supervision-card": f"/supervision/cards/{card}",
            "supervision-count": f"/supervision/period/{Period.month_of(at).name}",
            "hub-around": "/around",
            "hub-groups": "/around/groups",
            "hub-stated": "/around/stated",
            "hub-ratings": "/around/ratings",
            "hub-report": "/reports",
            "invite": "/invite",
            "partners": "/partners",
            "matrix": "/matrix",
            "matrix-province": f"/matrix?province={WUQIAO[:2]}",
            "decide": f"/counties/{WUQIAO}/decide",
        }
        yield Site(origin=f"http://127.0.0.1:{serving.port}", paths=paths, address=lambda: access.address(serving.port))


@contextmanager
def public(folder: Path) -> Iterator[Site]:
    """What whoever holds a license or a receipt sees."""
    network = county_world.Network.make(made(folder / "network"))
    world = World(network=network, folder=made(folder / "counties"))
    stage = Stage(counties=world, network=hub_network(network, made(folder / "keys")), folder=folder / "counties")
    try:
        paper = licensed(stage)
        link = _progress_link(stage, paper.case_no)
        with served(stage, folder) as origin:
            paths = {
                "scan": "/v",
                "scan-license": f"/v#{paper.token.hex()}",
                "progress": "/p",
                "progress-case": f"/p#{link}",
            }
            yield Site(origin=origin, paths=paths)
    finally:
        for county_ in world.counties.values():
            county_.store.close()
        for side in stage.sides():
            side.world.store.close()


def _joining(state: str, code: str) -> JoiningRow:
    at = datetime.now(UTC) - timedelta(hours=2)
    return JoiningRow(
        county=code,
        name="吴桥县" if code == WUQIAO else "永济市",
        state=state,
        since_at=at,
        until_at=at + timedelta(hours=72),
        attempts=0,
        keys_fingerprint="01234-56789",
        findings=[YunhuobanError(FINDINGS, place="halls", found="0")],
        acts=[JoiningAct(act=act, at=at, by=by, note="") for act, by in (("invited", ""), ("requested", "王敏"))],
        reason="",
    )


def _progress_link(stage: Stage, case_no: str) -> str:
    link = progress_link(stage.counties.counties[WINDOW].identity, case_no, host="hub.example", now=stage.counties.now)
    return link.partition("#")[2]
