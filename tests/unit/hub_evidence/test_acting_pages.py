"""The pages with which an operator acts: dead letters, replays and the record, in earnest, with real signatures."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from certs.atrest import AtRest
from hub.bootstrap import Keys
from hub.evidence.verify import trust_of, verify_proof
from hub.instants import to_millis
from hub.outflow import deadletters
from hub.people.tables import TABLES
from hub.replaying import sending
from hub.settings import HubSettings
from hub.store import tables
from hub.views.overviewsource import StoreOverview
from hub.web.serving import Pages
from pages.access import CSRF_HEADER, Access
from pages.cookies import cookie_name
from pages.people.person import HUB_ROLES
from schemas import topology
from tests.hub_world import ISSUING, Case, World
from tests.people_world import OWN, People
from tests.unit.hub_evidence.conftest import whole_case
from tests.unit.hub_evidence.standing_broker import StandingBroker

if TYPE_CHECKING:
    from hub.broker import Delivery as Incoming

PORT = 18081


class Floor:
    """A hub's pages in earnest with two operators, security and an auditor, and a browser for each."""

    def __init__(self, world: World, folder: Path, keys: Keys) -> None:
        settings = HubSettings(folder=folder, trial=False, web_port=PORT, store_url=world.url)
        self.world = world
        self.pages = Pages(world.store, settings, StoreOverview(world.store, StandingBroker(), settings), keys)
        sealing = AtRest(settings.certificates / "storage")
        self.people = People(store=world.store, sealing=sealing, at=datetime.now(UTC), tables=TABLES, allowed=HUB_ROLES)
        roles = {"li.ops": "operator", "wang.ops": "operator", "zhao.aud": "auditor"}
        self.sessions = {account: self.people.enrolled(account, role) for account, role in roles.items()}
        self.app = self.pages.app

    def browser(self, account: str) -> TestClient:
        """Signed in."""
        session = self.sessions[account]
        client = TestClient(self.app, base_url=f"http://127.0.0.1:{PORT}", follow_redirects=False)
        client.cookies.set(cookie_name(PORT), session)
        client.headers[CSRF_HEADER] = Access().csrf(session)
        return client

    def second(self, account: str) -> dict[str, str]:
        """What a second person types."""
        row = self.people.tables.accounts
        with self.world.store.write() as tx:
            tx.execute(row.update().where(row.c.account == account).values(last_step=None))
        self.people.at = datetime.now(UTC)
        code = self.people.code(account)
        return {"second_account": account, "second_password": OWN, "second_code": code}


@pytest.fixture
def floor(world: World, tmp_path: Path, hub_keys: Keys, quick_passwords: None) -> Floor:
    """Three letters that died."""
    for _ in range(3):
        message = Case(world).application()
        world.send(message)
        death = {"queue": topology.county_inbox(ISSUING), "reason": "rejected", "count": 1}
        with world.store.write() as tx:
            letter: Incoming = message.delivery(queue=topology.DEAD_LETTERS, user_id=None, headers={"x-death": [death]})
            deadletters.keep_from_broker(tx, letter, world.now)
    ahead = to_millis(datetime.now(UTC) + timedelta(days=1))
    with world.store.write() as tx:  # the pages' clock is the real one
        tx.execute(update(tables.dead_letters).values(expires_at=ahead))
    return Floor(world, tmp_path, hub_keys)


def codes(text: str) -> set[str]:
    """The codes on a page."""
    return set(re.findall(r"E-[A-Z]+-[0-9]{3}", text))


def test_a_batch_is_tried_counted_ordered_by_two_and_stopped(floor: Floor):
    """The whole way at the pages; the auditor sees all of it and changes nothing."""
    queue = topology.county_inbox(ISSUING)
    operator = floor.browser("li.ops")
    assert ISSUING in operator.get("/dead").text
    tried = operator.get("/dead/try", params={"queue": queue}).text
    assert "两人下达：重放 3 条" in tried
    form = {"queue": queue, "counted": 3, "rate": 5, "reason": "收件库已修好"}
    assert codes(operator.post("/dead/replay", data=form).text) == {"E-PAGE-061"}
    alone = operator.post("/dead/replay", data={**form, **floor.second("li.ops")})
    assert codes(alone.text) == {"E-PAGE-066"}
    watcher = operator.post("/dead/replay", data={**form, **floor.second("zhao.aud")})
    assert codes(watcher.text) == {"E-PAGE-066"}
    late = operator.post("/dead/replay", data={**form, "counted": 2, **floor.second("wang.ops")})
    assert codes(late.text) == {"E-ADM-095"}
    ordered = operator.post("/dead/replay", data={**form, **floor.second("wang.ops")})
    assert (ordered.status_code, ordered.headers["location"]) == (303, "/replays/1")
    sending.step(floor.world.store, floor.world.link, floor.world.now)
    auditor = floor.browser("zhao.aud")
    assert "立即停止" in operator.get("/replays/1").text
    assert "立即停止" not in auditor.get("/replays/1").text
    assert codes(auditor.post("/replays/1/stop").text) == {"E-PAGE-060"}
    assert operator.post("/replays/1/stop").status_code == 303
    assert codes(operator.post("/replays/1/stop").text) == {"E-ADM-097"}
    assert "1 / 3" in auditor.get("/replays").text
    record = auditor.get("/record").text
    for text in ("li.ops", "wang.ops", "停止重放", "replay-1", "testclient"):
        assert text in record
    assert "操作记录完整，共 2 条" in auditor.get("/record/check").text


def test_one_letter_is_looked_at_replayed_by_one_and_discarded_by_two(floor: Floor):
    """Its envelope is shown, never its content; a reason always, two persons for what is not done again."""
    operator = floor.browser("li.ops")
    numbers = re.findall(r'id="letter-([0-9a-f-]{36})"', operator.get("/dead").text)
    assert len(numbers) == 3
    page = operator.get(f"/dead/{numbers[0]}").text
    assert "application.submitted" in page
    assert "data_commitment" not in page
    assert codes(operator.post(f"/dead/{numbers[0]}/replay", data={"reason": " "}).text) == {"E-ADM-092"}
    done = operator.post(f"/dead/{numbers[0]}/replay", data={"reason": "收件库已修好"})
    assert done.headers["location"] == "/replays/1"
    refused = operator.post(f"/dead/{numbers[1]}/discard", data={"reason": "已撤回"})
    assert codes(refused.text) == {"E-PAGE-061"}
    signed = {"reason": "已撤回", **floor.second("wang.ops")}
    assert operator.post(f"/dead/{numbers[1]}/discard", data=signed).status_code == 303
    assert "已丢弃" in operator.get(f"/dead/{numbers[1]}").text
    assert operator.get("/dead/unknown").status_code == 404
    assert operator.get("/dead", params={"after": "nonsense"}).status_code == 422


def test_whoever_only_holds_the_machine_is_not_two(floor: Floor):
    """In earnest the machine's own address orders no batch: the same hands could hold the second account, too."""
    access = floor.pages.access
    machine = TestClient(floor.app, base_url=f"http://127.0.0.1:{PORT}", follow_redirects=True)
    machine.get(f"/{access.address(PORT).split('/', 3)[3]}")
    machine.headers[CSRF_HEADER] = access.csrf(machine.cookies[cookie_name(PORT)])
    form = {"queue": topology.county_inbox(ISSUING), "counted": 3, "rate": 5, "reason": "x"}
    assert codes(machine.post("/dead/replay", data={**form, **floor.second("wang.ops")}).text) == {"E-PAGE-068"}


def test_a_case_is_found_its_timeline_is_whole_and_its_proof_is_downloaded(floor: Floor, hub_keys: Keys):
    """By the beginning of its number; every rung with its receipt, refusal, printing, death; the proof is green."""
    case, sent = whole_case(floor.world)
    received = [each for each in sent if each.envelope.destination != "hub"]
    with floor.world.store.write() as tx:
        death = {"queue": topology.county_inbox(ISSUING), "reason": "rejected", "count": 1}
        letter = sent[0].delivery(queue=topology.DEAD_LETTERS, user_id=None, headers={"x-death": [death]})
        deadletters.keep_from_broker(tx, letter, floor.world.now)
    auditor = floor.browser("zhao.aud")
    found = auditor.get("/cases", params={"number": case.case_no.lower()[:-2], "state": "handed_over"}).text
    assert re.findall(r'id="case-([^"]+)"', found) == [case.case_no]
    assert re.findall(r'id="case-([^"]+)"', auditor.get("/cases", params={"item": "nothing"}).text) == []
    assert codes(auditor.get("/cases", params={"state": "closed", "after": "x"}).text) == {"E-PAGE-110"}
    page = auditor.get(f"/cases/{case.case_no}").text
    assert page.count('class="received"') == len(received)
    for text in ("账本第 3 条", "E-ADM-102", case.authorisation_no, "打印合格", 'id="deaths"', "接收县退回"):
        assert text in page, text
    answer = auditor.post(f"/cases/{case.case_no}/proof")
    assert answer.headers["content-disposition"] == f'attachment; filename="{case.case_no}.proof.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert verify_proof(answer.content, trust_of(hub_keys, trial=True)).good
    assert f"/record?about={case.case_no}" in auditor.get("/record").text
    assert auditor.post("/cases/..%2F..%2Fx/proof").status_code == 404
    assert auditor.post("/cases/x/proof").status_code == 404
