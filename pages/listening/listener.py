"""What the guard has to know of the place by which a request came in: an application may be served at several.

One is on this machine, plain, for whoever may read the machine's own one-time address. The other is in the hall's
network, over TLS, where that address is worth nothing. Which one it was is said by the socket that took the connection
and by no header.
"""

from dataclasses import dataclass
from typing import Final, Literal, Self

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK: Final = "127.0.0.1"
_LOOPBACK_NAMES: Final = (LOOPBACK, "localhost")
_HTTPS_PORT: Final = 443
_KEY: Final = "yhb.listener"
HSTS: Final = "max-age=31536000"
"""One year, this host only (RFC 6797 §6.1): whoever else is under the county's domain decides for himself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One place at which pages are served."""

    hosts: frozenset[str]
    """Every Host header under which they are meant, with its port where browsers send one."""
    scheme: Literal["http", "https"]
    of_machine: bool
    """Whether only this machine reaches it."""

    @classmethod
    def of_this_machine(cls, port: int) -> Self:
        """Plain HTTP on loopback."""
        hosts = frozenset(f"{name}:{port}" for name in _LOOPBACK_NAMES)
        return cls(hosts=hosts, scheme="http", of_machine=True)

    @classmethod
    def of_hall(cls, names: tuple[str, ...], port: int) -> Self:
        """TLS under these names and addresses."""
        written = [f"[{name}]" if ":" in name else name for name in names]
        hosts = {f"{name}:{port}" for name in written}
        return cls(
            hosts=frozenset(hosts | set(written) if port == _HTTPS_PORT else hosts), scheme="https", of_machine=False
        )


def listener_of(scope: Scope) -> Listener:
    """The place a request came in by; what was not marked came in by loopback."""
    marked = scope.get(_KEY)
    return marked if isinstance(marked, Listener) else Listener.of_this_machine(scope["server"][1])


class Marked:
    """An application at one place: its requests carry the place, its answers over TLS say that it stays so."""

    def __init__(self, app: ASGIApp, listener: Listener) -> None:
        """The same application may be marked for several places."""
        self._app = app
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Mark the request; only over TLS may an answer speak of TLS (RFC 6797 §7.2)."""

        async def send_strictly(message: Message) -> None:
            if message["type"] == "http.response.start" and self._listener.scheme == "https":
                MutableHeaders(scope=message)["Strict-Transport-Security"] = HSTS
            await send(message)

        await self._app({**scope, _KEY: self._listener}, receive, send_strictly)
