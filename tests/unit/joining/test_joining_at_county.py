"""What a county refuses of an answer, and that nothing is written before everything was checked."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.countyit.joining import accepting
from adapters.countyit.joining.memory import Joining as Memory
from adapters.settings import CountySettings
from certs import keys, signing
from certs.authority import Authority
from certs.profiles import Role
from deploy.demo import world as demo
from schemas import strictjson
from schemas.joining.files import Sealed
from tests.hostile import refusal
from tests.joining_world import COUNTY, ROLES, Joining, code_of, done


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file of a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def resigned(joining: Joining, change: Callable[[dict], object], *, role: str = "signing") -> None:
    """The answer with something changed, signed by one of the hub's own keys."""
    certs = joining.world.hub / "certs"
    key, chain = keys.load_private_key(certs / f"{role}.key"), keys.load_certificates(certs / f"{role}.pem")
    raw = strictjson.load(Sealed.read(joining.answered.read_bytes(), "signature").body)
    change(raw)
    body = strictjson.dump(raw)
    token = signing.sign(body, key=key, certificate=chain[0], typ=signing.Typ.JOIN)
    joining.answered.write_bytes(Sealed(body, token).write("signature"))


def refused(joining: Joining) -> str:
    """With which code the answer is refused; nothing may have changed in the county's folder."""
    before = contents(joining.county)
    code = code_of(joining.at_county("--answer", str(joining.answered)))
    assert contents(joining.county) == before
    return code


def test_a_mistyped_code_and_a_mistyped_fingerprint(asked: Joining):
    """E-JOIN-001 and E-JOIN-002, before a key is made."""
    wrong = ("1" if asked.code[0] != "1" else "2") + asked.code[1:]
    for path in (asked.county / "certs").iterdir():
        path.unlink()
    assert code_of(asked.at_county(wrong, "--fingerprint", asked.root)) == "E-JOIN-001"
    assert code_of(asked.at_county(asked.code, "--fingerprint", asked.root[:-1])) == "E-JOIN-002"
    assert list((asked.county / "certs").iterdir()) == []
    assert asked.at_county(asked.code).exit_code != 0


def test_what_the_hub_would_refuse_is_said_before_a_key_is_made(fresh: Joining):
    """E-JOIN-016 with all findings: nobody carries a file for nothing."""
    fresh.invite()
    file = fresh.county / "county.toml"
    wrong = re.sub('contact = ".*"', 'contact = ""', file.read_text("utf-8")).replace("11130928MB00000005", "1" * 18)
    file.write_text(wrong, "utf-8")
    said = fresh.at_county(fresh.code, "--fingerprint", fresh.root)
    assert code_of(said) == "E-JOIN-016"
    assert {"E-JOIN-025", "E-ID-012"} <= {each.code.code for each in said.exception.problems}
    assert not (fresh.county / "certs").exists()


def test_keys_are_never_overwritten(answered: Joining):
    """E-JOIN-051: once certificates are installed, and for a key that no request of ours knows."""
    answered.accept()
    words = (answered.code, "--fingerprint", answered.root)
    before = contents(answered.county)
    assert code_of(answered.at_county(*words)) == "E-JOIN-051"
    assert contents(answered.county) == before
    for role in ROLES:
        (answered.county / "certs" / f"{role}.pem").unlink()
    (answered.county / "certs" / "joining.json").unlink()
    assert code_of(answered.at_county(*words)) == "E-JOIN-051"


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"state": "active"}'])
def test_an_answer_without_a_request(answered: Joining, text: str | None):
    """E-JOIN-050, also when the record is damaged."""
    record = answered.county / "certs" / "joining.json"
    if text is None:
        record.unlink()
    else:
        record.write_text(text, "utf-8")
    assert refused(answered) == "E-JOIN-050"
    assert code_of(answered.at_county()) == "E-JOIN-050"


def test_a_record_of_a_state_that_is_none(answered: Joining):
    """E-JOIN-050."""
    record = answered.county / "certs" / "joining.json"
    record.write_text(json.dumps(json.loads(record.read_text("utf-8")) | {"state": "?"}), "utf-8")
    assert code_of(answered.at_county()) == "E-JOIN-050"


def test_another_hub_with_everything_right_but_the_fingerprint(answered: Joining, tmp_path: Path):
    """E-JOIN-052: a whole forged hub, with authority, lists and certificates for our very keys."""
    forged = demo.build(tmp_path / "forged")
    authority = forged.transport
    chains = {}
    for role in ROLES:
        public = keys.load_private_key(answered.county / "certs" / f"{role}.key").public_key()
        made = authority.issue(Role(f"county_{role}"), COUNTY, public, now=datetime.now(UTC))
        chains[role] = strictjson.b64_list([keys.der(each) for each in authority.chain(made)])
    hub = forged.hub / "certs"
    signer = [*keys.load_certificates(hub / "signing.pem"), authority.root]
    lists = [path.read_bytes() for path in sorted((hub / "crl").iterdir())]
    raw = strictjson.load(Sealed.read(answered.answered.read_bytes(), "signature").body)
    raw |= {"chains": chains, "crls": strictjson.b64_list(lists)}
    raw["signer"] = strictjson.b64_list([keys.der(each) for each in signer])
    body = strictjson.dump(raw)
    token = signing.sign(
        body, key=keys.load_private_key(hub / "signing.key"), certificate=signer[0], typ=signing.Typ.JOIN
    )
    answered.answered.write_bytes(Sealed(body, token).write("signature"))
    assert refused(answered) == "E-JOIN-052"


def test_the_signer_must_be_the_hubs_signing_certificate(answered: Joining):
    """E-CERT-055 for another of the hub's own; E-JOIN-053 where the chain is not of three."""
    chain = keys.load_certificates(answered.world.hub / "certs" / "checkpoint.pem")
    roots = keys.load_certificates(answered.world.hub / "certs" / "anchors.pem")
    shown = strictjson.b64_list([keys.der(each) for each in (*chain, *roots)])
    original = answered.answered.read_bytes()
    resigned(answered, lambda raw: raw.update(signer=shown), role="checkpoint")
    assert refused(answered) == "E-CERT-055"
    answered.answered.write_bytes(original)
    resigned(answered, lambda raw: raw.update(signer=raw["signer"][:2]))
    assert refused(answered) == "E-JOIN-053"


def test_a_signature_by_another_key_or_of_another_kind(answered: Joining):
    """E-CERT-072 and E-CERT-071: no grant or directory ever passes as an answer."""
    original = answered.answered.read_bytes()
    resigned(answered, lambda raw: raw, role="checkpoint")
    assert refused(answered) == "E-CERT-072"
    sealed = Sealed.read(original, "signature")
    certs = answered.world.hub / "certs"
    token = signing.sign(
        sealed.body,
        key=keys.load_private_key(certs / "signing.key"),
        certificate=keys.load_certificates(certs / "signing.pem")[0],
        typ=signing.Typ.DIRECTORY,
    )
    answered.answered.write_bytes(Sealed(sealed.body, token).write("signature"))
    assert refused(answered) == "E-CERT-071"


def test_a_hub_certificate_that_was_revoked(answered: Joining):
    """E-CERT-053: the lists in the answer say so."""
    authority = answered.world.transport
    leaf = keys.load_certificates(answered.world.hub / "certs" / "signing.pem")[0]
    authority.revoke(leaf.serial_number, now=datetime.now(UTC), reason="key_compromise")
    lists = [keys.crl_der(each) for each in authority.publish_crls(now=datetime.now(UTC))]
    resigned(answered, lambda raw: raw.update(crls=strictjson.b64_list(lists)))
    assert refused(answered) == "E-CERT-053"


@pytest.mark.parametrize(
    "change",
    [{"request_id": "0" * 32}, {"request_sha256": "0" * 64}, {"division_code": "140881"}],
    ids=lambda each: next(iter(each)),
)
def test_only_the_answer_to_this_very_request(answered: Joining, change: dict):
    """E-JOIN-054, although the hub signed it."""
    resigned(answered, lambda raw: raw.update(change))
    assert refused(answered) == "E-JOIN-054"


def test_the_answer_to_the_request_before(answered: Joining):
    """E-JOIN-054: a corrected request leaves the earlier one behind."""
    for role in ROLES:
        assert not (answered.county / "certs" / f"{role}.pem").exists()
    done(answered.at_county(answered.code, "--fingerprint", answered.root))
    assert refused(answered) == "E-JOIN-054"


def test_certificates_for_other_keys(answered: Joining):
    """E-JOIN-055: swapped, or none at all."""
    original = answered.answered.read_bytes()
    resigned(answered, lambda raw: raw["chains"].update(signing=raw["chains"]["connection"]))
    assert refused(answered) == "E-JOIN-055"
    answered.answered.write_bytes(original)
    resigned(answered, lambda raw: raw["chains"].update(signing=[]))
    assert refused(answered) == "E-JOIN-055"


def test_a_certificate_in_another_role(answered: Joining):
    """E-CERT-055: our own encryption key, certified for signing."""
    authority = Authority.open(answered.world.folder / "authority" / "transport")
    (answered.world.folder / "authority" / "transport" / "issued.jsonl").unlink()  # it would refuse by itself
    public = keys.load_private_key(answered.county / "certs" / "encryption.key").public_key()
    made = authority.issue(Role.COUNTY_SIGNING, COUNTY, public, now=datetime.now(UTC))
    chain = strictjson.b64_list([keys.der(each) for each in authority.chain(made)])
    resigned(answered, lambda raw: raw["chains"].update(encryption=chain))
    assert refused(answered) == "E-CERT-055"


def test_a_challenge_that_does_not_open(answered: Joining):
    """E-CERT-081: nothing is installed without possession of the encryption key."""
    resigned(answered, lambda raw: raw.update(challenge=strictjson.b64(b"x" * 1200)))
    assert refused(answered) == "E-CERT-081"


def test_a_refusal_reaches_the_county_with_its_reason(requested: Joining):
    """E-JOIN-056, and the reason is there to be read; the answer to it installs nothing."""
    done(requested.at_hub("refuse", COUNTY, "--by", "王敏", "--reason", "电话号码不是县里的"))
    requested.answer()
    before = set(contents(requested.county))
    assert code_of(requested.at_county("--answer", str(requested.answered))) == "E-JOIN-056"
    assert set(contents(requested.county)) == before
    assert "电话号码不是县里的" in done(requested.at_county())
    assert Memory.load(requested.county / "certs").state == "refused"
    assert "王敏" not in requested.answered.read_text("utf-8")
    words = (requested.code, "--fingerprint", requested.root)
    assert code_of(requested.at_county(*words)) == "E-JOIN-051"


def test_a_tampered_byte_anywhere_in_an_answer(answered: Joining):
    """Refused, with nothing written, wherever it is."""
    settings, good = CountySettings.load(answered.county), answered.answered.read_bytes()
    before, now = contents(answered.county), datetime.now(UTC)
    for at in range(0, len(good), 23):
        bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        error = refusal(lambda bad=bad: accepting.accept(settings, bad, now=now))
        assert error is not None, at
        assert error.code.area in ("JOIN", "CERT"), error
    assert contents(answered.county) == before
    accepting.accept(settings, good, now=now)
