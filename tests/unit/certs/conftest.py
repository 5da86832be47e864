"""Real authorities and certificates, made once: every test of trust runs against true signatures."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from certs import keys
from certs.authority import Authority
from certs.chain import TrustStore
from certs.profiles import Role

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    """The moment at which every fixture was issued."""
    return NOW


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    """A production transport authority."""
    folder = tmp_path_factory.mktemp("authority") / "ca"
    return Authority.create(folder, kind="transport", trial=False, now=NOW, name="Test network")


@pytest.fixture(scope="session")
def trial_authority(tmp_path_factory) -> Authority:
    """A trial transport authority."""
    folder = tmp_path_factory.mktemp("trial") / "ca"
    return Authority.create(folder, kind="transport", trial=True, now=NOW, name="Trial network")


@pytest.fixture(scope="session")
def signer(authority) -> SimpleNamespace:
    """A county's signing key, its certificate and its chain."""
    key = keys.generate_key()
    certificate = authority.issue(Role.COUNTY_SIGNING, "130928", key.public_key(), now=NOW)
    return SimpleNamespace(key=key, certificate=certificate, chain=authority.chain(certificate))


@pytest.fixture
def store(authority) -> TrustStore:
    """A trust store with fresh lists that revoke nothing that a test relies on."""
    return TrustStore([authority.root], [authority.issuing], authority.publish_crls(now=NOW), trial=False)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


@pytest.fixture(scope="session")
def forge() -> Callable[..., x509.Certificate]:
    """Make any certificate, right or wrong: `extensions` are added as they are, over sensible defaults."""

    def make(
        subject: str,
        public_key,
        issuer: x509.Certificate | None,
        issuer_key,
        *,
        extensions: Sequence[tuple[x509.ExtensionType, bool]],
        start: datetime = NOW - timedelta(days=1),
        end: datetime = NOW + timedelta(days=300),
        digest: hashes.HashAlgorithm | None = None,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(issuer.subject if issuer else _name(subject))
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(issuer_key, digest or hashes.SHA256())

    return make


@pytest.fixture(scope="session")
def issuing_key(authority) -> keys.PrivateKey:
    """The issuing key itself, with which a test makes what the authority would never issue."""
    return keys.load_private_key(Path(authority.folder) / "issuing" / "key.pem")


@pytest.fixture(scope="session")
def root_key(authority) -> keys.PrivateKey:
    """The root key itself."""
    return keys.load_private_key(Path(authority.folder) / "root" / "key.pem")
