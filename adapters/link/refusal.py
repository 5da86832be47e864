"""Why a broker could not be used, in county IT's words.

With TLS 1.3 the broker judges our certificate after our side of the handshake is over (RFC 8446 §4.4.2.4). When the
first bytes we send meet a connection that is closed already, the library sees only that it ended; the alert that says
why is lost with it. Then the probe is sent, which knows how to hear it.
"""

import ssl
from typing import Final

from adapters.instants import now
from adapters.link.messages import (
    BROKER_UNTRUSTED,
    CERTIFICATE_REFUSED,
    LOGIN_REFUSED,
    UNREACHABLE,
    LinkParameters,
)
from certs import keys
from certs.probe import probe
from schemas.errors import YunhuobanError

_CUT_SHORT: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError)


def refusal(error: Exception, address: str, parameters: LinkParameters, *, denied: str) -> YunhuobanError:
    """The declared error for what the library raised while it connected. Asks the broker again if it was cut short.

    `denied`: AMQP itself said no to the `user` or to the `vhost`, which only the library's door can tell.
    """
    code, found = UNREACHABLE, text(error)
    if isinstance(error, _CUT_SHORT):
        alert = _refused_with(address, parameters)
        if alert:
            code, found = CERTIFICATE_REFUSED, alert
    elif isinstance(error, ssl.SSLCertVerificationError):
        code = BROKER_UNTRUSTED
    elif isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or "").upper():
        code = CERTIFICATE_REFUSED
    elif denied:
        code = LOGIN_REFUSED
    return YunhuobanError(
        code, place="link", found=found, address=address, user=parameters.user, vhost=parameters.vhost, denied=denied
    )


def text(error: BaseException) -> str:
    """Return the library's own words, which name exchanges, queues, hosts and files, never a person."""
    words = getattr(error, "reply_text", None) or getattr(error, "reason", None) or getattr(error, "strerror", None)
    return f"{type(error).__name__}: {words}"[:200] if words else type(error).__name__


def _refused_with(address: str, parameters: LinkParameters) -> str:
    """The alert with which the broker turns our certificate away, or nothing."""
    host, _, port = address.rpartition(":")
    facts = probe(
        host.strip("[]"), int(port), server_hostname=parameters.server_hostname,
        anchors=keys.load_certificates(parameters.anchors), chain=keys.load_certificates(parameters.chain),
        key=keys.load_private_key(parameters.key), at=now(), timeout_seconds=parameters.connect_seconds,
    )  # fmt: skip
    return facts.alert if facts.stage == "refused" and facts.says_why else ""
