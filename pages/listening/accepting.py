"""Takes TLS connections at one socket: so many at once and no more, and the certificate may change at any time.

uvicorn counts a connection when its TLS stands, and keeps the context it began with: whoever never ends his handshake
would cost nothing to himself and a place here, and a new certificate would need a restart.
"""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from pages.listening.patience import Patient

HANDSHAKE_SECONDS: Final = 10.0
AT_ONCE: Final = 256
"""Connections: a hall of forty windows, six per browser (what browsers open to one host)."""
AT_ONCE_FROM_ONE: Final = 64
"""Of these, from one address: several windows may stand behind one gateway, but none has all places."""
_PAUSE_SECONDS: Final = 0.5  # when the machine has no more file handles: the listening socket stays ready all the while


class Accepting:
    """The end of one listening socket; has of asyncio's servers what uvicorn asks of one."""

    def __init__(
        self, listening: socket.socket, protocol: Callable[[], Patient], tls: Callable[[], ssl.SSLContext]
    ) -> None:
        """Begin in the running loop. `tls` is asked anew for every connection."""
        self._listening = listening
        self._protocol = protocol
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._from: Counter[str] = Counter()
        self._taking: set[asyncio.Task[None]] = set()
        listening.settimeout(0)  # does not block: the loop waits for it
        listening.listen(AT_ONCE)
        self._accepting = self._loop.create_task(self._accept())

    def close(self) -> None:
        """Take no more connections; those that stand are the server's to end."""
        self._accepting.cancel()
        for each in self._taking:
            each.cancel()

    async def wait_closed(self) -> None:
        """Until nothing is being taken."""
        await asyncio.gather(self._accepting, *self._taking, return_exceptions=True)

    async def _accept(self) -> None:
        while True:
            try:
                connection, address = await self._loop.sock_accept(self._listening)
            except OSError:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            host = str(address[0])
            if self._from.total() >= AT_ONCE or self._from[host] >= AT_ONCE_FROM_ONE:
                connection.close()
                continue
            self._from[host] += 1
            task = self._loop.create_task(self._take(connection, host))
            self._taking.add(task)
            task.add_done_callback(self._taking.discard)

    async def _take(self, connection: socket.socket, host: str) -> None:
        """The handshake; what is none, or does not end, ends the connection."""
        protocol = self._protocol()
        protocol.left = lambda: self._leave(host)
        # ssl.SSLError is an OSError; a connection that failed was closed by its transport.
        with suppress(OSError, asyncio.CancelledError):
            await self._loop.connect_accepted_socket(
                lambda: protocol, connection, ssl=self._tls(), ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        if not protocol.was_made:
            self._leave(host)

    def _leave(self, host: str) -> None:
        self._from[host] -= 1
        if self._from[host] <= 0:
            del self._from[host]
