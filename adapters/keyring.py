"""A county's encryption keys over time: a new one made, taken into use, an old one kept, a stolen one destroyed.

A retired key is kept, because messages encrypted for it may still lie in an inbox, a hold queue or among dead letters.
A burnt key is destroyed: whoever stole it shall find nothing more that it opens, and neither shall we. Whatever comes
for it is refused with KEY_BURNT, and its sender encrypts it anew. A running node takes each step up within seconds
(`adapters.countyit.renewing`); the hub learns of a new key by a new card (`adapter card`).
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from certs import files, keys
from certs.keys import Certificate
from certs.profiles import PROFILES, Role
from schemas.errors import YunhuobanError, declare

NOT_OURS: Final = declare(
    "E-CERT-100",
    "证书与本机新生成的密钥不是一对，或不是发给本县的。",
    "请用 adapter key new 生成的申请向发证机构申请证书。",
)
NO_SUCH_KEY: Final = declare("E-CERT-101", "没有这把加密密钥。", "请用 adapter key list 核对指纹。")
NO_SUCCESSOR: Final = declare(
    "E-CERT-102",
    "这是现用的加密密钥，还没有可以接替它的新密钥。",
    "请先用 adapter key new 和 key take 换上新密钥，再销毁它。",
)
_FEWEST_CHARACTERS: Final = 8
"""Of a thumbprint, so that nobody destroys a key by a slip."""


def begin(folder: Path, county: str) -> bytes:
    """Make the next key where it stays; returns the request (PEM) for the authority. Raises E-CERT-001 or -002."""
    key = keys.generate_key(PROFILES[Role.COUNTY_ENCRYPTION].key_kind)
    keys.save_private_key(key, folder / "encryption-next.key")
    return keys.make_request(key, county)


def take(folder: Path, certificate: Certificate, county: str, now: datetime) -> None:
    """Use the next key from now on and keep the present one for what may still come. Raises E-CERT-100 or E-CERT-…."""
    waiting = folder / "encryption-next.key"
    key = keys.load_private_key(waiting)
    if keys.public_key(certificate) != key.public_key() or keys.subject(certificate) != county:
        raise YunhuobanError(NOT_OURS, place="encryption-next.key")
    kept = f"encryption-{now:%Y%m%d%H%M%S}"
    # The old one is kept under its new name before it loses its old one: a cut anywhere leaves both keys usable.
    for suffix in (".key", ".pem"):
        old = folder / f"encryption{suffix}"
        files.write_atomically(folder / f"{kept}{suffix}", files.read(old), mode=files.PRIVATE)
    keys.save_private_key(key, folder / "encryption.key")
    keys.save_certificates([certificate], folder / "encryption.pem")
    waiting.unlink()


def burn(folder: Path, thumbprint: str, now: datetime) -> None:
    """Destroy a key that is no longer in use, and remember whose it was. Raises E-CERT-101 or -102."""
    path = next((path for path, name in held(folder).items() if name.hex().startswith(thumbprint.lower())), None)
    if path is None or len(thumbprint) < _FEWEST_CHARACTERS:
        raise YunhuobanError(NO_SUCH_KEY, found=thumbprint[:16])
    if path.name == "encryption.pem":
        raise YunhuobanError(NO_SUCCESSOR, found=thumbprint[:16])
    files.write_atomically(folder / f"burnt-{now:%Y%m%d%H%M%S}.pem", files.read(path), mode=files.PRIVATE)
    key = path.with_suffix(".key")
    with key.open("r+b") as content:  # a file system may keep copies; the certificate's revocation is what counts
        content.write(bytes(key.stat().st_size))
    key.unlink()
    path.unlink()


def held(folder: Path) -> dict[Path, bytes]:
    """The certificates whose key is here, the present one first, with their thumbprints."""
    paths = [folder / "encryption.pem", *sorted(folder.glob("encryption-*.pem"))]
    return {path: keys.thumbprint(keys.load_certificates(path)[0]) for path in paths}
