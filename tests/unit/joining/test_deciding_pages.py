"""Security decides at the hub's pages which county takes part: with a reason, under an account, once for each press."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from certs.atrest import AtRest
from hub.bootstrap import load_keys
from hub.instants import now
from hub.joining import approving, invitations
from hub.joining.deciding import Deciding
from hub.joining.tables import county_decisions
from hub.people.tables import TABLES
from hub.record.acts import Act
from hub.record.tables import operator_record
from hub.settings import HubSettings
from hub.store import tables
from hub.views.overviewsource import StoreOverview
from hub.web.serving import Pages
from pages.access import CSRF_HEADER
from pages.cookies import cookie_name
from pages.people.person import HUB_ROLES
from schemas.errors import YunhuobanError
from schemas.joining import codes
from tests.brokers import free_port
from tests.joining_world import _CODE, _KEYS, _ROOT, COUNTY, Joining
from tests.people_browser import NO_AUTHORITIES
from tests.people_world import People
from tests.unit.hub_evidence.standing_broker import StandingBroker


@dataclass(kw_only=True)
class Desk:
    """The hub's pages over one joining world, and people who have signed in at them."""

    pages: Pages
    people: People
    port: int
    sessions: dict[str, str] = field(default_factory=dict)

    def at(self, account: str, role: str = "security") -> httpx.Client:
        """A browser in which this account has signed in."""
        session = self.sessions.get(account) or self.people.enrolled(account, role)
        self.sessions[account] = session
        return httpx.Client(
            verify=NO_AUTHORITIES,
            base_url=f"http://127.0.0.1:{self.port}",
            cookies={cookie_name(self.port): session},
            headers={CSRF_HEADER: self.pages.access.csrf(session)},
            trust_env=False,
            timeout=60,
        )


@contextmanager
def served(joining: Joining) -> Iterator[Desk]:
    """The pages over this world."""
    port = free_port()
    settings = HubSettings.load(joining.world.hub).model_copy(update={"web_port": port})
    store = joining.store()
    pages = Pages(store, settings, StoreOverview(store, StandingBroker(), settings), load_keys(settings))
    people = People(
        store=store,
        sealing=AtRest(settings.certificates / "storage"),
        at=datetime.now(UTC),
        tables=TABLES,
        allowed=HUB_ROLES,
    )
    with pages.served():
        yield Desk(pages=pages, people=people, port=port)
    store.close()


def press(**typed: str) -> dict[str, str]:
    """A form as a page gives it out."""
    return {"press": str(uuid.uuid4()), "reason": "电话核实", **typed}


def rows(joining: Joining, statement):
    """What the store has."""
    store = joining.store()
    with store.read() as tx:
        found = tx.execute(statement).all()
    store.close()
    return found


def test_an_invitation_is_shown_once_and_works(fresh: Joining, quick_passwords: None):
    """Code and fingerprint stand on the answer and nowhere else; the same press again makes no second invitation."""
    form = press(county=COUNTY)
    with served(fresh) as desk, desk.at("wang.sec") as security, desk.at("li.ops", "operator") as operator:
        assert "E-PAGE-060" in operator.post("/invite", data=form).text
        assert security.get("/invite").status_code == 200
        assert "E-JOIN-032" in security.post("/invite", data=press(county=COUNTY, reason=" ")).text
        assert "E-ID-" in security.post("/invite", data=press(county="999999")).text
        told = security.post("/invite", data=form)
        assert told.headers["cache-control"] == "no-store"
        code, root = re.search(_CODE, told.text)[0], re.search(_ROOT, told.text)[0]
        again = security.post("/invite", data=form)
        assert (again.status_code, "E-JOIN-046" in again.text) == (409, True)
        seen = [security.get(path).text for path in ("/joining", f"/joining/{COUNTY}", f"/counties/{COUNTY}/decide")]
        assert not any(code in text for text in [*seen, again.text])
        assert all("wang.sec" in text and "电话核实" in text for text in seen[1:])
    (row,) = rows(fresh, select(tables.invitations))
    assert row.state == "invited"
    fresh.code, fresh.root = code, root
    fresh.ask()
    fresh.hand_in()


def test_two_accounts_approve_by_what_was_read_to_them(requested: Joining, quick_passwords: None):
    """No page shows the fingerprint before; a wrong one is written down; two accounts it takes."""
    there = f"/counties/{COUNTY}/decide"
    with served(requested) as desk, desk.at("wang.sec") as first, desk.at("zhao.sec") as second:
        shown = [each.get(path).text for each in (first, second) for path in (there, f"/joining/{COUNTY}", "/joining")]
        assert not any(re.search(_KEYS, text) for text in shown)
        assert "E-JOIN-002" in first.post(f"{there}/approve", data=press(fingerprint="12345")).text
        other = press(fingerprint=codes.write_keys(b"of", b"somebody", b"else"))
        assert "E-JOIN-030" in first.post(f"{there}/approve", data=other).text
        assert "读出的指纹不符" in first.get(f"/joining/{COUNTY}").text
        form = press(fingerprint=requested.spoken)
        assert first.post(f"{there}/approve", data=form).status_code == 303
        assert "E-JOIN-046" in first.post(f"{there}/approve", data=form).text
        assert "E-JOIN-031" in first.post(f"{there}/approve", data=press(fingerprint=requested.spoken)).text
        by_command = requested.at_hub("approve", COUNTY, "--by", "王敏", "--fingerprint", requested.spoken)
        assert isinstance(by_command.exception, YunhuobanError)
        assert by_command.exception.code is approving.MIXED
        assert second.post(f"{there}/approve", data=press(fingerprint=requested.spoken)).status_code == 303
        assert re.search(_KEYS, first.get(f"/joining/{COUNTY}").text), "afterwards there is nothing to hide"
    (row,) = rows(requested, select(tables.invitations))
    assert (row.state, invitations.approvers(row)) == ("approved", ["wang.sec", "zhao.sec"])
    lines = rows(requested, select(operator_record).where(operator_record.c.what == Act.COUNTY_APPROVED.value))
    assert [(each.who, each.about) for each in lines] == [("wang.sec", COUNTY), ("zhao.sec", COUNTY)]


@pytest.mark.long
def test_a_request_is_refused_with_the_reason_that_the_county_reads(requested: Joining, quick_passwords: None):
    """One of security refuses; what was refused cannot be approved any more."""
    there = f"/counties/{COUNTY}/decide"
    with served(requested) as desk, desk.at("wang.sec") as security:
        assert security.post(f"{there}/refuse", data=press(reason="号码不对")).status_code == 303
        assert "E-JOIN-011" in security.post(f"{there}/approve", data=press(fingerprint=requested.spoken)).text
        assert security.post(f"{there}/nothing", data=press()).status_code == 404
        assert security.get("/counties/130127/decide").status_code == 404
    (row,) = rows(requested, select(tables.invitations))
    assert invitations.reason(row) == "号码不对"


@pytest.mark.long
def test_on_trial_the_machine_stands_for_both_and_the_record_says_so(requested: Joining):
    """One person tries the whole way: the second approval is written down as the second person's."""
    with served(requested) as desk:
        browser = httpx.Client(
            verify=NO_AUTHORITIES, base_url=f"http://127.0.0.1:{desk.port}", trust_env=False, follow_redirects=True
        )
        browser.get(desk.pages.access.address(desk.port))
        browser.headers[CSRF_HEADER] = desk.pages.access.csrf(browser.cookies[cookie_name(desk.port)])
        for _ in range(2):
            done = browser.post(f"/counties/{COUNTY}/decide/approve", data=press(fingerprint=requested.spoken))
            assert done.status_code == 200
        browser.close()
    (row,) = rows(requested, select(tables.invitations))
    assert (row.state, invitations.approvers(row)) == ("approved", ["desk", "second-person"])


def test_a_county_is_suspended_resumed_and_revoked_with_reasons(
    tmp_path: Path, made_active: Joining, quick_passwords: None
):
    """Each once for each press, and nothing undoes a revocation; the reasons stand on the page, with the accounts."""
    joined = made_active.copy(tmp_path / "joined")
    there = f"/counties/{COUNTY}/decide"
    with served(joined) as desk, desk.at("wang.sec") as security, desk.at("zhao.aud", "auditor") as auditor:
        assert "E-PAGE-060" in auditor.post(f"{there}/suspend", data=press()).text
        form = press(reason="密钥可能外泄")
        for _ in range(2):
            security.post(f"{there}/suspend", data=form)
        assert "E-JOIN-032" in security.post(f"{there}/resume", data=press(reason="")).text
        assert _states(joined) == ["suspended"]
        security.post(f"{there}/resume", data=press(reason="已查明"))
        assert "E-JOIN-046" in security.post(f"{there}/suspend", data=form).text
        assert _states(joined) == ["active"]
        security.post(f"{there}/revoke", data=press(reason="密钥外泄"))
        assert _states(joined) == ["revoked"]
        page = security.get(there).text
        assert "E-JOIN-036" in security.post(f"{there}/resume", data=press()).text
        assert all(text in page for text in ("密钥可能外泄", "已查明", "密钥外泄", "wang.sec"))
    assert [row.act for row in rows(joined, select(county_decisions).order_by("decided_at"))] == [
        *("suspend", "resume", "revoke")
    ]


def test_a_decision_that_cannot_be_made_leaves_no_record(requested: Joining):
    """The press is free again: a person corrects what was wrong and presses the same button of the same page."""
    store = requested.store()
    desk = Deciding(store=store, settings=HubSettings.load(requested.world.hub), clock=now)
    pressed = str(uuid.uuid4())
    with pytest.raises(YunhuobanError):
        desk.change(pressed, COUNTY, "suspend", by="wang.sec", reason="尚未加入")
    store.close()
    assert rows(requested, select(county_decisions)) == []


def _states(joining: Joining) -> list[str]:
    return [row.state for row in rows(joining, select(tables.counties.c.state))]
