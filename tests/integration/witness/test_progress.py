"""The link on a receipt: what it shows of its case, and that nothing else opens anything."""

import base64
import json
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, update

from adapters.licenses.qr import QR_ADDRESS
from adapters.scanning.progresslink import progress_link
from certs import keys, signing
from hub.store import tables
from schemas.errors import YunhuobanError
from schemas.progressclaim import ProgressClaim
from tests import around_records as of
from tests import county_world
from tests.county_records import COMPANY, NAME, supplement_request
from tests.county_world import ISSUING, WINDOW
from tests.scanning_world import answering, licensed
from tests.unit.adapters.around.saying import begin, say
from tests.witness_world import Stage

HOST = "verify.example"


def link(stage: Stage, case_no: str, county: str = WINDOW, **life: Any) -> str:
    """What stands behind the `#` of a receipt's address."""
    identity = stage.counties.network.identities[county]
    address = progress_link(identity, case_no, host=HOST, now=stage.counties.now, **life)
    page, _, fragment = address.partition("#")
    assert page == f"https://{HOST}/p"
    return fragment


def shown(stage: Stage, fragment: str, language: str = "zh") -> str:
    """The answer to the page's script."""
    return answering(stage).progress(fragment.encode(), language)


def test_whoever_holds_the_receipt_sees_steps_days_limits_and_whose_turn_it_is(stage: Stage):
    """In both languages; when the applicant has to act it says so; no name, no number but the case's."""
    case_no = stage.application()
    held = link(stage, case_no)
    assert len(held) < 500, "a QR code that a receipt's printer can draw"
    first = shown(stage, held)
    assert "属地机关正在看申请" in first
    assert "答复期限" in first
    stage.counties.issuing.source.add("supplement.requested", case_no, supplement_request())
    stage.settle()
    now, english = shown(stage, held), shown(stage, held, "en")
    assert "轮到申请人：请按补正告知补交材料" in now
    assert "applicant&#39;s turn" in english
    for text in (first, now, english):
        assert case_no in text
        assert not [word for word in (NAME, COMPANY, "第三页", "130928198") if word in text]
    assert now.count("<time") == first.count("<time") + 1


def test_an_appeal_is_followed_by_its_one_code_as_a_case_is(stage: Stage):
    """Who holds the slip sees steps, days and until when an answer is asked for; nothing of what was said, in both."""
    world = stage.counties
    number = begin(world, "appeal.raised")
    stage.settle()
    held = link(stage, number)
    first = shown(stage, held)
    assert "对方县正在办理" in first
    assert f"请对方县在 {of.appeal()['answer_until']} 前答复" in first
    say(world, ISSUING, number, "appeal.answered")
    stage.settle()
    now, english = shown(stage, held), shown(stage, held, "en")
    assert "对方县已经答复" in now
    assert "前答复" not in now
    assert now.count("<time") == first.count("<time") + 1
    for text in (first, now, english):
        assert number in text
        assert not [word for word in (of.appeal()["text"], of.appeal()["person_name"]) if word in text]
    assert (
        re.findall("[一-鿿]", re.sub(r"<[^>]+>", "", english).replace(world.counties[ISSUING].settings.name, "")) == []
    )


@pytest.mark.long
def test_a_license_on_its_way_shows_no_sheet_and_no_claim(stage: Stage):
    """Authorisations, claims and receipts between offices are no step of the applicant's."""
    paper = licensed(stage)
    text = shown(stage, link(stage, paper.case_no))
    assert "收件窗口正在打印证照" in text
    assert "证照已制成" in text
    assert "打印授权" not in text
    assert paper.identifier not in text


def test_everything_that_is_no_good_link_has_one_refusal(stage: Stage):
    """E-VIEW-003, byte for byte: forged, changed, another county's, another kind's, unknown case, expired, too long."""
    case_no = stage.application()
    good = link(stage, case_no)
    header, body, signature = good.split(".")
    identity = stage.counties.network.identities[WINDOW]
    stranger = county_world.issue(stage.counties.network.transport, county_world.Role.COUNTY_SIGNING, WINDOW)
    other_case = case_no[:-1] + ("A" if case_no[-1] != "A" else "B")

    def made(typ: signing.Typ = signing.Typ.PROGRESS, signer: Any = None, **changes: Any) -> str:
        now = stage.counties.now
        claim = {"case_no": case_no, "issued_at": now, "expires_at": now + timedelta(days=1)} | changes
        data = ProgressClaim(**claim).write()
        key, certificate = signer or identity.signer()
        token = signing.sign(data, key=key, certificate=certificate, typ=typ)
        return token.replace("..", f".{base64.urlsafe_b64encode(data).rstrip(b'=').decode()}.")

    day, now = timedelta(days=1), stage.counties.now
    changed = base64.urlsafe_b64encode(base64.urlsafe_b64decode(body + "==").replace(b'"exp":1', b'"exp":2'))
    bad = [
        "", "x", "a.b.c", "." * 1300, f"{header}..{signature}", f"{header}.{body}.{signature[:-1]}", f"{good}=",
        f"{good}.x",
        f"{header}.{changed.rstrip(b'=').decode()}.{signature}",
        link(stage, case_no, ISSUING),
        made(signing.Typ.JOIN),
        made(signer=(stranger.key, stranger.certificate)),
        made(case_no=other_case),
        made(issued_at=now - 2 * day, expires_at=now - day),
        made(issued_at=now + day, expires_at=now + 2 * day),
        made(expires_at=now + 367 * day),
        made(issued_at=now - 3 * day),  # before its certificate began
    ]  # fmt: skip
    answers = {shown(stage, each) for each in bad}
    assert len(answers) == 1
    (refusal,) = answers
    assert "E-VIEW-003" in refusal
    assert "请重新扫描回执上的二维码" in refusal
    assert "E-VIEW-003" not in shown(stage, good)
    assert "E-VIEW-003" not in shown(stage, made())


def test_a_link_ends_with_its_time_and_not_with_its_certificate(stage: Stage):
    """A year later it is over; a certificate that ended since was good when it signed."""
    case_no = stage.application()
    short = link(stage, case_no, life=timedelta(days=2))
    year = link(stage, case_no)
    stage.later(days=3)
    assert "E-VIEW-003" in shown(stage, short)
    assert "E-VIEW-003" not in shown(stage, year)
    stage.later(days=361)
    assert "E-VIEW-003" not in shown(stage, year), "the certificate has ended, the lists are old, the link stands"
    stage.later(days=2)
    assert "E-VIEW-003" in shown(stage, year)


def test_a_key_that_was_burnt_opens_nothing_any_more(stage: Stage):
    """Whoever stole it could put any date into a link: one revocation ends all that it signed."""
    case_no, now = stage.application(), stage.counties.now
    authority = stage.counties.network.transport
    second = county_world.issue(authority, county_world.Role.COUNTY_SIGNING, WINDOW)
    row = {"thumbprint": keys.thumbprint(second.certificate), "der": keys.der(second.certificate), "enrolled_at": 1}
    with stage.hub.world.store.write() as tx:
        row |= {"division_code": WINDOW, "role": "county_signing"}
        tx.execute(insert(tables.county_certificates).values(**row))
    identity: Any = SimpleNamespace(signer=lambda: (second.key, second.certificate))
    held = progress_link(identity, case_no, host=HOST, now=now).partition("#")[2]
    assert "E-VIEW-003" not in shown(stage, held)
    authority.revoke(second.certificate.serial_number, now=now + timedelta(seconds=1), reason="key_compromise")
    authority.publish_crls(now=now + timedelta(seconds=2))
    stage.later(minutes=1)
    assert "E-VIEW-003" in shown(stage, held)


@pytest.mark.long
def test_a_certificate_that_is_no_longer_of_the_county_opens_nothing(stage: Stage):
    """A connection certificate signs no link, whatever the register says of the key."""
    case_no = stage.application()
    held = link(stage, case_no)
    with stage.hub.world.store.write() as tx:
        tx.execute(update(tables.county_certificates).values(role="county_connection"))
    assert "E-VIEW-003" in shown(stage, held)


@pytest.mark.long
def test_a_link_is_made_for_a_year_at_most_and_for_a_host_that_is_one(stage: Stage):
    """Anything else is a mistake of the caller's, or of the settings: E-LIC-005."""
    identity = stage.counties.network.identities[WINDOW]
    now = stage.counties.now
    for days in (0, -1, 367):
        with pytest.raises(ValueError, match="366"):
            progress_link(identity, "x", host=HOST, now=now, life=timedelta(days=days))
    with pytest.raises(YunhuobanError) as raised:
        progress_link(identity, "x", host="evil/host", now=now)
    assert raised.value.code is QR_ADDRESS


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"case_no":"x","exp":1,"iat":1}', b'{"case_no":1,"exp":1,"iat":1}', b"x" * 201,
     b'{"case_no":"130928-20261122-000017-7","exp":1.5,"iat":1}', b'{"case_no":"a","exp":99999999999999,"iat":1}',
     json.dumps({"case_no": "130928-20261122-000017-7", "exp": 2, "iat": 1, "name": "x"}).encode()],
)  # fmt: skip
def test_a_claim_is_read_strictly(data: bytes):
    """Exactly three members, whole seconds, a real case number; else a declared error and nothing else."""
    with pytest.raises(YunhuobanError):
        ProgressClaim.read(data)
