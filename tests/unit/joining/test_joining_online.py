"""Joining over the network, with the page served as in earnest: the whole way, interrupted, refused, suspended."""

import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from adapters.countyit.joining import memory, telling
from adapters.countyit.joining.memory import Joining as Known
from adapters.countyit.joining.online import steps, waiting
from adapters.countyit.joining.online.door import TRANSIENT
from adapters.instants import now
from adapters.settings import CountySettings
from hub.joining import listing
from hub.settings import HubSettings
from hub.web.joiningview import JoiningRow
from schemas.errors import YunhuobanError
from schemas.joining.wire import Told
from tests.databases import Databases
from tests.joining_page import approved, asks, at_door, changed, served, until_active
from tests.joining_world import COUNTY, Joining, code_of, done
from tests.unit.joining.test_joining_again import revoke_certificates


def at_hub(joining: Joining) -> JoiningRow:
    """What the hub's pages show of the county."""
    store = joining.store()
    with store.read() as tx:
        (listed,), under_way = listing.joinings(tx, now()), listing.under_way(tx, now())
        shown = listing.joining(tx, COUNTY, now())
        assert listing.joining(tx, "140881", now()) is None
    store.close()
    assert shown is not None
    assert listed == replace(shown, keys_fingerprint="")
    assert under_way == ([] if shown.state == "active" else [listed])
    return shown


def test_one_line_and_nothing_carried(paged: Joining, databases: Databases, tmp_path: Path):
    """Pasted once, then asked again and again: each state of the hub's, and the county is active and provided for."""
    settings = paged.world.hub / "hub.toml"
    settings.write_text(f'store_url = "{databases.make(tmp_path)}"\n{settings.read_text("utf-8")}', "utf-8")
    paged.invite()
    with served(paged) as page:
        assert paged.code not in paged.line
        assert "申请已交，等两个人批准" in asks(paged, paged.line)
        paged.spoken = Known.load(paged.county / "certs").keys_fingerprint
        paged.approve("王敏")
        assert "一个人已批准" in asks(paged)
        shown = at_hub(paged)
        assert (shown.state, shown.name, shown.approved_by) == ("approved_once", "吴桥县", ["王敏"])
        assert shown.keys_fingerprint == paged.spoken
        paged.approve("李强")
        assert "已批准，等证书" in asks(paged, paged.line)  # the line once more: no second request
        done(paged.at_hub("certificates", COUNTY, *paged.certify()))
        assert page.provided == []
        assert at_hub(paged).state == "answered"
        assert "已加入，正常" in asks(paged)
        assert page.provided == [COUNTY]
        assert at_hub(paged).state == "active"
        assert "active" in done(paged.at_hub("list"))
        assert CountySettings.load(paged.county).hub.urls == (f"localhost:{paged.world.amqps_port}",)
        assert "已加入，正常" in asks(paged)
    for file in [*paged.world.hub.rglob("*"), *paged.county.rglob("*")]:
        if file.is_file():
            assert paged.code.replace("-", "").encode() not in file.read_bytes()
            assert paged.code.encode() not in file.read_bytes()


@pytest.mark.long
def test_code_fingerprint_and_address_typed(paged: Joining):
    """What the line holds may be typed, too; an address that is none is E-JOIN-005, before a key is made."""
    words = (paged.code, "--fingerprint", paged.root, "--hub")
    assert code_of(paged.at_county(*words, "http://hub.example")) == "E-JOIN-005"
    assert not (paged.county / "certs" / "signing.key").exists()
    with served(paged) as page:
        assert "等两个人批准" in asks(paged, *words, page.address.upper().replace("HTTPS", "https") + "/")


@pytest.mark.long
def test_a_request_that_was_carried_goes_on_over_the_network(paged: Joining):
    """And the other way round: the page knows the county by the very same file."""
    paged.ask()
    paged.hand_in()
    with served(paged) as page:
        assert "等两个人批准" in asks(paged, "--hub", page.address)


@pytest.mark.long
def test_waiting_shows_each_change_and_ends_by_itself(paged: Joining):
    """It outlasts a hub that is away; every pause is another one, and none longer than the longest."""
    settings = CountySettings.load(paged.county)
    shown: list[waiting.Pause] = []
    with served(paged):
        asks(paged, paged.line)
    paged.spoken = Known.load(paged.county / "certs").keys_fingerprint

    def act(pause: waiting.Pause) -> None:
        shown.append(pause)
        if len(shown) == 2:
            page.__enter__()
        if len(shown) == 4:
            paged.approve("王敏")
            paged.approve("李强")
            done(paged.at_hub("certificates", COUNTY, *paged.certify()))

    page = served(paged)
    with at_door(paged) as door:
        told = waiting.wait(
            lambda: steps.advance(settings, door, now=now()),
            transient=lambda error: error.code in TRANSIENT,
            pause=act,
            first_seconds=0.01,
        )
    page.__exit__(None, None, None)
    assert told.state == "active"
    assert [each.trouble.code.code if each.trouble else each.told and each.told.state for each in shown] == [
        "E-JOIN-058",
        "E-JOIN-058",
        "requested",
        "requested",
    ]
    assert len({each.seconds for each in shown}) == 4


@pytest.mark.long
def test_the_pauses_grow_to_a_minute():
    """Five seconds at first; E-JOIN-006 is nothing that passes by itself."""
    pauses: list[float] = []
    answers = iter([Told(state="requested")] * 20 + [Told(state="active")])
    waiting.wait(lambda: next(answers), transient=lambda _: False, pause=lambda each: pauses.append(each.seconds))
    assert 2.5 <= pauses[0] <= 5.0
    assert 30.0 <= pauses[-1] <= 60.0

    def broken() -> Told:
        return Told.read(b"<html>")

    with pytest.raises(YunhuobanError) as raised:
        waiting.wait(broken, transient=lambda error: error.code in TRANSIENT, pause=lambda _: None)
    assert raised.value.code.code == "E-JOIN-006"


@pytest.mark.long
def test_an_answer_that_was_made_anew_is_fetched_anew(paged: Joining):
    """Cut off between answer and card: a card that a newer answer made void is replaced by the county itself."""
    with served(paged):
        asks(paged, paged.line)
        approved(paged)
        settings = CountySettings.load(paged.county)
        with at_door(paged) as door:
            answer = door.answer(memory.read_request(settings.certificates))
        assert isinstance(answer, bytes)
        paged.answered.write_bytes(answer)
        done(paged.at_county("--answer", str(paged.answered)))
        paged.answer()
        assert "已加入，正常" in asks(paged)


@pytest.mark.long
def test_a_refusal_shows_its_reason(paged: Joining):
    """And is remembered: afterwards the county knows it without asking."""
    with served(paged):
        asks(paged, paged.line)
        done(paged.at_hub("refuse", COUNTY, "--by", "王敏", "--reason", "电话里找不到联系人"))
        assert "电话里找不到联系人" in asks(paged)
    said = done(paged.at_county())
    assert "电话里找不到联系人" in said
    assert "中枢退回了申请" in said


@pytest.mark.long
def test_findings_are_said_at_the_county(paged: Joining):
    """In the hub's words, in both languages; the same line makes the corrected request with the same keys."""
    paged.line, line = "", paged.line
    with served(paged):
        paged.ask()
        before = (paged.county / "certs" / "signing.key").read_bytes()
        tampered = changed(paged, contract_versions=["9.9"])
        memory.keep_request(paged.county / "certs", tampered)
        said = asks(paged, "--hub", HubSettings.load(paged.world.hub).joining.address)
        for word in ("E-JOIN-024", "共同的标准版本", "contract_versions", "改正 county.toml"):
            assert word in said
        memory.keep_request(paged.county / "certs", b"lost")
        assert "等两个人批准" in asks(paged, line)
        assert (paged.county / "certs" / "signing.key").read_bytes() == before


def test_suspended_and_revoked_are_told_to_whoever_proves_its_key(paged: Joining):
    """`adapter join` alone says so, and how the connection certificate stands; the state is remembered for the page."""
    with served(paged) as page:
        until_active(paged)
        done(paged.at_hub("state", COUNTY, "suspended"))
        assert "已被停用" in asks(paged)
        assert json.loads(Known.load(paged.county / "certs").told)["state"] == "suspended"
        done(paged.at_hub("state", COUNTY, "active"))
        assert "已加入，正常" in asks(paged)
        revoke_certificates(paged, [paged.county / "certs" / "connection.pem"])
        assert "E-CERT-053" in asks(paged)
        done(paged.at_hub("state", COUNTY, "revoked"))
        assert "已被撤销" in asks(paged)
        assert page.provided == [COUNTY]  # not again, nor for a county that is suspended


def test_ctrl_c_loses_nothing(paged: Joining, monkeypatch: pytest.MonkeyPatch):
    """Whoever stops waiting is told how to go on, and goes on."""

    def stopped(_seconds: float) -> None:
        raise KeyboardInterrupt

    with served(paged):
        monkeypatch.setattr(telling, "time", SimpleNamespace(monotonic=time.monotonic, sleep=stopped))
        said = done(paged.at_county(paged.line))
        assert "申请已交，等两个人批准" in said
        assert "以后运行 adapter join 接着等" in said
        approved(paged)
        assert "已加入，正常" in done(paged.at_county())
