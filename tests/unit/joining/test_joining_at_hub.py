"""What the hub refuses while a county joins, each with its code, and that it writes down what it must remember."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from adapters import identity
from adapters.settings import CountySettings
from certs import invitation, keys
from certs.authority import Authority
from certs.profiles import Role
from hub.commands import joining as commands
from hub.joining import approving, checks, requests
from hub.joining.invitations import MOST_ATTEMPTS
from hub.store import tables
from schemas import strictjson
from schemas.errors import YunhuobanError
from schemas.joining import codes
from schemas.joining.files import ROLES, Sealed
from tests.joining_world import COUNTY, Joining, code_of, done


def altered(joining: Joining, change: Callable[[dict], object], *, code: str = "") -> None:
    """The county's request with something changed, authenticated by whoever has the code."""
    sealed = Sealed.read(joining.request.read_bytes(), "mac")
    raw = strictjson.load(sealed.body)
    change(raw)
    body = strictjson.dump(raw)
    key = invitation.derive(codes.read_code(code or joining.code))
    joining.request.write_bytes(Sealed(body, invitation.mac(key, body)).write("mac"))


def row(joining: Joining):
    """The county's newest invitation as it is stored."""
    store = joining.store()
    with store.read() as tx:
        found = tx.execute(select(tables.invitations).order_by(tables.invitations.c.made_at.desc())).first()
    store.close()
    return found


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def test_the_code_is_kept_nowhere(asked: Joining):
    """Neither as it is read, nor its bytes, in any spelling: not in the hub's folder, not in the county's."""
    secret = codes.read_code(asked.code)
    wanted = [asked.code.encode(), asked.code.replace("-", "").encode(), secret, secret.hex().encode()]
    for folder in (asked.world.hub, asked.county):
        for path in folder.rglob("*"):
            data = path.read_bytes() if path.is_file() else b""
            assert [each for each in wanted if each in data] == [], path


@pytest.mark.parametrize(("county", "code"), [("130999", "E-ID-003"), ("130000", "E-ID-005"), ("13", "E-ID-001")])
def test_only_a_county_of_today_is_invited(fresh: Joining, county: str, code: str):
    """The register knows them all."""
    assert code_of(fresh.at_hub("invite", county)) == code


def test_no_second_invitation_while_a_request_waits(requested: Joining):
    """E-JOIN-010; after a refusal it is possible."""
    assert code_of(requested.at_hub("invite", COUNTY)) == "E-JOIN-010"
    done(requested.at_hub("refuse", COUNTY, "--by", "王敏", "--reason", "电话打不通"))
    requested.invite()


def test_a_new_invitation_takes_the_place_of_an_unused_one(asked: Joining):
    """The lost code is worth nothing any more."""
    asked.invite()
    assert code_of(asked.at_hub("request", str(asked.request))) == "E-JOIN-014"
    asked.ask()
    asked.hand_in()


def test_a_request_without_an_invitation(asked: Joining, fresh: Joining):
    """E-JOIN-012: another hub's, or a second one under a code that is used up."""
    assert code_of(fresh.at_hub("request", str(asked.request))) == "E-JOIN-012"
    asked.hand_in()
    assert code_of(asked.at_hub("request", str(asked.request))) == "E-JOIN-012"


def test_an_invitation_ends_after_72_hours(asked: Joining):
    """E-JOIN-013, and it stays so whatever the clock says later."""
    store = asked.store()
    with pytest.raises(YunhuobanError, match="E-JOIN-013"):
        requests.take(store, asked.request.read_bytes(), now=now() + timedelta(hours=72, seconds=1))
    with pytest.raises(YunhuobanError, match="E-JOIN-012"):
        requests.take(store, asked.request.read_bytes(), now=now())
    store.close()
    assert row(asked).state == "expired"


def test_an_expired_invitation_is_shown_as_such(asked: Joining, monkeypatch: pytest.MonkeyPatch):
    """Before anybody has written so."""
    monkeypatch.setattr(commands, "now", lambda: now() + timedelta(hours=73))
    assert "expired" in done(asked.at_hub("requests"))


def test_five_wrong_codes_burn_the_invitation(asked: Joining):
    """E-JOIN-014 four times, then E-JOIN-015; afterwards the right code is of no use either."""
    good = asked.request.read_bytes()
    said = []
    for _ in range(MOST_ATTEMPTS):
        asked.request.write_bytes(good)
        altered(asked, lambda raw: raw, code=codes.write_code(secrets.token_bytes(16)))
        said.append(code_of(asked.at_hub("request", str(asked.request))))
    assert said == ["E-JOIN-014"] * 4 + ["E-JOIN-015"]
    asked.request.write_bytes(good)
    assert code_of(asked.at_hub("request", str(asked.request))) == "E-JOIN-012"
    assert row(asked).state == "burnt"
    asked.invite()
    asked.ask()
    asked.hand_in()


WRONG = {
    "E-JOIN-023": lambda raw: raw.update(made_at=raw["made_at"] + 3_600_000),
    "E-JOIN-024": lambda raw: raw.update(contract_versions=["0.1"]),
    "E-JOIN-025": lambda raw: raw.update(contact="\u200b信息中心"),
    "E-ID-031": lambda raw: raw["offers"][0].update(service_item="123"),
    "E-CERT-006": lambda raw: raw["requests"].update(signing="-----BEGIN NOTHING-----"),
    "E-JOIN-020": lambda raw: raw["requests"].update(signing=keys.make_request(keys.generate_key(), "140881").decode()),
    "E-JOIN-021": lambda raw: raw["requests"].update(signing=raw["requests"]["connection"]),
}


def test_everything_wrong_is_said_at_once_and_can_be_corrected(asked: Joining):
    """E-JOIN-016 with every finding; the invitation is not used up, and the corrected request has the same keys."""
    good = asked.request.read_bytes()

    def several(raw: dict) -> None:
        raw.update(made_at=0, contract_versions=[], telephone=" ", authority_code="11140881MB00000009", halls=["a b"])
        raw["offers"] = [{"service_item": "1", "name": "甲"}] * 2

    altered(asked, several)
    refused = asked.at_hub("request", str(asked.request))
    assert code_of(refused) == "E-JOIN-016"
    found = {each.code.code for each in refused.exception.problems}
    assert {"E-JOIN-016", "E-JOIN-023", "E-JOIN-024", "E-JOIN-025", "E-ID-012", "E-ID-031"} == found
    assert row(asked).state == "invited"
    assert "E-JOIN-024" in asked.at_hub("requests").stderr
    before = Sealed.read(good, "mac")
    asked.ask()
    again = Sealed.read(asked.request.read_bytes(), "mac")
    assert strictjson.load(again.body)["request_id"] != strictjson.load(before.body)["request_id"]
    assert row(asked).attempts == 0
    spoken = asked.spoken
    asked.hand_in()
    assert asked.spoken == spoken


@pytest.mark.parametrize("code", WRONG)
def test_each_finding(asked: Joining, code: str):
    """The code names the place, and nothing else is complained of."""
    altered(asked, WRONG[code])
    refused = asked.at_hub("request", str(asked.request))
    assert code_of(refused) == "E-JOIN-016"
    assert [each.code.code for each in refused.exception.problems[1:]] == [code]


def test_a_key_serves_one_county_once(answered: Joining):
    """E-JOIN-022: neither another county's key nor one's own that was enrolled already."""
    answered.accept()
    done(answered.at_hub("add", str(answered.card)))
    old = strictjson.load(Sealed.read(answered.request.read_bytes(), "mac").body)["requests"]
    for path in (answered.county / "certs").iterdir():
        path.unlink() if path.is_file() else None
    answered.invite()
    answered.ask()
    altered(answered, lambda raw: raw["requests"].update(old))
    refused = answered.at_hub("request", str(answered.request))
    assert [each.code.code for each in refused.exception.problems[1:]] == ["E-JOIN-022"] * 3
    answered.ask()
    answered.hand_in()


def test_keys_of_a_county_that_was_never_invited_are_known_too(asked: Joining):
    """Those of its card: signing, connection and what its key statement names."""
    other = asked.world.county("140881") / "certs"
    own = {role: keys.load_private_key(other / f"{role}.key") for role in ROLES}
    altered(
        asked,
        lambda raw: raw.update(requests={role: keys.make_request(key, COUNTY).decode() for role, key in own.items()}),
    )
    enrol_other(asked)
    refused = asked.at_hub("request", str(asked.request))
    assert [each.code.code for each in refused.exception.problems[1:]] == ["E-JOIN-022"] * 3


def enrol_other(joining: Joining) -> None:
    """永济 by its card, as the demonstration does."""
    settings = CountySettings.load(joining.world.county("140881"))
    text = identity.card(settings, identity.Identity.load(settings), now=now())
    joining.card.write_text(text, "utf-8")
    done(joining.at_hub("add", str(joining.card)))


def test_what_is_read_aloud_must_be_right(requested: Joining):
    """E-JOIN-030: refused and written down with the name; a mistyped one is E-JOIN-002 and says nothing."""
    wrong = ("1" if requested.spoken[0] != "1" else "2") + requested.spoken[1:]
    assert code_of(requested.at_hub("approve", COUNTY, "--by", "王敏", "--fingerprint", wrong)) == "E-JOIN-030"
    assert code_of(requested.at_hub("approve", COUNTY, "--by", "王敏", "--fingerprint", "12 34")) == "E-JOIN-002"
    history = json.loads(row(requested).history)
    assert (history[-1]["act"], history[-1]["by"]) == ("wrong fingerprint", "王敏")
    assert row(requested).state == "requested"
    spaced = requested.spoken.replace("-", " ")
    done(requested.at_hub("approve", COUNTY, "--by", "王敏", "--fingerprint", spaced))


@pytest.mark.parametrize("name", ["王敏", " 王 敏 ", "王　敏"])
def test_it_takes_two_persons(requested: Joining, name: str):
    """E-JOIN-031, however the same name is typed."""
    requested.approve("王敏")
    words = ("approve", COUNTY, "--fingerprint", requested.spoken)
    assert code_of(requested.at_hub(*words, "--by", name)) == "E-JOIN-031"
    assert code_of(requested.at_hub("request-files", COUNTY, "--out", "nowhere")) == "E-JOIN-011"
    requested.approve("李强")
    assert code_of(requested.at_hub(*words, "--by", "赵六")) == "E-JOIN-011"


def test_who_and_why_must_be_said(requested: Joining):
    """E-JOIN-032."""
    for by, reason in (("", "理由"), ("王敏", " "), ("王敏", "长" * 101)):
        assert code_of(requested.at_hub("refuse", COUNTY, "--by", by, "--reason", reason)) == "E-JOIN-032"
    assert row(requested).state == "requested"


def test_nothing_to_do_for_a_county_that_was_not_invited(fresh: Joining):
    """E-JOIN-011."""
    for words in (
        ("approve", COUNTY, "--by", "王敏", "--fingerprint", "0" * 60),
        ("refuse", COUNTY, "--by", "王敏", "--reason", "无"),
        ("answer", COUNTY, "--out", str(fresh.answered)),
    ):
        assert code_of(fresh.at_hub(*words)) == "E-JOIN-011"


def test_certificates_must_be_those_requested(requested: Joining):
    """E-JOIN-033 for another key and for fewer than three; E-JOIN-034 while there are none."""
    requested.approve("王敏")
    requested.approve("李强")
    assert code_of(requested.at_hub("answer", COUNTY, "--out", str(requested.answered))) == "E-JOIN-034"
    chains = requested.certify()
    assert code_of(requested.at_hub("certificates", COUNTY, *chains[:2])) == "E-JOIN-033"
    authority = Authority.open(requested.world.folder / "authority" / "transport")
    other = authority.issue(Role.COUNTY_SIGNING, COUNTY, keys.generate_key().public_key(), now=now())
    strange = requested.world.folder / "strange.pem"
    keys.save_certificates(authority.chain(other), strange)
    assert code_of(requested.at_hub("certificates", COUNTY, *chains[:2], str(strange))) == "E-JOIN-033"
    done(requested.at_hub("certificates", COUNTY, *reversed(chains)))


def test_a_certificate_for_the_right_key_in_the_wrong_role(requested: Joining):
    """E-CERT-055: the connection key with a certificate for signing."""
    requested.approve("王敏")
    requested.approve("李强")
    store = requested.store()
    with store.read() as tx:
        _row, request = requests.accepted(tx, COUNTY, "approved")
    store.close()
    authority = Authority.open(requested.world.folder / "authority" / "transport")
    key = checks.public_keys(request)["connection"]
    wrong = requested.world.folder / "wrong.pem"
    keys.save_certificates(authority.chain(authority.issue(Role.COUNTY_SIGNING, COUNTY, key, now=now())), wrong)
    assert code_of(requested.at_hub("certificates", COUNTY, str(wrong))) == "E-CERT-055"


@pytest.mark.parametrize("spoilt", ["challenge", "none", "keys"])
def test_the_card_must_be_of_the_approved_request(answered: Joining, spoilt: str):
    """E-JOIN-035: the challenge opened, and the very keys; nobody is enrolled otherwise."""
    answered.accept()
    card = json.loads(answered.card.read_text("utf-8"))
    if spoilt == "challenge":
        card["challenge"] = strictjson.b64(secrets.token_bytes(32))
    elif spoilt == "none":
        del card["challenge"]
    else:
        del card["connection_certificate"]
    answered.card.write_text(json.dumps(card), "utf-8")
    assert code_of(answered.at_hub("add", str(answered.card))) == "E-JOIN-035"
    assert COUNTY not in done(answered.at_hub("list"))


def test_only_the_newest_answer_counts(answered: Joining):
    """Each has a challenge of its own."""
    answered.accept()
    answered.answer()
    assert code_of(answered.at_hub("add", str(answered.card))) == "E-JOIN-035"
    answered.accept()
    done(answered.at_hub("add", str(answered.card)))


def test_a_card_comes_again_and_is_renewed_without_a_challenge(answered: Joining):
    """Joining ends with the first card; renewals go on as for every county."""
    answered.accept()
    done(answered.at_hub("add", str(answered.card)))
    done(answered.at_hub("add", str(answered.card)))
    card = json.loads(answered.card.read_text("utf-8"))
    del card["challenge"]
    answered.card.write_text(json.dumps(card), "utf-8")
    done(answered.at_hub("add", str(answered.card)))


def test_an_approval_is_for_the_keys_of_this_request(requested: Joining):
    """Whoever changes the stored request changes what has to be read aloud."""
    store = requested.store()
    with store.write() as tx:
        stored = tx.execute(select(tables.invitations.c.request)).scalar_one()
        raw = strictjson.load(stored)
        raw["requests"]["signing"] = keys.make_request(keys.generate_key(), COUNTY).decode()
        tx.execute(update(tables.invitations).values(request=strictjson.dump(raw)))
    with pytest.raises(YunhuobanError, match="E-JOIN-030"):
        approving.approve(store, COUNTY, by="王敏", read_aloud=requested.spoken, now=now())
    store.close()
