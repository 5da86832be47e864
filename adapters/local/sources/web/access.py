"""How a county's own HTTP interface is reached: its address from the node's settings, token and anchors from files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from adapters.local.mapping.strict import WRONG_VALUE, Section
from adapters.local.sources import secretfiles
from schemas.errors import YunhuobanError, declare

WRONG_ADDRESS = declare(
    "E-SRC-081",
    "接口的地址写法不对。",
    "请写成 https://主机:端口 或 http://主机:端口，后面可以有路径；账号、密码和参数不写在地址里。",
)
_AUTHORIZATION: Final = "Authorization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Everything that a request needs; the token stays in its file."""

    address: str
    """Without a slash at its end."""
    token_file: Path | None = None
    header: str = _AUTHORIZATION
    ca_file: Path | None = None
    """Whose certificates are believed; None: those that this machine believes."""

    def headers(self) -> dict[str, str]:
        """The header with the token, read anew for each request. Raises E-SRC-075."""
        if self.token_file is None:
            return {}
        token = secretfiles.line(self.token_file)
        return {self.header: f"Bearer {token}" if self.header.title() == _AUTHORIZATION else token}


def read(section: Section, address: str) -> Access:
    """Read `[….access]`; problems are noted in the section. Raises E-SRC-081."""
    section.only("token_file", "header", "ca_file")
    header = section.text("header", _AUTHORIZATION)
    if not header.isascii() or not header.replace("-", "").isalnum():
        place = f"{section.place}.header"
        section.problems.add(WRONG_VALUE, place, found=header[:60], expected="X-Token", key="header")
    return Access(
        address=base(address),
        token_file=secretfiles.named(section, "token_file"),
        header=header,
        ca_file=secretfiles.named(section, "ca_file"),
    )


def base(address: str) -> str:
    """The address as paths can be put behind it. Raises E-SRC-081."""
    try:
        parts = urlsplit(address)
        port = parts.port  # raises for what is no port
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (port is None or port >= 0)
    except ValueError:
        good = False
    if not good or parts.username is not None or parts.query or parts.fragment:
        raise YunhuobanError(WRONG_ADDRESS, place="http", expected="https://主机:端口/路径")
    return address.rstrip("/")


def path_of(section: Section) -> str:
    """The `path` of an interface behind the address; one that does not begin with a slash is noted."""
    path = section.text("path")
    if path and (not path.startswith("/") or set(path) & set("?# \\")):
        place = f"{section.place}.path"
        section.problems.add(WRONG_VALUE, place, found=path[:60], expected="/api/…（不带 ? 和 #）", key="path")
    return path
