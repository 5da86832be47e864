"""The certificate of a printer: shown once to a person, then held to. A printer's own is signed by nobody we know.

Source: RFC 7472 (ipps). The person compares the fingerprint with the one on the printer's own panel or page.
"""

import hashlib
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from adapters.printing.troubles import UNREACHABLE
from certs import keys
from schemas.errors import YunhuobanError, declare

NO_TLS = declare(
    "E-PRINT-171",
    "打印机没有用加密方式（ipps）应答。",
    "请在打印机上打开 ipps；打印机没有这项功能的，改用 ipp:// 地址，并只在大厅自己的网络内使用。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What the printer showed."""

    pin: str  # SHA-256 of the certificate in hex
    subject: str
    issuer: str
    ends_at: datetime

    @property
    def grouped(self) -> str:
        """The fingerprint as panels show it."""
        return ":".join(self.pin[at : at + 2] for at in range(0, len(self.pin), 2)).upper()


def presented(url: str, *, timeout_seconds: float) -> Presented:
    """Ask for it, trusting nothing. Raises E-PRINT-121, E-PRINT-171 or E-CERT-… for one that cannot be read."""
    parts = urlsplit(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    host, port = parts.hostname or "", parts.port or 631
    try:
        with socket.create_connection((host, port), timeout=timeout_seconds) as connection:
            try:
                with context.wrap_socket(connection, server_hostname=host) as secured:
                    der = secured.getpeercert(binary_form=True) or b""
            except (ssl.SSLError, OSError) as error:
                raise YunhuobanError(NO_TLS, place="url", found=type(error).__name__) from error
    except OSError as error:
        raise YunhuobanError(UNREACHABLE, place="url", found=type(error).__name__) from error
    certificate = keys.certificate_from_der(der)
    return Presented(
        pin=hashlib.sha256(der).hexdigest(),
        subject=certificate.subject.rfc4514_string()[:200],
        issuer=certificate.issuer.rfc4514_string()[:200],
        ends_at=certificate.not_valid_after_utc,
    )
