"""A county node in which everything is in order, as a report: a test changes what it looks at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.countyit.status.pulse import LinkPulse, Pulse
from adapters.countyit.status.report import (
    CertificateLine,
    ClockLine,
    ListLine,
    Machine,
    Partner,
    Report,
    Traffic,
    Weather,
)

AT: Final = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
FILES: Final = ("connection.pem", "signing.pem", "encryption.pem", "seal/seal.pem")


def partner(weather: Weather = Weather.CLEAR, **changes: Any) -> Partner:
    """永济, from which a receipt came two minutes ago."""
    usual: dict[str, Any] = {
        "code": "140881",
        "name": "永济市",
        "weather": weather,
        "why": "",
        "heard_at": AT - timedelta(minutes=2),
        "waiting": 0,
        "oldest_at": None,
        "contract": "1.0",
    }
    return Partner(**usual | changes)


def pulse(*, connected: bool = True, since: timedelta = timedelta(hours=3), problem: str = "") -> Pulse:
    """Three links that are all the same."""
    links = [
        LinkPulse(road=road, connected=connected, since=AT - since, problem=problem)
        for road in ("cases", "claims", "arrivals")
    ]
    return Pulse(at=AT, started_at=AT - timedelta(hours=3), links=links)


def certificate(file: str = "connection.pem", days: int = 200) -> CertificateLine:
    """One of ours, and how long it holds yet."""
    ends = AT + timedelta(days=days, hours=1)
    return CertificateLine(role=file.rpartition("/")[2][:-4], file=file, ends_at=ends, days_left=days)


def revocation_list(age_hours: float = 5.0, left_hours: float = 163.0) -> ListLine:
    """One list of the directory."""
    return ListLine(kind="transport", number=41, age_hours=age_hours, ends_at=AT + timedelta(hours=left_hours))


def traffic(**changes: Any) -> Traffic:
    """A quiet morning."""
    usual: dict[str, Any] = {
        "last_read_at": AT - timedelta(minutes=4),
        "last_arrived_at": AT - timedelta(minutes=2),
        "unsent_since": None,
    }
    numbers = ("out_of_turn", "unsent", "unsigned", "refused", "unopened", "unwritten", "unwritten_failed", "troubles",
               "troubles_lately")  # fmt: skip
    return Traffic(**dict.fromkeys(numbers, 0) | usual | changes)


def machine(**changes: Any) -> Machine:
    """A machine with room."""
    usual: dict[str, Any] = {
        "version": "0.1.0",
        "contracts": ("1.0",),
        "mapping": "5f2a90c1d3e4",
        "mapping_at": AT - timedelta(days=3),
        "disk_free_bytes": 40 << 30,
        "disk_total_bytes": 100 << 30,
        "store_bytes": 12 << 20,
    }
    return Machine(**usual | changes)


def report(**changes: Any) -> Report:
    """吴桥 in order."""
    return replace(
        Report(
            division_code="130928",
            name="吴桥县",
            trial=True,
            made_at=AT,
            pulse=pulse(),
            traffic=traffic(),
            partners=[partner()],
            certificates=[certificate(file) for file in FILES],
            lists=[revocation_list()],
            directory_issued_at=AT - timedelta(hours=1),
            directory_ends_at=AT + timedelta(days=7),
            clock=ClockLine(least=-0.4, most=0.6),
            machine=machine(),
        ),
        **changes,
    )


NOTHING_YET: Final = replace(
    report(partners=[], lists=[], directory_issued_at=None, directory_ends_at=None, pulse=None),
    traffic=traffic(last_read_at=None, last_arrived_at=None),
    machine=machine(version="", mapping="", mapping_at=None, store_bytes=None),
    certificates=[replace(certificate(), ends_at=None, days_left=None)],
)
"""A node before its first directory and its first message, or one that has ended."""
