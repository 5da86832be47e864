"""A county's certificates are renewed on the word of the key it has, and of nobody else's."""

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from certs import cli, crl, keys, renewal, signing
from certs.authority import Authority
from certs.chain import TrustStore
from certs.profiles import PROFILES, Role
from schemas.errors import YunhuobanError
from schemas.renewing.files import ROLES, RenewalAnswer, RenewalRequest, SignedRequest

COUNTY = "130928"
LATER = timedelta(days=300)


@pytest.fixture
def ca(tmp_path: Path, now: datetime) -> Authority:
    """An authority of the test's own."""
    return Authority.create(tmp_path / "ca", kind="transport", trial=False, now=now, name="Renewing")


def holder(ca: Authority, now: datetime, *, role: Role = Role.COUNTY_SIGNING, county: str = COUNTY) -> SimpleNamespace:
    """A key and its certificate."""
    key = keys.generate_key()
    return SimpleNamespace(key=key, certificate=ca.issue(role, county, key.public_key(), now=now))


def asked(signer: SimpleNamespace, *, made: dict[str, keys.PrivateKey] | None = None, county: str = COUNTY) -> bytes:
    """A request file signed by this key; `made` are the new keys."""
    made = made or {name: keys.generate_key() for name in ROLES}
    body = RenewalRequest(
        division_code=county,
        signer=keys.der(signer.certificate),
        requests={name: keys.make_request(key, county).decode() for name, key in made.items()},
        made_at=1,
    ).write()
    signed = signing.sign(body, key=signer.key, certificate=signer.certificate, typ=signing.Typ.RENEWAL)
    return SignedRequest(body, signed).write()


def refused(ca: Authority, data: bytes, now: datetime) -> str:
    """The code by which a file is refused, and that nothing was issued for it."""
    before = len(ca.issued())
    with pytest.raises(YunhuobanError) as caught:
        renewal.answer(ca, data, now=now)
    assert len(ca.issued()) == before
    return caught.value.code.code


def test_the_old_key_gets_three_new_certificates_and_the_old_stay_good(ca: Authority, now: datetime):
    """Each is good in its role; both generations hold side by side; the same file once more brings the same answer."""
    signer = holder(ca, now)
    data = asked(signer)
    at = now + LATER
    made = renewal.answer(ca, data, now=at)
    assert RenewalAnswer.read(made.write()) == made
    trust = TrustStore([ca.root], [ca.issuing], ca.publish_crls(now=at), trial=False)
    for name, chain in made.chains.items():
        new = [keys.certificate_from_der(der) for der in chain]
        assert trust.facts(new, at=at).standing(renewal.role(name)) == "good"
    assert trust.facts([signer.certificate], at=at).standing(Role.COUNTY_SIGNING) == "good"
    issued = len(ca.issued())
    assert renewal.answer(ca, data, now=at) == made
    assert len(ca.issued()) == issued


def test_a_run_that_was_cut_short_goes_on(ca: Authority, now: datetime, monkeypatch: pytest.MonkeyPatch):
    """After the first certificate the machine dies: the same file brings the other two, and no second first one."""
    data = asked(holder(ca, now))
    real, calls = Authority.issue, []

    def once(self, role, *given, **named):
        if calls:
            raise KeyboardInterrupt
        calls.append(role)
        return real(self, role, *given, **named)

    monkeypatch.setattr(Authority, "issue", once)
    with pytest.raises(KeyboardInterrupt):
        renewal.answer(ca, data, now=now)
    monkeypatch.undo()
    made = renewal.answer(ca, data, now=now)
    assert sorted(made.chains) == sorted(ROLES)
    assert len(ca.issued()) == 1 + len(ROLES)


def test_who_may_not_renew(ca: Authority, trial_authority: Authority, now: datetime):
    """E-RENEW-010: revoked, expired, not yet in force, of another role, of another county, of another authority."""
    revoked = holder(ca, now)
    ca.revoke(revoked.certificate.serial_number, now=now, reason="key_compromise")
    cases = {
        "revoked": (revoked, COUNTY, now),
        "expired": (holder(ca, now), COUNTY, now + timedelta(days=400)),
        "not yet": (holder(ca, now), COUNTY, now - timedelta(days=1)),
        "connection": (holder(ca, now, role=Role.COUNTY_CONNECTION), COUNTY, now),
        "other county": (holder(ca, now, county="140881"), COUNTY, now),
        "other authority": (holder(trial_authority, now), COUNTY, now),
    }
    for name, (signer, county, at) in cases.items():
        assert refused(ca, asked(signer, county=county), at) == "E-RENEW-010", name


def test_a_request_that_is_not_what_was_signed(ca: Authority, now: datetime):
    """One changed character, another's signature, a half file, noise: refused, each by its code."""
    signer, other = holder(ca, now), holder(ca, now)
    data = asked(signer)
    body, signature = SignedRequest.read(data).body, SignedRequest.read(asked(other)).signature
    changed = SignedRequest(body.replace(b'"made_at":1', b'"made_at":2'), SignedRequest.read(data).signature)
    assert refused(ca, changed.write(), now) == "E-CERT-073"
    assert refused(ca, SignedRequest(body, signature).write(), now) == "E-CERT-072"
    for noise in (b"", data[:-1], b"[]", data + b"\n", b"\xff" * 10, b"{}", b"x" * (200 * 1024)):
        assert refused(ca, noise, now) == "E-RENEW-001"


def test_a_key_that_was_seen_before_is_not_renewed(ca: Authority, now: datetime):
    """E-RENEW-011: the key in force once more, one key for two roles; a request for another county."""
    signer = holder(ca, now)
    new = {name: keys.generate_key() for name in ROLES}
    assert refused(ca, asked(signer, made=new | {"signing": signer.key}), now) == "E-RENEW-011"
    assert refused(ca, asked(signer, made=new | {"signing": new["connection"]}), now) == "E-RENEW-011"
    elsewhere = RenewalRequest(
        division_code=COUNTY,
        signer=keys.der(signer.certificate),
        requests={name: keys.make_request(key, "140881").decode() for name, key in new.items()},
        made_at=1,
    ).write()
    token = signing.sign(elsewhere, key=signer.key, certificate=signer.certificate, typ=signing.Typ.RENEWAL)
    assert refused(ca, SignedRequest(elsewhere, token).write(), now) == "E-RENEW-011"


def test_a_folder_of_requests_is_worked_off(ca: Authority, tmp_path: Path):
    """The good are answered, the bad are named on standard error, and the exit status says that there were some."""
    present = datetime.now().astimezone()
    inbox, out = tmp_path / "in", tmp_path / "out"
    inbox.mkdir()
    (inbox / "good.json").write_bytes(asked(holder(ca, present)))
    (inbox / "bad.json").write_bytes(b"{}")
    done = CliRunner().invoke(cli.app, ["renew", str(ca.folder), str(inbox), "--out", str(out)])
    assert done.exit_code == 1
    assert "E-RENEW-001" in done.stderr
    assert "bad.json" in done.stderr
    (written,) = out.iterdir()
    assert written.name.startswith(f"{COUNTY}-")
    assert RenewalAnswer.read(written.read_bytes()).division_code == COUNTY


def test_when_it_is_time_stands_in_the_profile(ca: Authority, now: datetime):
    """Three quarters of its life, and a warning a month before its end."""
    profile = PROFILES[Role.COUNTY_SIGNING]
    planned = renewal.span(holder(ca, now).certificate)
    assert planned.renew_at - planned.begins_at == (planned.ends_at - planned.begins_at) * profile.renew_percent / 100
    assert not planned.warns(planned.ends_at - timedelta(days=profile.warn_days, hours=1))
    assert planned.warns(planned.ends_at - timedelta(days=profile.warn_days - 1))
    assert planned.days_left(planned.ends_at + timedelta(days=2)) == -2


def test_a_list_is_late_long_before_its_end(ca: Authority, now: datetime):
    """The daily list at two days' age; the root's, whose key is in a safe for half a year, a month before its end."""
    root, issuing = ca.publish_crls(now=now)
    day = timedelta(days=1)
    assert [crl.is_late(issuing, now=now + days * day) for days in (0, 1.9, 2.1, 13)] == [False, False, True, True]
    assert [crl.is_late(root, now=now + days * day) for days in (2.1, 150, 161, 189)] == [False, False, True, True]
