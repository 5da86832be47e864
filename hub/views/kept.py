"""An answer that is kept for a moment, because many ask for it and whoever is asked should be asked once."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from schemas.errors import YunhuobanError

KEEP_SECONDS: Final = 1.0
KEEP_SHARE: Final = 5
"""What took long to answer is kept this many times as long: an open page must not keep the broker busy."""

T = TypeVar("T")


@dataclass(slots=True)
class Kept(Generic[T]):
    """An answer kept for a moment; when it cannot be had, the error is the answer."""

    ask: Callable[[], T]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _until: float = float("-inf")
    _answer: T | None = None
    _trouble: YunhuobanError | None = None

    def get(self) -> T:
        """The answer, at most `KEEP_SECONDS` old, or as old as it was slow. Raises what asking raised."""
        with self._lock:
            if (started := time.monotonic()) >= self._until:
                try:
                    self._answer, self._trouble = self.ask(), None
                except YunhuobanError as error:
                    self._answer, self._trouble = None, error
                ended = time.monotonic()
                self._until = ended + max(KEEP_SECONDS, (ended - started) * KEEP_SHARE)
            if self._trouble is not None:
                raise self._trouble
            return self._answer  # type: ignore[return-value]  # None only beside a trouble
