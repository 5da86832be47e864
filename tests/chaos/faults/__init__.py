"""Every kind of fault, by the name under which the plan knows it."""

from typing import Final

from tests.chaos.faults.broker import DiskAlarm, FullInbox, MemoryAlarm
from tests.chaos.faults.clocks import ClockFarAhead, WrongClock
from tests.chaos.faults.disk import FullBrokerDisk, FullHubDisk
from tests.chaos.faults.fault import Fault
from tests.chaos.faults.messages import Poison, Redelivered, Resent
from tests.chaos.faults.network import CloseConnections, CutLine, SlowLine, StallLine
from tests.chaos.faults.printer import BadPrinter, DyingPrinter
from tests.chaos.faults.process import Crawl, Freeze, Kill, KillBroker, KillWorker
from tests.chaos.faults.trust import ExpiredLists, Revoked

FAULTS: Final[dict[str, type[Fault]]] = {
    each.kind.name: each
    for each in (
        Kill, KillWorker, KillBroker, Freeze, Crawl,
        CutLine, StallLine, SlowLine, CloseConnections,
        Resent, Redelivered, Poison,
        FullInbox, MemoryAlarm, DiskAlarm,
        FullHubDisk, FullBrokerDisk,
        WrongClock, ClockFarAhead,
        ExpiredLists, Revoked,
        BadPrinter, DyingPrinter,
    )
}  # fmt: skip
KINDS: Final = tuple(each.kind for each in FAULTS.values())
CHEAP: Final = tuple(kind for kind in KINDS if kind.cheap)
NEEDS: Final = {
    "full-disk-hub": "volumes",
    "full-disk-broker": "volumes",
    "wrong-clock": "clocks",
    "clock-far-ahead": "clocks",
}
"""What of the arena a kind cannot do without."""
