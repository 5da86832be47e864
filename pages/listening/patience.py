"""How long one connection of a stranger may take over each thing, so that nobody holds one open by doing nothing.

Each limit is for a thing that an honest browser does at once. What a body may take is said in `pages.listening.bodies`.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS: Final = 15.0
"""From a connection's beginning, or its next request's first byte, to the end of the request's head."""
READ_SECONDS: Final = 30.0
"""For which somebody may take nothing of an answer that waits for him."""


class Patient(H11Protocol):
    """uvicorn's HTTP/1.1 on one connection, with an end to patience."""

    left: Callable[[], None] | None = None
    """Called when the connection has ended."""
    was_made = False
    _timer: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """The head has to come now."""
        super().connection_made(transport)
        self.was_made = True
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """What came is a part of a head unless it ended one, or belongs to a request that is being answered."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._head_came()
        elif self._timer is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._head_came()
        self._moves()
        super().connection_lost(exc)
        if self.left is not None:
            self.left()

    def on_response_complete(self) -> None:
        """A request that came behind this one may begin at once, and is then being answered."""
        super().on_response_complete()
        if self.cycle is not None and not self.cycle.response_complete:
            self._head_came()

    def pause_writing(self) -> None:
        """The other side does not take what we say."""
        super().pause_writing()
        self._stalled = self._stalled or self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        self._moves()

    def _await_head(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _head_came(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _moves(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
