"""Renewing the hub's own four certificates: keys made where they stay, requests out, chains in.

`certs/next/` holds the next keys until their chains are taken in, and `certs/retired/` the earlier certificates that
the directory still names, because what they signed is on its way. `hub up` sees that a certificate has changed
(`OwnCertificates`), has its broker read it, and replaces its workers one after the other; the keeper publishes a
directory that names old and new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from certs import files, keys
from certs.chain import TrustStore
from certs.keys import Certificate, PublicKey
from certs.profiles import PROFILES, Role
from schemas.errors import YunhuobanError, declare

ROLES: Final[Mapping[str, Role]] = MappingProxyType(
    {
        "broker": Role.BROKER,
        "connection": Role.HUB_CONNECTION,
        "checkpoint": Role.HUB_CHECKPOINT,
        "signing": Role.HUB_SIGNING,
    }
)
"""By the names of their files."""
SIGNERS: Final = ("checkpoint", "signing")
"""Whose certificates counties need to check what was signed before."""
_NEXT: Final = "next"
_RETIRED: Final = "retired"

NOT_AS_ASKED: Final = declare(
    "E-RENEW-040",
    "证书不是为中枢这几把新密钥签发的，或名称、用途与现用的不同。",
    "请用 hub renew request 写出的申请和命令向发证机构申请，再重做这一步。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that was written, and what the authority's person types for it."""

    path: Path
    role: Role
    subject: str
    dns: Sequence[str]
    addresses: Sequence[str]


def request(certificates: Path, out: Path) -> list[Asked]:
    """Make the next keys, or use those that wait, and write a request for each. Raises E-CERT-…."""
    files.make_private_folder(certificates / _NEXT)
    files.make_private_folder(out)
    asked = []
    for name, role in ROLES.items():
        path = certificates / _NEXT / f"{name}.key"
        if not path.exists():
            keys.save_private_key(keys.generate_key(PROFILES[role].key_kind), path)
        present = keys.load_certificates(certificates / f"{name}.pem")[0]
        dns, addresses = keys.hosts(present)
        one = Asked(
            path=out / f"hub-{name}.csr", role=role, subject=keys.subject(present), dns=dns, addresses=addresses
        )
        files.write_atomically(one.path, keys.make_request(keys.load_private_key(path), one.subject))
        asked.append(one)
    return asked


def take(certificates: Path, paths: Sequence[Path], *, chains: TrustStore, now: datetime) -> list[str]:
    """Take chains in, in any order and as many as there are, and change over. Raises E-RENEW-040 or E-CERT-….

    All are checked before anything is changed. Returns the names of what has changed.
    """
    waiting = {
        name: keys.load_private_key(path).public_key()
        for name in ROLES
        if (path := certificates / _NEXT / f"{name}.key").exists()
    }
    found: dict[str, list[Certificate]] = {}
    for path in paths:
        chain = keys.load_certificates(path)
        name = _name(chain[0], waiting)
        if name is None or not _same_names(chain[0], keys.load_certificates(certificates / f"{name}.pem")[0]):
            raise YunhuobanError(NOT_AS_ASKED, place=path.name)
        chains.facts(chain, at=now).demand(ROLES[name])
        found[name] = chain
    for name, chain in found.items():
        keys.save_certificates(chain, certificates / _NEXT / f"{name}.pem")
    return settle(certificates)


def settle(certificates: Path) -> list[str]:
    """Finish every change-over that was begun; each step may be repeated. Returns the names of what has changed."""
    folder = certificates / _NEXT
    changed = []
    for name in ROLES:
        chain, key = folder / f"{name}.pem", folder / f"{name}.key"
        if not chain.exists():
            continue
        if name in SIGNERS:
            _retire(certificates, name)
        keys.save_private_key(keys.load_private_key(key), certificates / f"{name}.key")
        files.write_atomically(certificates / f"{name}.pem", files.read(chain))  # last: it is what is looked at
        chain.unlink()
        key.unlink()
        changed.append(name)
    return changed


def retired(certificates: Path, now: datetime) -> list[Certificate]:
    """Earlier signers' certificates that are not over yet: the directory names them beside the present ones."""
    found = [keys.load_certificates(path)[0] for path in sorted((certificates / _RETIRED).glob("*.pem"))]
    return [each for each in found if each.not_valid_after_utc > now]


class OwnCertificates:
    """Watches the files in use; one per `hub up`."""

    def __init__(self, certificates: Path) -> None:
        """What is there now is known."""
        self._certificates = certificates
        self._seen = self._state()

    def changed(self) -> frozenset[str]:
        """The names of what was replaced since the last call."""
        state = self._state()
        names = frozenset(name for name in ROLES if state[name] != self._seen[name])
        self._seen = state
        return names

    def _state(self) -> dict[str, int]:
        paths = {name: self._certificates / f"{name}.pem" for name in ROLES}
        return {name: path.stat().st_mtime_ns if path.exists() else 0 for name, path in paths.items()}


def _retire(certificates: Path, name: str) -> None:
    """Under its thumbprint, so that it is there once however often this is done."""
    old = keys.load_certificates(certificates / f"{name}.pem")[0]
    files.make_private_folder(certificates / _RETIRED)
    keys.save_certificates([old], certificates / _RETIRED / f"{keys.thumbprint(old).hex()[:16]}.pem")


def _name(certificate: Certificate, waiting: Mapping[str, PublicKey]) -> str | None:
    key = keys.public_key(certificate)
    return next((name for name, each in waiting.items() if each == key), None)


def _same_names(new: Certificate, old: Certificate) -> bool:
    """The broker's user is the subject, and counties look for the host: a renewal changes neither."""
    wanted, given = keys.hosts(old), keys.hosts(new)
    missing = any(set(some) - set(other) for some, other in zip(wanted, given, strict=True))
    return keys.subject(new) == keys.subject(old) and not missing
