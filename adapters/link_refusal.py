"""Why a broker could not be used, in county IT's words.

With TLS 1.3 the broker judges our certificate after our side of the handshake is over (RFC 8446 §4.4.2.4). When the
first bytes we send meet a connection that is closed already, the library sees only that it ended; the alert that says
why is lost with it. Then we connect once more and only listen: what is not spoken to keeps its last word.
"""

import socket
import ssl
from typing import Final

from adapters.link_messages import (
    BROKER_UNTRUSTED,
    CERTIFICATE_REFUSED,
    LOGIN_REFUSED,
    UNREACHABLE,
    LinkParameters,
)
from certs import contexts
from schemas.errors import YunhuobanError

_CUT_SHORT: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError)
_LISTEN_SECONDS: Final = 1.0


def refusal(error: Exception, address: str, parameters: LinkParameters, *, denied: bool) -> YunhuobanError:
    """The declared error for what the library raised while it connected. Asks the broker again if it was cut short.

    `denied`: AMQP itself said no to user or virtual host, which only the library's door can tell.
    """
    if isinstance(error, _CUT_SHORT):
        error = _last_word(address, parameters) or error
    code = UNREACHABLE
    if isinstance(error, ssl.SSLCertVerificationError):
        code = BROKER_UNTRUSTED
    elif isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or "").upper():
        code = CERTIFICATE_REFUSED
    elif denied:
        code = LOGIN_REFUSED
    return YunhuobanError(
        code, place="link", found=text(error), address=address, user=parameters.user, vhost=parameters.vhost
    )


def text(error: BaseException) -> str:
    """Return the library's own words, which name exchanges, queues, hosts and files, never a person."""
    words = getattr(error, "reply_text", None) or getattr(error, "reason", None) or getattr(error, "strerror", None)
    return f"{type(error).__name__}: {words}"[:200] if words else type(error).__name__


def _last_word(address: str, parameters: LinkParameters) -> Exception | None:
    """What the broker says to a county that says nothing; None when it says nothing either, as to a good one."""
    host, _, port = address.rpartition(":")
    context = contexts.client_context(parameters.anchors, parameters.chain, parameters.key)
    try:
        with (
            socket.create_connection((host.strip("[]"), int(port)), timeout=parameters.connect_seconds) as raw,
            context.wrap_socket(raw, server_hostname=parameters.server_hostname) as connection,
        ):
            connection.settimeout(min(_LISTEN_SECONDS, parameters.connect_seconds))
            connection.recv(1)
    except OSError as error:  # ssl.SSLError is one, a time-out another
        return error if isinstance(error, ssl.SSLError) else None
    return None
