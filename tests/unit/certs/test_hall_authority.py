"""A county's page authority: good for this hall's names, and for nothing else even in a thief's hands."""

import ipaddress
import re
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from OpenSSL import crypto

from certs import building, contexts, keys, policy, renewal
from certs.hallauthority import HallAuthority
from certs.hallscope import HostNames, Scope
from certs.profiles import PROFILES, Role
from schemas.errors import YunhuobanError

NOW = datetime.now(UTC)
NAMES = HostNames.parse(["hall.wuqiao.example.cn", "10.12.3.4"])
BOTH = Scope.parse(["wuqiao.example.cn"], ["10.12.0.0/16"])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> HallAuthority:
    """An authority for one domain and one network."""
    return HallAuthority.create(tmp_path_factory.mktemp("county") / "hall", "130928", BOTH, now=NOW)


def stolen(authority: HallAuthority, *, dns: tuple[str, ...] = (), addresses: tuple[str, ...] = ()) -> x509.Certificate:
    """What a thief of the authority's key signs: any name he likes."""
    key = keys.load_private_key(authority.folder / "authority.key")
    return building.sign(
        PROFILES[Role.HALL_PAGE], "130928", keys.generate_key().public_key(), authority.issuing, key,
        now=NOW, trial=False, alternatives=building.names(dns, addresses),
    )  # fmt: skip


def complaint(authority: HallAuthority, leaf: x509.Certificate, issuing: x509.Certificate | None = None) -> str:
    """What pyOpenSSL says of it, trusting the root as a browser does; nothing when it is content."""
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(authority.root))
    store.set_flags(crypto.X509StoreFlags.X509_STRICT)
    chain = [crypto.X509.from_cryptography(issuing or authority.issuing)]
    try:
        crypto.X509StoreContext(store, crypto.X509.from_cryptography(leaf), chain).verify_certificate()
    except crypto.X509StoreContextError as error:
        return str(error)
    return ""


def by_command(authority: HallAuthority, leaf: x509.Certificate, folder: Path) -> str:
    """What the `openssl` program says of it as a web server's certificate."""
    for name, certificate in (("root", authority.root), ("issuing", authority.issuing), ("leaf", leaf)):
        keys.save_certificates([certificate], folder / f"{name}.pem")
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", folder / "root.pem",
         "-untrusted", folder / "issuing.pem", folder / "leaf.pem"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_a_certificate_for_the_halls_names_is_good(own: HallAuthority, tmp_path: Path):
    """The profile's every word, 397 days at most, both kinds of names; OpenSSL finds nothing to say."""
    leaf = own.issue("130928", NAMES, now=NOW)
    assert policy.role_of(leaf) is Role.HALL_PAGE
    assert leaf.not_valid_after_utc - NOW <= timedelta(days=397)
    assert keys.hosts(leaf) == (["hall.wuqiao.example.cn"], ["10.12.3.4"])
    assert complaint(own, leaf) == ""
    assert by_command(own, leaf, tmp_path) == ""
    held = renewal.span(leaf)
    assert held.ends_at - held.renew_at > timedelta(days=30), "the next is there before thirty days are left"
    assert not list(own.folder.glob("*root*")), "the root's key was never written"
    for secret in ("authority.key", "page.pem"):
        assert (own.folder / secret).stat().st_mode & 0o077 == 0
    contexts.server_context(own.folder / "page.pem", own.folder / "page.pem")


@pytest.mark.parametrize(
    ("scope", "dns", "addresses"),
    [
        (BOTH, ("www.bank.example",), ()),
        (BOTH, ("hall.wuqiao.example.cn", "example.cn"), ()),
        (BOTH, ("xwuqiao.example.cn",), ()),
        (BOTH, (), ("10.13.0.1",)),
        (BOTH, (), ("2001:db8::1",)),
        (Scope.parse([], ["10.12.0.0/16"]), ("www.bank.example",), ()),
        (Scope.parse(["wuqiao.example.cn"], []), (), ("10.12.3.4",)),
        (Scope.parse(["wuqiao.example.cn"], []), (), ("2001:db8::1",)),
        (Scope.parse([], ["2001:db8::/48"]), (), ("10.12.3.4",)),
    ],
)
def test_a_thief_can_impersonate_nobody_else(scope, dns, addresses, tmp_path: Path):
    """A leaf for another name under the same key: refused by pyOpenSSL and by openssl, kinds never mentioned too."""
    authority = HallAuthority.create(tmp_path / "hall", "130928", scope, now=NOW)
    leaf = stolen(authority, dns=dns, addresses=addresses)
    assert re.search("permitted subtree|excluded subtree", complaint(authority, leaf))
    assert re.search("permitted subtree|excluded subtree", by_command(authority, leaf, tmp_path))


def test_a_thief_can_make_no_authority_of_it(own: HallAuthority):
    """Path length 0: an authority beneath it is not believed, and its limits are critical."""
    key, below = keys.load_private_key(own.folder / "authority.key"), keys.generate_key()
    middle = building.sign(
        PROFILES[Role.HALL_ISSUING], "x", below.public_key(), own.issuing, key, now=NOW, trial=False,
        constraints=BOTH.constraints(),
    )  # fmt: skip
    leaf = building.sign(
        PROFILES[Role.HALL_PAGE], "130928", keys.generate_key().public_key(), middle, below, now=NOW, trial=False,
        alternatives=building.names(["hall.wuqiao.example.cn"], []),
    )  # fmt: skip
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(own.root))
    chain = [crypto.X509.from_cryptography(each) for each in (middle, own.issuing)]
    with pytest.raises(crypto.X509StoreContextError, match="path length constraint exceeded"):
        crypto.X509StoreContext(store, crypto.X509.from_cryptography(leaf), chain).verify_certificate()
    for certificate, role in ((own.root, Role.HALL_ROOT), (own.issuing, Role.HALL_ISSUING)):
        assert certificate.extensions.get_extension_for_class(x509.NameConstraints).critical
        assert policy.matches(certificate, PROFILES[role])
    unlimited = building.sign(
        PROFILES[Role.HALL_ISSUING], "x", below.public_key(), own.issuing, key, now=NOW, trial=False
    )
    assert not policy.matches(unlimited, PROFILES[Role.HALL_ISSUING])


def test_it_issues_only_within_its_limits(own: HallAuthority):
    """E-CERT-114 names what is outside, before anything is signed; the page's certificate stays as it was."""
    before = (own.folder / "page.pem").read_bytes() if (own.folder / "page.pem").exists() else b""
    with pytest.raises(YunhuobanError, match="E-CERT-114") as refused:
        own.issue("130928", HostNames.parse(["hall.wuqiao.example.cn", "10.99.0.1"]), now=NOW)
    assert refused.value.found == "10.99.0.1"
    assert refused.value.expected == "wuqiao.example.cn, 10.12.0.0/16"
    assert before == ((own.folder / "page.pem").read_bytes() if before else b"")


def test_there_is_one_authority_and_it_is_found_again(own: HallAuthority, tmp_path: Path):
    """A second `new` would make the browsers' root worthless: E-CERT-112; none, or half of one: E-CERT-113."""
    with pytest.raises(YunhuobanError, match="E-CERT-112"):
        HallAuthority.create(own.folder, "130928", BOTH, now=NOW)
    again = HallAuthority.open(own.folder)
    assert (again.root, again.scope) == (own.root, BOTH)
    for text in (None, "", keys.pem(own.root), keys.pem(own.root) * 2 + "x", keys.pem(stolen(own, dns=("a.b",))) * 2):
        folder = tmp_path / "hall"
        folder.mkdir(exist_ok=True)
        if text is not None:
            (folder / "authority.pem").write_text(text)
        with pytest.raises(YunhuobanError, match="E-CERT-113"):
            HallAuthority.open(folder)


@pytest.mark.parametrize(
    ("dns", "networks"),
    [
        ([], []), (["cn"], []), (["gov.cn"], []), (["he.cn"], []), (["*.wuqiao.cn"], []), (["Wuqiao.gov.cn"], []),
        ([".wuqiao.gov.cn"], []), (["wuqiao.gov.cn."], []), (["吴桥.cn"], []), (["10.in-addr.arpa"], []),
        ([], ["10.0.0.0/8"]), ([], ["0.0.0.0/0"]), ([], ["10.1.2.3/24"]), ([], ["2001:db8::/32"]), ([], ["hall"]),
    ],
)  # fmt: skip
def test_limits_that_are_none_are_refused(dns: list[str], networks: list[str]):
    """E-CERT-110 for a public suffix, half the address space, a wildcard, or nothing at all."""
    with pytest.raises(YunhuobanError, match="E-CERT-110"):
        Scope.parse(dns, networks)


@pytest.mark.parametrize("name", ["", "hall:443", "https://hall", "*.hall.cn", "Hall", "10.1.2", "10.1.2.3/24", "a..b"])
def test_a_name_is_what_stands_in_the_address_bar(name: str):
    """E-CERT-111 for anything else; a number that is mistyped does not become a host."""
    with pytest.raises(YunhuobanError, match="E-CERT-111"):
        HostNames.parse([name])
    assert HostNames.parse(["hall", "::1"]) == HostNames(("hall",), (ipaddress.ip_address("::1"),))


def test_old_protocols_and_ciphers_are_not_offered(own: HallAuthority):
    """TLS 1.2 with forward secrecy and authenticated encryption, or 1.3."""
    own.issue("130928", NAMES, now=NOW)
    context = contexts.server_context(own.folder / "page.pem", own.folder / "page.pem")
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert all(re.match("TLS_|ECDHE-.*(GCM|POLY1305)", each["name"]) for each in context.get_ciphers())
