"""How a folder behind SFTP is reached: the address from the node's settings, keys and pins from the mapping.

`sftp://account@host:port/folder` stands in county.toml like any other place of the local system; `[source.sftp]` (or
`[sink.sftp]`) says which host keys are the server's and in which file our key or password is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from adapters.local.mapping.strict import MISSING_KEY, WRONG_VALUE, Section
from adapters.local.sources import secretfiles
from schemas.errors import YunhuobanError, declare

WRONG_ADDRESS = declare(
    "E-SRC-071",
    "SFTP 文件夹的地址写法不对。",
    "请写成 sftp://账号@主机:端口/文件夹；密码不写在地址里，放进 password_file 所指的文件。",
)
SCHEME: Final = "sftp://"
_PORT: Final = 22
_PIN: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Everything that a connection needs; the secrets stay in their files."""

    host: str
    port: int
    account: str
    pins: Sequence[str]
    """Fingerprints of the server's host keys, as `ssh-keygen -lf` prints them."""
    key_file: Path | None
    password_file: Path | None


def read(section: Section, address: str | None) -> tuple[Access, str] | None:
    """Read `[….sftp]` and the address: the access, and the path of the folder on the server.

    Without an address (the same mapping over a local folder) the section is only checked. Problems of the section are
    noted in it. Raises E-SRC-071.
    """
    if address is None and not section.data:
        return None
    section.only("host_key", "key_file", "password_file")
    pins = section.texts("host_key")
    for pin in pins:
        if _PIN.fullmatch(pin) is None:
            section.problems.add(
                WRONG_VALUE,
                f"{section.place}.host_key",
                found=pin[:60],
                expected="SHA256:…（43 个字符）",
                key="host_key",
            )
    key_file, password_file = (secretfiles.named(section, each) for each in ("key_file", "password_file"))
    if key_file is None and password_file is None:
        section.problems.add(MISSING_KEY, section.place, expected="key_file / password_file", key="key_file")
    if address is None:
        return None
    host, port, account, path = _parts(address)
    access = Access(host=host, port=port, account=account, pins=pins, key_file=key_file, password_file=password_file)
    return access, path


def _parts(address: str) -> tuple[str, int, str, str]:
    expected = "sftp://账号@主机:端口/文件夹"
    try:
        parts = urlsplit(address)
        host, port, account = parts.hostname, parts.port, parts.username
    except ValueError:
        raise YunhuobanError(WRONG_ADDRESS, place=SCHEME, expected=expected) from None
    if not host or not account or parts.password is not None or parts.query or parts.fragment:
        raise YunhuobanError(WRONG_ADDRESS, place=SCHEME, found=host or "", expected=expected)
    return host, port or _PORT, unquote(account), unquote(parts.path) or "/"
