"""The door to segno: the verification QR code of a license (ISO/IEC 18004).

The code holds `https://<host>/v#<token>`. The token is 128 random bits of the caller's in 32 hexadecimal digits, which
a person can type as well; as the fragment of the address it never reaches a server's log. It is no imitation of the
national publicity system's code, which stands on paper licenses and links to that system.
"""

import io
import re
from typing import Final

import segno

from schemas.errors import YunhuobanError, declare
from schemas.scanning import TOKEN_BYTES

_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")

QR_ADDRESS: Final = declare(
    "E-LIC-005",
    "核验二维码的地址不对。",
    "请检查县节点配置中的核验主机名（小写字母、数字、点和连字符）和令牌长度（16字节）。",
)


def page_address(host: str, page: str) -> str:
    """The address of one of the hub's public pages, up to its fragment. Raises QR_ADDRESS."""
    if not _HOST.fullmatch(host):
        raise YunhuobanError(QR_ADDRESS, place="host", found=host)
    return f"https://{host}/{page}"


def verification_url(host: str, token: bytes) -> str:
    """The address in the code. Raises QR_ADDRESS; the token never appears in the error."""
    address = page_address(host, "v")
    if len(token) != TOKEN_BYTES:
        raise YunhuobanError(QR_ADDRESS, place="token", found=f"{len(token)} B", expected=f"{TOKEN_BYTES} B")
    return f"{address}#{token.hex()}"


def svg(url: str) -> str:
    """The code as SVG without a quiet zone: the template leaves room. Level M survives a stamp's edge or a fold."""
    buffer = io.BytesIO()
    segno.make(url, error="m", micro=False).save(buffer, kind="svg", border=0, xmldecl=False)
    return buffer.getvalue().decode("ascii")
