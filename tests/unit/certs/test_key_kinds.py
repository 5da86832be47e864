"""The kind of a key is data in its profile: a changed profile is honoured by everything that makes or judges keys."""

import ssl
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from typer.testing import CliRunner

from certs import authority as authority_module
from certs import cli, contexts, crl, encryption, keys, profiles, renewal, signing
from certs.algorithms import KeyKind, kind_of
from certs.authority import Authority
from certs.chain import TrustStore
from certs.profiles import Role
from schemas.errors import YunhuobanError

MESSAGE_ROLES = {Role.HUB_CHECKPOINT, Role.HUB_SIGNING, Role.COUNTY_SIGNING, Role.COUNTY_ENCRYPTION}


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every profile that the contract leaves free asks for P-384."""
    other = {
        role: profile if role in MESSAGE_ROLES else replace(profile, key_kind=KeyKind.P384)
        for role, profile in profiles.PROFILES.items()
    }
    for module in (profiles, authority_module, cli, renewal):
        monkeypatch.setattr(module, "PROFILES", MappingProxyType(other))


def test_a_network_of_another_kind_is_only_another_profile(changed: None, now, tmp_path: Path):
    """Root, issuing key, lists and leaves follow; the chain is good; TLS between two such holders stands."""
    ca = Authority.create(tmp_path / "ca", kind="transport", trial=True, now=now, name="P384")
    assert {kind_of(each.public_key()) for each in (ca.root, ca.issuing)} == {KeyKind.P384}
    lists = ca.publish_crls(now=now)
    assert all(crl.is_signed_by(one, by) for one, by in zip(lists, (ca.root, ca.issuing), strict=True))
    trust = TrustStore([ca.root], [ca.issuing], lists, trial=True)
    for role, subject in ((Role.COUNTY_CONNECTION, "130928"), (Role.BROKER, "hub")):
        key = keys.generate_key(profiles.PROFILES[role].key_kind)
        dns = ("localhost",) if role is Role.BROKER else ()
        leaf = ca.issue(role, subject, key.public_key(), now=now, dns=dns)
        assert trust.facts([leaf], at=now).standing(role) == "good"
        assert leaf.signature_hash_algorithm.name == "sha384"
        keys.save_private_key(key, tmp_path / f"{role}.key")
        keys.save_certificates(ca.chain(leaf), tmp_path / f"{role}.pem")
    keys.save_certificates([ca.root], tmp_path / "anchors.pem")
    client = contexts.client_context(
        tmp_path / "anchors.pem", tmp_path / "county_connection.pem", tmp_path / "county_connection.key"
    )
    assert client.verify_mode is ssl.CERT_REQUIRED


def test_the_old_kind_is_refused_for_new_certificates_and_good_to_its_end(
    now, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    """What was issued under the old profile stays good; a new request with an old kind of key is E-CERT-005."""
    ca = Authority.create(tmp_path / "ca", kind="transport", trial=True, now=now, name="Mixed")
    key = keys.generate_key()
    old = ca.issue(Role.COUNTY_CONNECTION, "130928", key.public_key(), now=now)
    request.getfixturevalue("changed")
    trust = TrustStore([ca.root], [ca.issuing], ca.publish_crls(now=now), trial=True)
    assert trust.facts([old], at=now).standing(Role.COUNTY_CONNECTION) == "good"
    with pytest.raises(YunhuobanError, match="E-CERT-005"):
        ca.issue(Role.COUNTY_CONNECTION, "130928", keys.generate_key().public_key(), now=now)
    with pytest.raises(YunhuobanError, match="E-CERT-005"):
        keys.open_request(keys.make_request(key, "130928"), KeyKind.P384)


def test_a_request_is_made_of_the_kind_that_its_role_asks_for(changed: None, tmp_path: Path):
    """`certs request --role`."""
    words = ["request", "130928", "--key", str(tmp_path / "k.pem"), "--out", str(tmp_path / "r.pem")]
    assert CliRunner().invoke(cli.app, [*words, "--role", "county_connection"]).exit_code == 0
    assert kind_of(keys.load_private_key(tmp_path / "k.pem")) is KeyKind.P384


def test_what_travels_in_messages_is_fixed_by_the_contract(authority: Authority, now, monkeypatch: pytest.MonkeyPatch):
    """ES256 and the suite `p256-1`: a key of another kind neither signs nor is encrypted for, in any profile."""
    assert {profiles.PROFILES[role].key_kind for role in MESSAGE_ROLES} == {KeyKind.P256}
    signs, opens = (
        MappingProxyType({role: replace(profiles.PROFILES[role], key_kind=KeyKind.P384)})
        for role in (Role.COUNTY_SIGNING, Role.COUNTY_ENCRYPTION)
    )
    key = keys.generate_key(KeyKind.P384)
    monkeypatch.setattr(authority_module, "PROFILES", signs)
    signer = authority.issue(Role.COUNTY_SIGNING, "130928", key.public_key(), now=now)
    with pytest.raises(YunhuobanError, match="E-CERT-005"):
        signing.sign(b"x", key=key, certificate=signer, typ=signing.Typ.ENVELOPE)
    monkeypatch.setattr(authority_module, "PROFILES", opens)
    other = keys.generate_key(KeyKind.P384)
    recipient = authority.issue(Role.COUNTY_ENCRYPTION, "130928", other.public_key(), now=now)
    with pytest.raises(YunhuobanError, match="E-CERT-005"):
        encryption.encrypt(encryption.prepare(b"x"), recipient, bytes(32))
