"""How often one address may knock at a page for strangers: a bucket of knocks each, refilled slowly.

A network of IPv6 counts as one address up to its 64th bit: whoever has one has all of it.
"""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BURST: Final = 30
PER_SECOND: Final = 0.5
"""A county that waits to join asks every five seconds at first and every minute in the end; some share a gateway."""
MOST_ADDRESSES: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rates:
    """The knocks of all addresses. Safe to use from several threads."""

    def __init__(self, *, burst: int = BURST, clock: Callable[[], float] = time.monotonic) -> None:
        """Every address begins with `burst` knocks."""
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Count a knock; whether it is one too many."""
        name, now = _network(address), self._clock()
        with self._lock:
            bucket = self._buckets.pop(name, None) or _Bucket(self._burst, now)
            bucket.left = min(self._burst, bucket.left + (now - bucket.at) * PER_SECOND)
            bucket.at = now
            self._buckets[name] = bucket  # the latest last: who has not knocked for longest is forgotten first
            while len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
            if bucket.left < 1:
                return False
            bucket.left -= 1
            return True


def _network(address: str) -> str:
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{read}/64", strict=False)) if read.version == 6 else str(read)
