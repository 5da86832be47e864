"""What can be said of a chain at a time, and what can never be said."""

import os
import subprocess
import sys
import textwrap
import time
from datetime import timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from certs import chain, keys, policy
from certs.authority import Authority
from certs.chain import TrustStore
from certs.profiles import CLIENT_AUTH, PROFILES, SERVER_AUTH, Role
from schemas.errors import YunhuobanError

SIGNING = PROFILES[Role.COUNTY_SIGNING].eku


def leaf_extensions() -> list[tuple[x509.ExtensionType, bool]]:
    """Exactly the profile: constraints, key usage, extended key usage."""
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage, True),
        (x509.ExtendedKeyUsage([x509.ObjectIdentifier(SIGNING)]), False),
    ]


def test_good_leaf(store, signer, now):
    """A certificate issued for a role is good in that role, with subject, thumbprint and dates as issued."""
    facts = store.facts(signer.chain, at=now)
    assert facts.standing(Role.COUNTY_SIGNING) == "good"
    assert facts.reason is facts.reason_for(Role.COUNTY_SIGNING) is None
    assert (facts.subject, facts.trial, facts.revocation, facts.chain_problems) == ("130928", False, "good", ())
    assert facts.thumbprint == keys.thumbprint(signer.certificate)
    assert facts.not_after_at == signer.certificate.not_valid_after_utc
    facts.demand(Role.COUNTY_SIGNING)


def test_the_leaf_alone_is_enough_where_the_issuing_certificate_is_known(store, signer, now):
    """The intermediates of the store complete a chain that holds only the leaf."""
    assert store.facts([signer.certificate], at=now).standing(Role.COUNTY_SIGNING) == "good"


def test_every_other_role_is_refused(store, signer, now):
    """One certificate has one role: in each of the others it is refused as ROLE_WRONG."""
    facts = store.facts(signer.chain, at=now)
    for role in set(Role) - {Role.COUNTY_SIGNING}:
        assert facts.standing(role) == "refused"
        assert facts.reason_for(role) is chain.ROLE_WRONG
        with pytest.raises(YunhuobanError, match="E-CERT-055"):
            facts.demand(role)


@pytest.mark.parametrize("role", [role for role, profile in PROFILES.items() if profile.parent is Role.ISSUING])
def test_every_transport_role_is_recognised(authority, store, now, role):
    """Each leaf profile of the transport authority, once issued, is found again and nothing else is."""
    subject = {"hub": "hub", r"[0-9]{6}": "140881"}.get(PROFILES[role].subject_shape, "hub")
    dns = ["broker.example"] if PROFILES[role].needs_san else []
    certificate = authority.issue(role, subject, keys.generate_key().public_key(), now=now, dns=dns)
    facts = store.facts(authority.chain(certificate), at=now)
    assert (facts.role, facts.standing(role)) == (role, "good")


@pytest.mark.parametrize(
    ("shift", "code"),
    [(timedelta(minutes=-6), chain.NOT_YET_VALID), (timedelta(days=398), chain.EXPIRED)],
)
def test_outside_its_dates_it_is_refused(store, signer, now, shift, code):
    """Validity is judged at the time asked for, also when the chain is already remembered."""
    store.facts(signer.chain, at=now)
    facts = store.facts(signer.chain, at=now + shift)
    assert facts.standing(Role.COUNTY_SIGNING) == "refused"
    assert facts.reason is code
    assert store.facts(signer.chain, at=now).standing(Role.COUNTY_SIGNING) == "good"


def test_first_seen_outside_its_dates(store, signer, now):
    """A chain first met after its end is remembered as expired then, and good for a time within its dates."""
    assert store.facts(signer.chain, at=now + timedelta(days=398)).reason is chain.EXPIRED
    assert store.facts(signer.chain, at=now + timedelta(days=1)).chain_problems == ()


def test_revocation_has_a_date(authority, now):
    """Before the revocation date the certificate is good, from that very second on it is revoked, for ever."""
    certificate = authority.issue(Role.COUNTY_SIGNING, "130928", keys.generate_key().public_key(), now=now)
    at = now + timedelta(hours=3)
    authority.revoke(certificate.serial_number, now=at, reason="key_compromise")
    store = TrustStore([authority.root], [authority.issuing], authority.publish_crls(now=at), trial=False)
    before = store.facts(authority.chain(certificate), at=at - timedelta(seconds=1))
    assert (before.standing(Role.COUNTY_SIGNING), before.revocation, before.revoked_at) == ("good", "good", at)
    for later in (timedelta(0), timedelta(days=1), timedelta(days=60)):  # at 60 days the list itself is stale
        after = store.facts(authority.chain(certificate), at=at + later)
        assert (after.standing(Role.COUNTY_SIGNING), after.reason) == ("refused", chain.REVOKED)


def test_a_revoked_issuing_certificate_takes_its_leaves_along(tmp_path, now):
    """The root's list is consulted too: after the issuing key is lost nothing beneath it passes."""
    own = Authority.create(tmp_path / "ca", kind="transport", trial=False, now=now, name="Lost")
    leaf = own.issue(Role.HUB_SIGNING, "hub", keys.generate_key().public_key(), now=now)
    own.revoke(own.issuing.serial_number, now=now, reason="key_compromise")
    store = TrustStore([own.root], [own.issuing], own.publish_crls(now=now), trial=False)
    assert store.facts(own.chain(leaf), at=now).reason is chain.REVOKED


def test_without_lists_nothing_is_known(authority, signer, now):
    """A missing list is unknown, neither good nor refused; with only one of the two lists as well."""
    lists = authority.publish_crls(now=now)
    for present in ([], lists[:1], lists[1:]):
        facts = TrustStore([authority.root], [authority.issuing], present, trial=False).facts(signer.chain, at=now)
        assert (facts.standing(Role.COUNTY_SIGNING), facts.reason) == ("unknown", chain.REVOCATION_UNKNOWN)


def test_a_stale_list_is_unknown_and_a_fresh_one_resumes(authority, store, signer, now):
    """After nextUpdate the standing is unknown; `replace_crls` with a fresh list makes it good again by itself."""
    later = now + timedelta(days=15)
    assert store.facts(signer.chain, at=now).standing(Role.COUNTY_SIGNING) == "good"
    assert store.facts(signer.chain, at=later).standing(Role.COUNTY_SIGNING) == "unknown"
    store.replace_crls(authority.publish_crls(now=later))
    assert store.facts(signer.chain, at=later).standing(Role.COUNTY_SIGNING) == "good"


def test_unknown_never_hides_a_refusal(authority, signer, now):
    """Without lists a wrong role or a foreign chain is still refused, not unknown."""
    facts = TrustStore([authority.root], [authority.issuing], trial=False).facts(signer.chain, at=now)
    assert facts.standing(Role.HUB_SIGNING) == "refused"
    expired = TrustStore([authority.root], trial=False).facts(signer.chain, at=now + timedelta(days=500))
    assert expired.standing(Role.COUNTY_SIGNING) == "refused"


def test_a_list_never_goes_back(authority, store, signer, now):
    """An older list is refused, the newer one stays in use, and the floor can be carried over a restart."""
    older, newer = authority.publish_crls(now=now), authority.publish_crls(now=now)
    store.replace_crls(newer)
    with pytest.raises(YunhuobanError, match="E-CERT-056"):
        store.replace_crls(older)
    assert store.facts(signer.chain, at=now).standing(Role.COUNTY_SIGNING) == "good"
    with pytest.raises(YunhuobanError, match="E-CERT-056"):
        TrustStore([authority.root], [authority.issuing], older, trial=False, crl_floor=store.crl_numbers())


def test_foreign_and_unnumbered_lists_are_refused(authority, trial_authority, store, issuing_key, now):
    """A list by another authority, without a number, or with a forged signature is not taken."""
    with pytest.raises(YunhuobanError, match="E-CERT-020"):
        store.replace_crls(trial_authority.publish_crls(now=now))
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.issuing.subject)
        .last_update(now)
        .next_update(now + timedelta(days=1))
    )
    with pytest.raises(YunhuobanError, match="E-CERT-021"):
        store.replace_crls([builder.sign(issuing_key, hashes.SHA256())])
    numbered = builder.add_extension(x509.CRLNumber(10**6), critical=False)
    with pytest.raises(YunhuobanError, match="E-CERT-020"):
        store.replace_crls([numbered.sign(keys.generate_key(), hashes.SHA256())])
    misnamed = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.root.subject)
        .last_update(now)
        .next_update(now + timedelta(days=1))
        .add_extension(x509.CRLNumber(10**6), critical=False)
    )
    with pytest.raises(YunhuobanError, match="E-CERT-020"):
        store.replace_crls([misnamed.sign(issuing_key, hashes.SHA256())])
    delta = numbered.add_extension(x509.DeltaCRLIndicator(1), critical=True)
    with pytest.raises(YunhuobanError, match="E-CERT-021"):
        store.replace_crls([delta.sign(issuing_key, hashes.SHA256())])


def test_a_foreign_authority_of_the_same_name_is_refused(tmp_path, store, now):
    """Names prove nothing: a chain from a look-alike authority is untrusted, with and without its own issuing."""
    other = Authority.create(tmp_path / "ca", kind="transport", trial=False, now=now, name="Test network")
    leaf = other.issue(Role.COUNTY_SIGNING, "130928", keys.generate_key().public_key(), now=now)
    for presented in ([leaf], other.chain(leaf), [*other.chain(leaf), other.root]):
        facts = store.facts(presented, at=now)
        assert facts.standing(Role.COUNTY_SIGNING) == "refused"
        assert chain.CHAIN_UNTRUSTED.code in facts.chain_problems


def test_trial_and_production_never_mix(authority, trial_authority, signer, now):
    """A trial chain in production and a production chain in trial are refused, even under a pinned anchor."""
    leaf = trial_authority.issue(Role.COUNTY_SIGNING, "130928", keys.generate_key().public_key(), now=now)
    both = [authority.root, trial_authority.root]
    lists = authority.publish_crls(now=now) + trial_authority.publish_crls(now=now)
    issuing = [authority.issuing, trial_authority.issuing]
    for trial, wrong, right in (
        (False, trial_authority.chain(leaf), signer.chain),
        (True, signer.chain, trial_authority.chain(leaf)),
    ):
        store = TrustStore(both, issuing, lists, trial=trial)
        refused = store.facts(wrong, at=now)
        assert (refused.standing(Role.COUNTY_SIGNING), refused.reason) == ("refused", policy.TRIAL_MIXED)
        assert refused.trial is not trial
        assert store.facts(right, at=now).standing(Role.COUNTY_SIGNING) == "good"


def test_a_leaf_without_its_authoritys_trial_mark_is_refused(trial_authority, forge, now):
    """A leaf that leaves the trial extension out does not become a production certificate."""
    key = keys.load_private_key(trial_authority.folder / "issuing" / "key.pem")
    leaf = forge("130928", keys.generate_key().public_key(), trial_authority.issuing, key, extensions=leaf_extensions())
    for trial in (True, False):
        store = TrustStore(
            [trial_authority.root], [trial_authority.issuing], trial_authority.publish_crls(now=now), trial=trial
        )
        assert store.facts([leaf], at=now).reason is policy.TRIAL_MIXED


@pytest.mark.parametrize(
    "make_key",
    [
        pytest.param(lambda: ec.generate_private_key(ec.SECP192R1()), id="P-192"),
        pytest.param(lambda: ec.generate_private_key(ec.SECP256K1()), id="secp256k1"),
        pytest.param(lambda: rsa.generate_private_key(65537, 2048), id="RSA-2048"),
        pytest.param(lambda: dsa.generate_private_key(2048), id="DSA-2048"),
    ],
)
def test_weak_keys_are_refused(authority, store, issuing_key, forge, now, make_key):
    """OpenSSL's check passes these keys; the policy refuses them."""
    leaf = forge("130928", make_key().public_key(), authority.issuing, issuing_key, extensions=leaf_extensions())
    facts = store.facts([leaf], at=now)
    assert facts.standing(Role.COUNTY_SIGNING) == "refused"
    assert policy.KEY_WEAK.code in facts.chain_problems


@pytest.mark.parametrize("make_key", [lambda: ec.generate_private_key(ec.SECP384R1())], ids=["P-384"])
def test_allowed_other_keys_pass(authority, store, issuing_key, forge, now, make_key):
    """P-384 is allowed; so the refusals above are about the key and nothing else."""
    leaf = forge("130928", make_key().public_key(), authority.issuing, issuing_key, extensions=leaf_extensions())
    assert store.facts([leaf], at=now).standing(Role.COUNTY_SIGNING) == "good"


def _without(kind):
    return [pair for pair in leaf_extensions() if not isinstance(pair[0], kind)]


def _with(*extensions):
    kinds = tuple(type(extension) for extension, _ in extensions)
    return [pair for pair in leaf_extensions() if not isinstance(pair[0], kinds)] + list(extensions)


def _eku(*dotted):
    return (x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in dotted]), False)


@pytest.mark.parametrize(
    "extensions",
    [
        pytest.param(_without(x509.ExtendedKeyUsage), id="no-eku"),
        pytest.param(_with(_eku(CLIENT_AUTH)), id="only-tls"),
        pytest.param(_with(_eku(SIGNING, CLIENT_AUTH)), id="more-than-the-profile"),
        pytest.param(_with(_eku(SIGNING, PROFILES[Role.HUB_SIGNING].eku)), id="two-roles"),
        pytest.param(_with(_eku("2.5.29.37.0")), id="any-eku"),
        pytest.param(_with(_eku(PROFILES[Role.BROKER].eku, SERVER_AUTH)), id="broker-without-names"),
        pytest.param(_without(x509.KeyUsage), id="no-key-usage"),
        pytest.param(_without(x509.BasicConstraints), id="no-constraints"),
        pytest.param(_with((x509.SubjectAlternativeName([x509.DNSName("a.example")]), False)), id="names-not-wanted"),
        pytest.param(_with((leaf_extensions()[1][0], False)), id="key-usage-not-critical"),
    ],
)
def test_what_differs_from_the_profile_has_no_role(authority, store, issuing_key, forge, now, extensions):
    """Absence and excess are both refusals: only the exact profile is a role."""
    public_key = keys.generate_key().public_key()
    leaf = forge("130928", public_key, authority.issuing, issuing_key, extensions=extensions)
    facts = store.facts([leaf], at=now)
    assert facts.role is None
    assert facts.reason is policy.PROFILE_MISMATCH
    assert all(facts.standing(role) == "refused" for role in Role)


@pytest.mark.parametrize("subject", ["hub", "13092", "1309280", "130928 ", "１３０９２８", "130928\n"])
def test_a_county_role_needs_a_division_code(authority, store, issuing_key, forge, now, subject):
    """Even the issuing key cannot make a county out of a name that is not six ASCII digits."""
    public_key = keys.generate_key().public_key()
    leaf = forge(subject, public_key, authority.issuing, issuing_key, extensions=leaf_extensions())
    assert store.facts([leaf], at=now).role is None


def test_an_unknown_critical_extension_is_refused(authority, store, issuing_key, forge, now):
    """What must be understood and is not stops the chain (OpenSSL's layer)."""
    strange = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)
    public_key = keys.generate_key().public_key()
    leaf = forge("130928", public_key, authority.issuing, issuing_key, extensions=[*leaf_extensions(), strange])
    facts = store.facts([leaf], at=now)
    assert facts.standing(Role.COUNTY_SIGNING) == "refused"
    assert "critical" in facts.diagnosis


def test_an_authority_is_no_leaf(authority, store, now):
    """The issuing certificate and the root are refused in every role."""
    for presented in ([authority.issuing], [authority.issuing, authority.root], [authority.root]):
        facts = store.facts(presented, at=now)
        assert all(facts.standing(role) == "refused" for role in Role)
        assert policy.AUTHORITY_AS_LEAF.code in facts.chain_problems


def test_a_leaf_with_signing_rights_is_refused(authority, store, issuing_key, forge, now):
    """CA:TRUE beside a correct EKU is an authority in disguise."""
    extensions = _with((x509.BasicConstraints(ca=True, path_length=None), True))
    leaf = forge("130928", keys.generate_key().public_key(), authority.issuing, issuing_key, extensions=extensions)
    assert policy.AUTHORITY_AS_LEAF.code in store.facts([leaf], at=now).chain_problems


def test_an_issuing_certificate_outside_its_profile_is_refused(authority, root_key, forge, now):
    """An issuing certificate that may make further authorities spoils every leaf beneath it, though OpenSSL agrees."""
    usage = (authority.issuing.extensions.get_extension_for_class(x509.KeyUsage).value, True)
    for path_length, good in ((0, True), (None, False)):
        key = keys.generate_key()
        ca = [(x509.BasicConstraints(ca=True, path_length=path_length), True), usage]
        issuing = forge("Another issuing", key.public_key(), authority.root, root_key, extensions=ca)
        leaf = forge("130928", keys.generate_key().public_key(), issuing, key, extensions=leaf_extensions())
        facts = TrustStore([authority.root], trial=False).facts([leaf, issuing], at=now)
        assert facts.chain_problems == (() if good else (policy.PROFILE_MISMATCH.code,))
        assert facts.diagnosis == ""


def test_depth_is_fixed(authority, store, root_key, issuing_key, signer, forge, now):
    """A leaf straight under the root, one under a fourth level, and a padded chain are refused."""
    straight = forge("130928", keys.generate_key().public_key(), authority.root, root_key, extensions=leaf_extensions())
    assert policy.DEPTH_WRONG.code in store.facts([straight], at=now).chain_problems
    sub_key = keys.generate_key()
    ca = [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (authority.issuing.extensions.get_extension_for_class(x509.KeyUsage).value, True),
    ]
    sub = forge("Sub", sub_key.public_key(), authority.issuing, issuing_key, extensions=ca)
    deep = forge("130928", keys.generate_key().public_key(), sub, sub_key, extensions=leaf_extensions())
    for presented in ([deep, sub], [deep, sub, authority.issuing], [deep, sub, authority.issuing, authority.root]):
        assert store.facts(presented, at=now).standing(Role.COUNTY_SIGNING) == "refused"
    for padded in ([*signer.chain, sub], [signer.certificate, sub], [*signer.chain, authority.root, sub]):
        assert policy.DEPTH_WRONG.code in store.facts(padded, at=now).chain_problems


def test_a_broken_leaf_signature_is_refused(authority, store, forge, now):
    """The issuer's name with another key's signature is nobody's certificate."""
    wrong = forge(
        "130928", keys.generate_key().public_key(), authority.issuing, keys.generate_key(), extensions=leaf_extensions()
    )
    facts = store.facts([wrong, authority.issuing], at=now)
    assert facts.standing(Role.COUNTY_SIGNING) == "refused"
    assert facts.diagnosis


def test_the_zone_of_the_time_does_not_matter(store, signer, now):
    """The same instant written in Shanghai time and in UTC has the same facts, on the first look and later."""
    shanghai = timezone(timedelta(hours=8))
    just_begun = signer.certificate.not_valid_before_utc + timedelta(seconds=1)
    assert store.facts(signer.chain, at=just_begun.astimezone(shanghai)).chain_problems == ()
    store.replace_crls([])
    assert store.facts(signer.chain, at=just_begun).chain_problems == ()


def test_a_machine_in_shanghai(authority, signer, tmp_path, now):
    """Under TZ=Asia/Shanghai a certificate of one hour is good for that hour and not for the eight before."""
    lists = authority.publish_crls(now=now)
    short = authority.issue(Role.COUNTY_SIGNING, "130928", signer.key.public_key(), now=now, days=1)
    keys.save_certificates([short, authority.issuing, authority.root], tmp_path / "chain.pem")
    for number, one in enumerate(lists):
        (tmp_path / f"{number}.crl").write_bytes(keys.crl_der(one))
    program = textwrap.dedent("""
        import sys
        from datetime import datetime, timedelta
        from pathlib import Path
        from certs import keys
        from certs.chain import TrustStore
        from certs.profiles import Role
        folder, start = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
        leaf, issuing, root = keys.load_certificates(folder / "chain.pem")
        lists = [keys.crl_from_der(path.read_bytes()) for path in sorted(folder.glob("*.crl"))]
        for minutes in (-6, -4, 1, 24 * 60 - 1, 24 * 60 + 1):
            store = TrustStore([root], [issuing], lists, trial=False)
            at = (start + timedelta(minutes=minutes)).astimezone()
            print(store.facts([leaf], at=at).standing(Role.COUNTY_SIGNING))
    """)
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), now.isoformat()],
        env={**os.environ, "TZ": "Asia/Shanghai", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["refused", "good", "good", "good", "refused"]


def test_naive_times_and_empty_chains_are_mistakes(store, signer, now):
    """A time without a zone is a mistake of the programmer and never guessed."""
    with pytest.raises(ValueError, match="aware"):
        store.facts(signer.chain, at=now.replace(tzinfo=None))
    with pytest.raises(ValueError, match="chain"):
        store.facts([], at=now)


def test_the_second_look_costs_microseconds(store, signer, now):
    """The hub asks for every message: a remembered chain is answered in well under a tenth of a millisecond."""
    store.facts(signer.chain, at=now)
    started = time.perf_counter()
    for _ in range(2000):
        store.facts(signer.chain, at=now)
    assert (time.perf_counter() - started) / 2000 < 100e-6


def test_what_is_remembered_is_bounded(monkeypatch, store, authority, now):
    """Strangers' certificates cannot fill the memory."""
    monkeypatch.setattr(chain, "_CACHE_LIMIT", 3)
    for _ in range(6):
        leaf = authority.issue(Role.COUNTY_SIGNING, "130928", keys.generate_key().public_key(), now=now)
        assert store.facts([leaf], at=now).standing(Role.COUNTY_SIGNING) == "good"
    assert len(store._memory) <= 3
