"""What the checks judge by: everything that was seen on the way to one broker, and nothing that is secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from adapters.countyit.doctor.findings import Step
from adapters.directory.directoryview import DirectoryView
from certs.chain import TrustStore
from certs.keys import Certificate
from certs.probe import TlsFacts
from schemas.errors import Code, YunhuobanError

Door = Literal["open", "shut", "mute"]
"""A port: something listens; the connection is refused; nothing answers at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """That our clock showed a message's making later than the hub showed its coming."""

    by: timedelta
    """At least so much, for the way took time, too; negative when nothing can be said."""
    at: datetime
    """The hub's time of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the county's store remembers of the hub."""

    directory: DirectoryView | None = None
    hub_time: datetime | None = None
    """The latest time that the hub is known to have signed: the true time is not before it."""
    ahead: Ahead | None = None
    """From the newest receipt of the hub for a message of ours."""
    partners: Sequence[str] = ()
    """The counties that we have sent something to or had something from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Our own connection certificate."""

    chain: Sequence[Certificate] = ()
    problem: YunhuobanError | None = None
    """Why files cannot be used: missing, broken, or key and certificate are no pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What became of logging in."""

    problem: YunhuobanError | None = None
    takes: bool = False
    """Whether the broker takes messages now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that was seen. What was not reached is None."""

    address: str
    division_code: str
    vhost: str
    server_hostname: str
    seconds: float
    """How long each step waits."""
    now: datetime
    """By our clock, the one that is judged."""
    chains: TrustStore
    """Our anchors, with the revocation lists of the newest directory."""
    memory: Memory
    own: Own
    found: Sequence[str] | None = None
    """The addresses under the broker's name; empty when the name is not known."""
    door: Door | None = None
    network_words: str = ""
    """The system's own words about name or port."""
    tls: TlsFacts | None = None
    entry: Entry | None = None

    def problem(self, code: Code, step: Step, found: str, *, expected: str = "", **words: str) -> YunhuobanError:
        """What is wrong at a step, with the broker's address in the sentence."""
        return YunhuobanError(code, place=step.value, found=found, expected=expected, address=self.address, **words)
