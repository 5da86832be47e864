"""What a browser would refuse a page's certificate for, said before it does; keys of other kinds than ours, too."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.hallscope import HostNames
from certs.servercertificate import Examined, examine

NOW = datetime.now(UTC)
NAMES = HostNames.parse(["hall.county.example", "10.12.3.4"])
BROWSER = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
MAIL = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
AUTHORITY = (x509.BasicConstraints(ca=True, path_length=0), True)


@cache
def key_of(kind: str) -> Any:
    """A key of this kind, made once; the hall's own authority has one, too."""
    if kind.isdecimal():
        return rsa.generate_private_key(65537, int(kind))
    return ec.generate_private_key(ec.SECP192R1() if kind == "p192" else ec.SECP256R1())


@dataclass(kw_only=True)
class Made:
    """A hall's own certificate and key as files; each test changes one thing."""

    folder: Path
    kind: str = "2048"
    names: tuple[str, ...] = ("hall.county.example",)
    addresses: tuple[str, ...] = ("10.12.3.4",)
    extensions: tuple[Any, ...] = (BROWSER,)
    begins: datetime = NOW - timedelta(days=1)
    ends: datetime = NOW + timedelta(days=100)
    order: tuple[int, ...] = (0, 1)
    key: str = ""
    password: bytes = b""
    mode: int = 0o600

    def examined(self) -> Examined:
        """Write the files and have them looked at."""
        authority = key_of("authority")
        middle = self._signed("middle", authority, authority, (AUTHORITY,))
        hosts = [x509.DNSName(each) for each in self.names]
        hosts += [x509.IPAddress(ip_address(each)) for each in self.addresses]
        named = ((x509.SubjectAlternativeName(hosts), False),) if hosts else ()
        leaf = self._signed("leaf", key_of(self.kind), authority, (*named, *self.extensions))
        chain = [(leaf, middle)[each] for each in self.order]
        (self.folder / "hall.crt").write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in chain))
        locked = BestAvailableEncryption(self.password) if self.password else NoEncryption()
        key = key_of(self.key or self.kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
        (self.folder / "hall.key").write_bytes(key)
        (self.folder / "hall.key").chmod(self.mode)
        return examine(self.folder / "hall.crt", self.folder / "hall.key", NAMES, now=NOW)

    def _signed(self, name: str, key: Any, issuer: Any, extensions: Any) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "middle")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(issuer, hashes.SHA256())


def codes(examined: Examined) -> list[str]:
    """The codes of all faults."""
    return [each.code.code for each in examined.faults]


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"kind": "p256"}, {"order": (0,)}, {"extensions": ()}, {"names": ("*.county.example",)},
        {"names": ("other.example", "HALL.county.example")}, {"mode": 0o640},
    ],
)  # fmt: skip
def test_what_a_browser_accepts_is_accepted(changes: dict[str, Any], tmp_path: Path):
    """RSA and P-256, with or without its issuer, a wildcard for one label, a key that a group may read."""
    examined = Made(folder=tmp_path, **changes).examined()
    assert codes(examined) == []
    assert len(examined.chain) == len(changes.get("order", (0, 1)))


FAULTS = {
    "another key": ({"key": "p256"}, ["E-CERT-116"]),
    "a locked key": ({"password": b"x"}, ["E-CERT-115"]),
    "a key for all to read": ({"mode": 0o644}, ["E-CERT-121"]),
    "no name": ({"names": (), "addresses": ()}, ["E-CERT-117", "E-CERT-117"]),
    "one address less": ({"addresses": ("10.12.3.5",)}, ["E-CERT-117"]),
    "a wildcard too high": ({"names": ("*.example",)}, ["E-CERT-117"]),
    "ended": ({"ends": NOW - timedelta(hours=1)}, ["E-CERT-052"]),
    "not begun": ({"begins": NOW + timedelta(hours=1)}, ["E-CERT-051"]),
    "the issuer first": (
        {"order": (1, 0), "key": "authority"},
        ["E-CERT-117", "E-CERT-117", "E-CERT-119", "E-CERT-118"],
    ),
    "the leaf twice": ({"order": (0, 0, 1)}, ["E-CERT-118"]),
    "for mail": ({"extensions": (MAIL,)}, ["E-CERT-119"]),
    "an authority": ({"extensions": (AUTHORITY,)}, ["E-CERT-119"]),
    "a short key": ({"kind": "1024"}, ["E-CERT-120"]),
    "a small curve": ({"kind": "p192"}, ["E-CERT-120"]),
}


@pytest.mark.parametrize(("changes", "found"), FAULTS.values(), ids=FAULTS)
def test_every_fault_has_its_sentence(changes: dict[str, Any], found: list[str], tmp_path: Path):
    """Each alone, and all of them when there are several."""
    assert codes(Made(folder=tmp_path, **changes).examined()) == found


@pytest.mark.parametrize("text", [None, "", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"])
def test_files_that_are_none(text: str | None, tmp_path: Path):
    """Missing, empty or torn: said of the certificate, and then of the key."""
    made = Made(folder=tmp_path)
    made.examined()
    for name, code in (("hall.key", "E-CERT-115"), ("hall.crt", "E-CERT-003")):
        (tmp_path / name).unlink()
        if text is not None:
            (tmp_path / name).write_text(text)
        examined = examine(tmp_path / "hall.crt", tmp_path / "hall.key", NAMES, now=NOW)
        assert codes(examined) == ["E-CERT-001" if text is None else code]
    assert examined.chain == ()
