"""The joining page and strangers: one refusal for all, bounded, and the county's own side of not being deceived."""

import json
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from adapters.countyit.joining.memory import Joining as Known
from adapters.countyit.joining.online import steps
from adapters.instants import now
from adapters.settings import CountySettings
from certs import keys
from hub.broker import provision
from hub.joining.online import serving
from hub.listening import bodies
from hub.listening.rates import Rates
from hub.store import tables
from pages.listening import patience
from schemas.errors import YunhuobanError
from schemas.joining.files import MAX_REQUEST_BYTES, Sealed
from schemas.joining.line import Line
from schemas.joining.wire import Question, Told
from tests.joining_page import Page, approved, asks, changed, served, set_up, until_active
from tests.joining_world import COUNTY, Joining, code_of, done


def changed_card(joining: Joining) -> bytes:
    """A card of this county's from somebody who never had an answer: another county's with its code changed."""
    from adapters import identity

    settings = CountySettings.load(joining.world.county("140881"))
    card = json.loads(identity.card(settings, identity.Identity.load(settings), now=now(), challenge=b"guessed"))
    return json.dumps(card | {"division_code": COUNTY}).encode()


@contextmanager
def as_if_the_hubs() -> Iterator[None]:
    """A page served with any certificate: what somebody would do who is not the hub."""
    known = keys.subject
    serving.keys.subject = lambda _certificate: "hub"
    try:
        yield
    finally:
        serving.keys.subject = known


REFUSED = "E-JOIN-040"


def codes_in(answer: httpx.Response) -> list[str]:
    """What a reply complains of."""
    return [each.code for each in Told.read(answer.content).problems]


def test_strangers_learn_nothing(paged: Joining):
    """One refusal, byte for byte: no invitation, a wrong code, no file at all, too large, another address, method."""
    paged.ask()
    right, wrong = paged.request.read_bytes(), changed(paged, code=b"another code....")
    strange = changed(paged, division_code="140881")
    signed = Sealed(Question(division_code=COUNTY, hub_fingerprint="-", asked_at=1).write(), "a..b").write("signature")
    with served(paged) as page:
        began = time.monotonic()
        answers = [
            page.post("request", wrong),
            page.post("request", strange),
            page.post("request", b"{}"),
            page.post("request", b"x" * (MAX_REQUEST_BYTES + 1)),
            page.post("answer", right),
            page.post("answer", wrong),
            page.post("card", b"{}"),
            page.post("card", changed_card(paged)),
            page.post("standing", signed),
            page.post("nowhere", b""),
            page.post("root", b""),
        ]
        assert time.monotonic() - began > 2.0  # a refusal takes its time, whatever it is for
        assert {each.status_code for each in answers} == {403}
        assert len({each.content for each in answers}) == 1
        assert codes_in(answers[0]) == [REFUSED]
        assert len({tuple(sorted(each.headers.keys())) for each in answers}) == 1


def test_five_wrong_codes_burn_it_here_too(paged: Joining):
    """Counted as for files that are carried; the right code is of no use afterwards, and its owner is told why."""
    paged.ask()
    wrong = changed(paged, code=b"another code....")
    with served(paged) as page:
        for _attempt in range(5):
            assert codes_in(page.post("request", wrong)) == [REFUSED]
        assert "burnt" in done(paged.at_hub("requests"))
        assert "邀请已作废" in asks(paged, "--hub", page.address)


@pytest.mark.long
def test_a_county_under_an_old_code_does_not_burn_the_new_invitation(paged: Joining):
    """It is told that its invitation is over, however often it asks, and the new one has lost no attempt."""
    with served(paged) as page:
        paged.ask()
        line = paged.line
        paged.invite()
        for _time in range(6):
            assert "邀请已作废" in asks(paged, "--hub", page.address)
        assert line != paged.line
        assert "等两个人批准" in asks(paged, paged.line)


@pytest.mark.long
def test_an_expired_invitation(paged: Joining):
    """Its owner is told; nobody else."""
    paged.ask()
    store = paged.store()
    with store.write() as tx:
        tx.execute(update(tables.invitations).values(expires_at=1))
    store.close()
    with served(paged) as page:
        assert "邀请已过期" in asks(paged, "--hub", page.address)
        assert codes_in(page.post("request", changed(paged, code=b"another code...."))) == [REFUSED]
        assert "邀请已过期" in asks(paged, "--hub", page.address)


@pytest.mark.long
def test_a_second_request_under_a_code_that_is_used(paged: Joining):
    """E-JOIN-041: two machines with one invitation; the first counts."""
    paged.ask()
    second = changed(paged, request_id="0" * 32)
    with served(paged) as page:
        assert Told.read(page.post("request", paged.request.read_bytes()).content).state == "requested"
        assert Told.read(page.post("request", paged.request.read_bytes()).content).state == "requested"
        assert codes_in(page.post("request", second)) == ["E-JOIN-041"]


@pytest.mark.long
def test_one_address_may_not_knock_without_end(paged: Joining, monkeypatch: pytest.MonkeyPatch):
    """E-JOIN-042 with the time to wait, and for `adapter join` E-JOIN-059, which it waits out."""
    paged.ask()
    monkeypatch.setattr(serving, "Rates", lambda: Rates(burst=2))
    with served(paged) as page:
        many = [page.post("request", b"x") for _knock in range(3)]
        assert [each.status_code for each in many] == [403, 403, 429]
        assert codes_in(many[-1]) == ["E-JOIN-042"]
        assert many[-1].headers["retry-after"] == "2"
        assert code_of(paged.at_county("--hub", page.address, "--once")) == "E-JOIN-059"


@pytest.mark.long
def test_knocks_come_back_with_time_and_a_network_of_ipv6_is_one():
    """Half a knock a second; the oldest address is forgotten when there are too many."""
    now_ = [0.0]
    rates = Rates(burst=2, clock=lambda: now_[0])
    assert [rates.allows("10.0.0.1") for _ in range(3)] == [True, True, False]
    assert rates.allows("10.0.0.2")
    now_[0] = 2.0
    assert [rates.allows("10.0.0.1") for _ in range(2)] == [True, False]
    assert [rates.allows(f"2001:db8::{each}") for each in range(3)] == [True, True, False]
    assert rates.allows("2001:db8:0:1::1")
    assert rates.allows("")


@pytest.mark.long
def test_a_replayed_old_or_foreign_question_is_refused(paged: Joining):
    """A question is for one hub and ten minutes, signed by the very connection key, and no answer passes as one."""
    with served(paged) as page:
        until_active(paged)
        settings = CountySettings.load(paged.county)
        good = steps._question(settings, now())
        assert Told.read(page.post("standing", good).content).state == "active"
        old = steps._question(settings, now() - timedelta(minutes=11))
        sealed = Sealed.read(good, "signature")
        foreign = sealed.body.replace(COUNTY.encode(), b"140881")
        memory_ = Known.load(settings.certificates)
        another = ("1" if memory_.hub_fingerprint[0] == "0" else "0") + memory_.hub_fingerprint[1:]
        replace(memory_, hub_fingerprint=another).save(settings.certificates)
        elsewhere = steps._question(settings, now())
        bad = [old, elsewhere, Sealed(foreign, sealed.proof).write("signature")]
        assert {page.post("standing", each).status_code for each in bad} == {403}


@pytest.mark.long
def test_another_hub_at_the_address(paged: Joining, tmp_path: Path):
    """E-JOIN-057, and nothing was sent: another root; the right root with a county's certificate, or another host's."""
    paged.ask()
    taken: list[bytes] = []
    other = Joining.make(tmp_path / "other")
    address = set_up(other)
    with served(other):
        assert code_of(paged.at_county("--hub", address, "--once")) == "E-JOIN-057"
    for subject, host in ((COUNTY, "localhost"), ("hub", "elsewhere.example")):
        address = set_up(paged, subject=subject, host=host)
        with as_if_the_hubs(), served(paged, provide=taken.append) as page:
            assert code_of(paged.at_county("--hub", page.address, "--once")) == "E-JOIN-057"
    assert "invited" in done(paged.at_hub("requests"))


@pytest.mark.long
def test_a_page_without_port_or_with_a_certificate_of_another(paged: Joining):
    """E-JOIN-043 and E-JOIN-044 when it starts, not when a county comes; E-CERT-055 for another role."""
    set_up(paged, subject=COUNTY)
    with pytest.raises(YunhuobanError) as raised, served(paged):
        pass
    assert raised.value.code.code == "E-JOIN-044"
    shutil.copy(paged.world.hub / "certs" / "signing.pem", paged.world.hub / "certs" / "page.pem")
    with pytest.raises(YunhuobanError) as raised, served(paged):
        pass
    assert raised.value.code.code == "E-CERT-055"
    settings = paged.world.hub / "hub.toml"
    settings.write_text(settings.read_text("utf-8").partition("\n[joining]")[0], "utf-8")
    paged.invite()
    assert paged.line == ""
    with pytest.raises(YunhuobanError) as raised, served(paged):
        pass
    assert raised.value.code.code == "E-JOIN-043"


@pytest.mark.long
def test_a_broker_that_cannot_be_told_is_tried_again(paged: Joining):
    """The county hears the broker's code and stays at its card; the next time it becomes active."""
    told: list[str] = []

    def provide(county: str) -> None:
        told.append(county)
        if len(told) == 1:
            raise YunhuobanError(provision.NOT_AS_ASKED, found=county)

    with served(paged, provide):
        asks(paged, paged.line)
        approved(paged)
        assert "E-BROKER-050" in asks(paged)
        assert "已加入，正常" in asks(paged)
    assert told == [COUNTY, COUNTY]


def test_a_line_for_another_county_or_cut_short(paged: Joining):
    """E-JOIN-060 and E-JOIN-004, before a key is made; lines broken by a mail program are put together again."""
    settings = paged.county / "county.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace(f'division_code = "{COUNTY}"', 'division_code = "140881"'), "utf-8")
    assert code_of(paged.at_county(paged.line, "--once")) == "E-JOIN-060"
    settings.write_text(text, "utf-8")
    other = "B" if paged.line[40] == "A" else "A"
    for spoilt in (paged.line[:-1], paged.line[:40] + other + paged.line[41:], paged.line + "AAAA"):
        assert code_of(paged.at_county(spoilt, "--once")) == "E-JOIN-004"
    assert not (paged.county / "certs").exists()
    broken = f" {paged.line[:50].lower()}\n  {paged.line[50:]} "
    assert Line.read(broken) == Line.read(paged.line)


@contextmanager
def connected(page: Page) -> Iterator[ssl.SSLSocket]:
    """A connection of somebody who is in no hurry."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, _, port = page.address.removeprefix("https://").partition(":")
    with (
        socket.create_connection((host, int(port)), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        yield wrapped


@pytest.mark.long
def test_nobody_keeps_the_page_waiting(paged: Joining, monkeypatch: pytest.MonkeyPatch):
    """A body that does not come is refused after its time, and a connection that says nothing is closed."""
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.1)
    with served(paged) as page:
        with connected(page) as slow:
            slow.sendall(b"POST /request HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{")
            assert b" 403 " in slow.recv(4096)
        monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
        with connected(page) as silent, suppress(ConnectionResetError, ssl.SSLEOFError):
            assert silent.recv(1) == b""
