"""Tells a running node's people what is wrong with the local system before the first record meets it.

Looked at once when the node starts; while something is wrong it is looked at again each minute, so that the trouble
goes when it is mended. It stops nothing: what fits is read and written meanwhile.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from adapters.local import troublebook
from adapters.local.localsystem.findings import LocalSystem
from adapters.local.mapping import MappingFailed
from adapters.store import Store

_log = structlog.get_logger(__name__)
_KEY: Final = "local-system"
_AGAIN_SECONDS: Final = 60.0


class LocalWatch:
    """The check of one node's local system and the trouble it keeps."""

    def __init__(
        self, store: Store, look: Callable[[], LocalSystem], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Look at nothing before `run_once`. `clock` counts seconds."""
        self._store = store
        self._look = look
        self._clock = clock
        self._next_at: float | None = 0.0
        """When to look again; None once it was well."""

    def run_once(self, now: datetime) -> int:
        """Look if it is time to, and note or clear the trouble; nothing for other loops follows from it."""
        if self._next_at is None or self._clock() < self._next_at:
            return 0
        local = self._look()
        with self._store.write() as tx:
            if local.well:
                troublebook.clear(tx, _KEY)
            else:
                troublebook.note(tx, _KEY, MappingFailed(local.problems, place=_KEY), now)
        for code in sorted({each.code.code for each in local.problems}):
            _log.warning("local_system.unfit", code=code)
        self._next_at = None if local.well else self._clock() + _AGAIN_SECONDS
        return 0
