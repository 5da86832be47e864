"""Tells the service manager how a process is: ready, alive, stopping. Harmless where nobody asked to be told.

Source: sd_notify(3) and sd_watchdog_enabled(3) of systemd. One datagram per message to the socket that `NOTIFY_SOCKET`
names; the variables are taken out of the environment, so that no child speaks in our name.
"""

import os
import socket
import time
from collections.abc import Callable, MutableMapping
from contextlib import suppress

_SHARE = 3
"""Alive is said three times per period of the watchdog: one that comes late is no death."""


class Supervisor:
    """The service manager that started us, if one did."""

    def __init__(
        self,
        environment: MutableMapping[str, str] | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read and remove its variables; nothing is sent yet."""
        said = os.environ if environment is None else environment
        name = said.pop("NOTIFY_SOCKET", "")
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        period = int(said.pop("WATCHDOG_USEC", "") or 0) / 1_000_000
        ours = said.pop("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_seconds = period if ours else 0.0
        """Within how long we have to say that we are alive; 0 when nobody waits for it."""
        self._monotonic = monotonic
        self._next = monotonic()

    def ready(self) -> None:
        """Everything is up: whatever was to start after us may."""
        self._tell("READY=1")

    def alive(self) -> None:
        """Called at every turn; says so when it is time to."""
        if self.watchdog_seconds and self._monotonic() >= self._next:
            self._next = self._monotonic() + self.watchdog_seconds / _SHARE
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """We end on purpose."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        # A manager that does not listen finds out by itself; our own work does not end for it.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.connect(self._address)
            door.sendall(message.encode())
