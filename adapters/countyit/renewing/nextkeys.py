"""`certs/next/`: the keys that are to follow, made where they stay, from the request until each is taken into use.

    certs/next/ROLE.key      the three next keys; private from their first byte, and never anywhere else
    certs/next/request.json  what was asked with them, byte for byte: the authority answers one file only once
    certs/next/ROLE.pem      their certificates, once the answer was checked; gone when the role has changed over
    renewal/request.json     out: the request, to be carried to the authority
    renewal/answer.json      in: the authority's answer
    renewal/card.json        out: the county's new card, to be handed to the hub

Nothing in `renewal/` is secret, so that whoever carries files needs no access to keys. Key and certificate are two
files and cannot be replaced in one step: a change-over that was cut short is finished by `settle`, whose every step may
be repeated, before anything else is done.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from certs import files, keys
from certs.keys import Certificate, PrivateKey
from certs.profiles import PROFILES
from certs.renewal import role
from schemas.errors import YunhuobanError
from schemas.renewing.files import ROLES

NEXT: Final = "next"


def begin(certificates: Path) -> dict[str, PrivateKey]:
    """Make the three next keys; those that are there already are used again. Raises E-CERT-002 or -005."""
    folder = certificates / NEXT
    made = {}
    for name in ROLES:
        path = folder / f"{name}.key"
        if not path.exists():
            keys.save_private_key(keys.generate_key(PROFILES[role(name)].key_kind), path)
        made[name] = keys.load_private_key(path)
    return made


def waiting(certificates: Path) -> dict[str, PrivateKey]:
    """The next keys, of which an answer may come; empty when there are not all three. Raises E-CERT-005."""
    paths = {name: certificates / NEXT / f"{name}.key" for name in ROLES}
    if not all(each.exists() for each in paths.values()):
        return {}
    return {name: keys.load_private_key(path) for name, path in paths.items()}


def forget(certificates: Path) -> None:
    """Give up keys that were asked for and not certified, so that the next request has new ones.

    Those that are certified and not in use yet stay whatever is asked: others may encrypt for them already.
    """
    if installed(certificates):
        return
    for path in sorted((certificates / NEXT).glob("*")):
        path.unlink()


def install(certificates: Path, chains: Mapping[str, list[Certificate]]) -> None:
    """Keep checked certificates beside their keys; the signing one last, for it says that all are there."""
    for name in sorted(chains, key=lambda each: each == "signing"):
        keys.save_certificates(chains[name], certificates / NEXT / f"{name}.pem")


def installed(certificates: Path) -> bool:
    """Whether the answer was taken in and the change-over is not finished."""
    return (certificates / NEXT / "signing.pem").exists()


def certificate_in_use(certificates: Path, name: str) -> Certificate:
    """The present certificate of a role. Raises E-CERT-001 or -003."""
    return keys.load_certificates(certificates / f"{name}.pem")[0]


def certificate(certificates: Path, name: str) -> Certificate:
    """The next certificate of a role. Raises E-CERT-001 or -003."""
    return keys.load_certificates(certificates / NEXT / f"{name}.pem")[0]


def settle(certificates: Path) -> list[str]:
    """Finish what was begun. Returns which roles have changed over.

    The connection changes over as soon as its certificate is here; the others only if half of it is done already.
    """
    folder = certificates / NEXT
    if not installed(certificates):
        return []
    here = [name for name in ROLES if (folder / f"{name}.pem").exists()]
    rest = "encryption" not in here  # whose change-over comes before that of signing
    due = [name for name in here if name == "connection" or rest or not _is_pair(certificates, name)]
    for name in due:
        change_over(certificates, name)
    return due


def change_over(certificates: Path, name: str) -> None:
    """Use the next pair of one role from now on; an old encryption key is kept for what may still come."""
    folder = certificates / NEXT
    new_key, new_chain = folder / f"{name}.key", folder / f"{name}.pem"
    if name == "encryption":
        _keep_old(certificates)
    keys.save_private_key(keys.load_private_key(new_key), certificates / f"{name}.key")
    # Last: who looks for a change looks at the certificate, and finds the pair whole.
    files.write_atomically(certificates / f"{name}.pem", files.read(new_chain))
    new_chain.unlink()  # first: who finds a certificate here takes its key to be here too
    new_key.unlink(missing_ok=True)


def _keep_old(certificates: Path) -> None:
    """Under a name of its own, the same however often this is done: a key that is there twice could not be burnt."""
    old = certificate_in_use(certificates, "encryption")
    if not _is_pair(certificates, "encryption") or old == certificate(certificates, "encryption"):
        return  # the change-over was begun: it is kept already
    kept = f"encryption-{keys.thumbprint(old).hex()[:16]}"
    for suffix in (".key", ".pem"):
        data = files.read(certificates / f"encryption{suffix}")
        files.write_atomically(certificates / f"{kept}{suffix}", data, mode=files.PRIVATE)


def _is_pair(certificates: Path, name: str) -> bool:
    try:
        key = keys.load_private_key(certificates / f"{name}.key")
        shown = keys.load_certificates(certificates / f"{name}.pem")[0]
        return keys.public_key(shown) == key.public_key()
    except (YunhuobanError, IndexError):
        return False
