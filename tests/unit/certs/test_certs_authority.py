"""The authority: what it issues, what it refuses to issue, what it revokes and publishes."""

import itertools
import json
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from certs import crl, keys
from certs.authority import ROOT_CRL_DAYS, Authority
from certs.profiles import PROFILES, ROLE_BY_EKU, SEAL_EKU, TRIAL_EXTENSION, Role
from schemas.errors import YunhuobanError


@pytest.fixture
def own(tmp_path, now) -> Authority:
    """An authority that a test may break."""
    return Authority.create(tmp_path / "ca", kind="transport", trial=False, now=now, name="Own")


def test_the_folder_is_private(own):
    """Folders are 0700, keys and records 0600; root and issuing key lie apart."""
    own.issue(Role.HUB_SIGNING, "hub", keys.generate_key().public_key(), now=own.root.not_valid_before_utc)
    for part in ("", "root", "issuing", "crl"):
        assert stat.S_IMODE((own.folder / part).stat().st_mode) == 0o700
    for name in ("root/key.pem", "issuing/key.pem", "authority.json", "issued.jsonl"):
        assert stat.S_IMODE((own.folder / name).stat().st_mode) == 0o600


def test_it_opens_again_as_it_was(own):
    """`open` finds the same certificates, kind, trial mark and name."""
    again = Authority.open(own.folder)
    assert (again.root, again.issuing) == (own.root, own.issuing)
    assert (again.kind, again.trial, again.name) == ("transport", False, "Own")


def test_it_is_never_overwritten(own, now):
    """A second `create` in the same folder is refused, also when only the root folder is left."""
    (own.folder / "authority.json").unlink()
    with pytest.raises(YunhuobanError, match="E-CERT-030"):
        Authority.create(own.folder, kind="seal", trial=True, now=now, name="Other")
    with pytest.raises(YunhuobanError, match="E-CERT-031"):
        Authority.open(own.folder)


def test_every_certificate_is_on_record(own, now):
    """Serial, role, subject, thumbprint and the certificate itself are in issued.jsonl; serials are random."""
    issued = [own.issue(Role.COUNTY_SIGNING, "130928", keys.generate_key().public_key(), now=now) for _ in range(3)]
    lines = own.issued()
    assert [line["serial"] for line in lines] == [f"{one.serial_number:x}" for one in issued]
    assert [line["thumbprint"] for line in lines] == [keys.thumbprint(one).hex() for one in issued]
    assert {(line["role"], line["subject"]) for line in lines} == {("county_signing", "130928")}
    assert len({one.serial_number >> 64 for one in issued}) == 3


def test_records_and_numbers_survive_company(own, now):
    """Several commands at once: every certificate on record, every list number used once."""
    with ThreadPoolExecutor(4) as pool:
        key = keys.generate_key().public_key()
        list(pool.map(lambda _: own.issue(Role.HUB_SIGNING, "hub", key, now=now), range(12)))
        lists = list(pool.map(lambda _: own.publish_crls(now=now)[1], range(12)))
    assert len(own.issued()) == 12
    assert sorted(map(crl.number, lists)) == list(range(2, 14))


@pytest.mark.parametrize(
    ("role", "subject", "extra", "code"),
    [
        (Role.COUNTY_SIGNING, "hub", {}, "E-CERT-033"),
        (Role.COUNTY_CONNECTION, "1309281", {}, "E-CERT-033"),
        (Role.HUB_SIGNING, "130928", {}, "E-CERT-033"),
        (Role.BROKER, "Broker\n", {"dns": ["b.example"]}, "E-CERT-033"),
        (Role.BROKER, "broker", {}, "E-CERT-034"),
        (Role.BROKER, "broker", {"dns": ["*.example"]}, "E-CERT-034"),
        (Role.BROKER, "broker", {"addresses": ["300.1.1.1"]}, "E-CERT-034"),
        (Role.COUNTY_SIGNING, "130928", {"dns": ["b.example"]}, "E-CERT-034"),
        (Role.COUNTY_SIGNING, "130928", {"days": 0}, "E-CERT-035"),
        (Role.COUNTY_SIGNING, "130928", {"days": -1}, "E-CERT-035"),
        (Role.COUNTY_SIGNING, "130928", {"days": 398}, "E-CERT-035"),
        (Role.SEAL, "吴桥县", {}, "E-CERT-032"),
        (Role.ROOT, "Root", {}, "E-CERT-032"),
        (Role.ISSUING, "Issuing", {}, "E-CERT-032"),
    ],
)
def test_what_it_refuses_to_issue(own, now, role, subject, extra, code):
    """Wrong subjects, names, lifetimes and roles are refused, and nothing goes on record."""
    with pytest.raises(YunhuobanError, match=code):
        own.issue(role, subject, keys.generate_key().public_key(), now=now, **extra)
    assert own.issued() == []


def test_one_key_one_role(own, now):
    """A key already certified in one role is refused in another; renewal in the same role may keep it."""
    key = keys.generate_key().public_key()
    own.issue(Role.COUNTY_ENCRYPTION, "130928", key, now=now)
    own.issue(Role.COUNTY_ENCRYPTION, "130928", key, now=now)
    with pytest.raises(YunhuobanError, match="E-CERT-039"):
        own.issue(Role.COUNTY_SIGNING, "130928", key, now=now)


def test_only_p256(own, now):
    """Leaves have P-256 keys; other curves are refused at issue."""
    with pytest.raises(YunhuobanError, match="E-CERT-005"):
        own.issue(Role.HUB_SIGNING, "hub", ec.generate_private_key(ec.SECP384R1()).public_key(), now=now)


def test_a_leaf_never_outlives_its_issuer(own, now):
    """Issued near the end of the issuing certificate, a leaf ends with it."""
    late = own.issuing.not_valid_after_utc - timedelta(days=10)
    leaf = own.issue(Role.HUB_SIGNING, "hub", keys.generate_key().public_key(), now=late)
    assert leaf.not_valid_after_utc == own.issuing.not_valid_after_utc


def test_a_seal_certificate(tmp_path, now):
    """The seal authority issues seals only: non-repudiation only, the seal's own EKU only."""
    seals = Authority.create(tmp_path / "seal", kind="seal", trial=True, now=now, name="Seals")
    leaf = seals.issue(Role.SEAL, "吴桥县行政审批局", keys.generate_key().public_key(), now=now)
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    ekus = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert usage.content_commitment
    assert not usage.digital_signature
    assert [eku.dotted_string for eku in ekus] == [SEAL_EKU]
    with pytest.raises(YunhuobanError, match="E-CERT-032"):
        seals.issue(Role.HUB_SIGNING, "hub", keys.generate_key().public_key(), now=now)


def test_the_trial_mark_is_on_everything(own, trial_authority, now):
    """Root, issuing and leaf of a trial authority carry the extension; of a production authority none does."""
    for authority, trial in ((own, False), (trial_authority, True)):
        leaf = authority.issue(Role.HUB_CHECKPOINT, "hub", keys.generate_key().public_key(), now=now)
        for certificate in (authority.root, authority.issuing, leaf):
            assert any(one.oid == TRIAL_EXTENSION for one in certificate.extensions) is trial


def test_lists_rise_and_hold(own, now):
    """Numbers rise by one over re-opening; the issuing list holds 14 days, the root list ROOT_CRL_DAYS."""
    first = own.publish_crls(now=now)
    second = Authority.open(own.folder).publish_crls(now=now)
    assert [crl.number(b) - crl.number(a) for a, b in zip(first, second, strict=True)] == [1, 1]
    assert [crl.next_update_at(one) - now for one in second] == [timedelta(days=ROOT_CRL_DAYS), timedelta(days=14)]
    assert crl.load(own.folder / "crl" / "issuing.crl") == second[1]
    assert crl.load(own.folder / "crl" / "root.crl") == second[0]


def test_revoking(own, now):
    """Unknown serials and reasons are refused; a second revocation does not move the date."""
    leaf = own.issue(Role.HUB_SIGNING, "hub", keys.generate_key().public_key(), now=now)
    with pytest.raises(YunhuobanError, match="E-CERT-036"):
        own.revoke(1, now=now, reason="superseded")
    with pytest.raises(YunhuobanError, match="E-CERT-037"):
        own.revoke(leaf.serial_number, now=now, reason="dislike")
    own.revoke(leaf.serial_number, now=now, reason="superseded")
    own.revoke(leaf.serial_number, now=now + timedelta(days=1), reason="key_compromise")
    entry = own.publish_crls(now=now)[1].get_revoked_certificate_by_serial_number(leaf.serial_number)
    assert entry.revocation_date_utc == now
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.superseded


def test_the_root_key_in_its_safe(own, now):
    """Without the root key daily lists go on; revoking the issuing certificate then asks for the key."""
    away = own.folder / "root" / "key.pem"
    kept = away.read_bytes()
    away.unlink()
    old_root = crl.load(own.folder / "crl" / "root.crl")
    assert own.publish_crls(now=now + timedelta(days=1))[0] == old_root
    own.revoke(own.issuing.serial_number, now=now, reason="key_compromise")
    with pytest.raises(YunhuobanError, match="E-CERT-038"):
        own.publish_crls(now=now)
    away.write_bytes(kept)
    root_list, _ = own.publish_crls(now=now)
    assert root_list.get_revoked_certificate_by_serial_number(own.issuing.serial_number) is not None


def test_the_issuing_key_away(own, now):
    """Without the issuing key nothing is issued and the error says which file is wanted."""
    (own.folder / "issuing" / "key.pem").unlink()
    with pytest.raises(YunhuobanError, match="E-CERT-038") as caught:
        own.issue(Role.HUB_SIGNING, "hub", keys.generate_key().public_key(), now=now)
    assert caught.value.place == "issuing/key.pem"


def test_a_torn_record_is_noticed(own, now):
    """A half line in the record stops the authority instead of forgetting a certificate."""
    with (own.folder / "issued.jsonl").open("a") as file:
        file.write(json.dumps({"serial": "1"})[:-3] + "\n")
    with pytest.raises(YunhuobanError, match="E-CERT-031"):
        own.revoke(1, now=now, reason="superseded")


def test_profiles_have_usages_of_their_own():
    """No two leaf roles share an EKU, and every leaf has one that tools with 31-bit arcs can read."""
    leaves = [profile for profile in PROFILES.values() if not profile.is_authority]
    assert len(ROLE_BY_EKU) == len(leaves)
    arcs = itertools.chain.from_iterable(profile.eku.split(".") for profile in leaves)
    assert max(map(int, arcs)) < 2**28


def test_hashed_lists_are_where_openssl_looks(own, tmp_path, now):
    """The names are OpenSSL's subject hashes, the content is PEM, a second writing replaces the first."""
    folder = tmp_path / "hashed"
    authorities = [own.root, own.issuing]
    written = crl.write_hashed_crls(folder, authorities, own.publish_crls(now=now))
    assert crl.write_hashed_crls(folder, authorities, own.publish_crls(now=now)) == written
    assert sorted(folder.iterdir()) == sorted(written)
    for path in written:
        done = subprocess.run(
            ["openssl", "crl", "-in", str(path), "-hash", "-noout"], capture_output=True, text=True, check=True
        )
        assert path.name == f"{done.stdout.strip()}.r0"

    assert crl.number(x509.load_pem_x509_crl(written[0].read_bytes())) >= 1


def test_foreign_lists_are_not_laid_out(own, trial_authority, tmp_path, now):
    """A list that none of the authorities signed is refused before anything is written."""
    with pytest.raises(YunhuobanError, match="E-CERT-020"):
        crl.write_hashed_crls(tmp_path / "hashed", [own.root], trial_authority.publish_crls(now=now))
    assert not (tmp_path / "hashed").exists()


def test_a_request_proves_its_key(own):
    """Subject and key come back; a request whose signature is another's is refused."""
    key = keys.generate_key()
    assert keys.open_request(keys.make_request(key, "130928")) == ("130928", key.public_key())
