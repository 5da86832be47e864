"""How much each county may send before it has to wait: token buckets for messages and bytes. Pure.

A quota is one admission worker's: with several, a county whose cases lie on several workers' shards has as many. It
bounds what one county can take of a worker's time, which is all that the others' latency depends on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_FULL: Final = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What flows in per second, and what may be spent at once."""

    messages_per_second: float
    burst_messages: float
    bytes_per_second: float
    burst_bytes: float

    def seconds(self, messages: int, size_bytes: int) -> float:
        """How long this much takes at the quota's pace."""
        return max(messages / self.messages_per_second, size_bytes / self.bytes_per_second)


@dataclass(slots=True)
class _Bucket:
    messages: float
    size_bytes: float
    filled_at: float


class Quotas:
    """The buckets of all counties. One worker's, not shared between threads."""

    def __init__(self, quota: Quota, monotonic: Callable[[], float]) -> None:
        """`monotonic` is a clock in seconds that never goes back."""
        self._quota = quota
        self._monotonic = monotonic
        self._buckets: dict[str, _Bucket] = {}

    def spend(self, county: str, size_bytes: int) -> bool:
        """Whether the county has this message's worth left; then it is spent, otherwise nothing is."""
        bucket = self._filled(county)
        if bucket.messages < 1 or bucket.size_bytes < size_bytes:
            return False
        bucket.messages -= 1
        bucket.size_bytes -= size_bytes
        return True

    def _filled(self, county: str) -> _Bucket:
        now, quota = self._monotonic(), self._quota
        bucket = self._buckets.setdefault(county, _Bucket(_FULL, _FULL, now))
        gone, bucket.filled_at = now - bucket.filled_at, now
        bucket.messages = min(bucket.messages + gone * quota.messages_per_second, quota.burst_messages)
        bucket.size_bytes = min(bucket.size_bytes + gone * quota.bytes_per_second, quota.burst_bytes)
        return bucket
