"""A link within this process that fails as it is told: the node's own `RenewingLink` over a broker made of lists.

Only the wire is made here. When to connect anew, what is void afterwards and what counts as sent is decided by the
code that runs in the node.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from adapters.link.messages import CERTIFICATE_REFUSED, LOST, MEMORY, UNCONFIRMED, LinkParameters, Submission
from adapters.link.renewal import OnMessage, RenewingLink, Wire
from schemas.errors import YunhuobanError

_ADDRESS: Final = "adapter test"


class Trouble(StrEnum):
    """What goes wrong, once."""

    CUT_BEFORE = "cut_before"
    """The line breaks before the broker has the message."""
    CUT_AFTER = "cut_after"
    """The broker has it; the confirm is lost with the line."""
    NACK = "nack"
    """The broker says that it does not take it."""
    LATE_ACK = "late_ack"
    """The broker has it, and the confirm does not come in time."""
    CUT_RECEIVING = "cut_receiving"
    """The line breaks when an arrival is to be acknowledged."""
    REVOKED = "revoked"
    """The broker refuses the county's certificate, until it is renewed."""


@dataclass(slots=True)
class Broker:
    """What it holds, and what goes wrong next."""

    trouble: Trouble | None = None
    held: deque[Submission] = field(default_factory=deque)
    taken: int = 0

    def strikes(self, *troubles: Trouble) -> Trouble | None:
        """The trouble that is due here; it happens once."""
        if self.trouble not in troubles:
            return None
        found, self.trouble = self.trouble, None
        return found

    def keep(self, submission: Submission) -> None:
        """Hold a message for its destination."""
        self.held.append(submission)
        self.taken += 1


@dataclass(slots=True)
class _Message:
    """A delivery as the library hands it over."""

    body: bytes
    properties: dict[str, Any]
    headers: dict[str, Any]
    delivery_tag: int
    delivery_info: dict[str, Any] = field(default_factory=dict)


class InProcessLink(RenewingLink):
    """A county's link to this broker."""

    def __init__(self, broker: Broker, county: str) -> None:
        """Nothing opens before use."""
        nowhere = Path()
        super().__init__(
            LinkParameters(
                urls=[MEMORY], vhost="", user=county, anchors=nowhere, chain=nowhere, key=nowhere,
                server_hostname=_ADDRESS,
            )
        )  # fmt: skip
        self._broker = broker

    def _open(self) -> Wire:
        if self._broker.trouble is Trouble.REVOKED:
            raise YunhuobanError(CERTIFICATE_REFUSED, place="link", address=_ADDRESS)
        return _ListWire(self._broker)


class _ListWire:
    """One connection."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._unsettled: dict[int, Submission] = {}
        self._delivered = 0
        self._on_message: OnMessage | None = None
        self._queue = ""

    def publish(self, submission: Submission) -> bool:
        """Take it, or fail as told."""
        trouble = self._broker.strikes(Trouble.CUT_BEFORE, Trouble.CUT_AFTER, Trouble.NACK, Trouble.LATE_ACK)
        if trouble is Trouble.NACK:
            return False
        if trouble is Trouble.CUT_BEFORE:
            raise _lost()
        self._broker.keep(submission)
        if trouble is Trouble.CUT_AFTER:
            raise _lost()
        if trouble is Trouble.LATE_ACK:
            raise YunhuobanError(UNCONFIRMED, place="link", seconds="0")
        return True

    def consume(self, queues: Sequence[str], _prefetch: int, on_message: OnMessage) -> None:
        """Subscribe."""
        self._queue, self._on_message = queues[0], on_message

    def read(self, _seconds: float) -> bool:
        """Hand one message over."""
        if self._on_message is None or not self._broker.held:
            return False
        submission = self._broker.held.popleft()
        self._delivered += 1
        self._unsettled[self._delivered] = submission
        properties = {"message_id": submission.message_id, "type": submission.type}
        headers = {"signatures": list(submission.signatures)}
        self._on_message(self._queue, _Message(submission.body, properties, headers, self._delivered))
        return True

    def ack(self, tag: int) -> None:
        """Forget one delivery, or break before that."""
        if self._broker.strikes(Trouble.CUT_RECEIVING):
            raise _lost()
        self._unsettled.pop(tag, None)

    def reject(self, tag: int) -> None:
        """Forget one delivery: there are no dead letters here."""
        self._unsettled.pop(tag, None)

    def heartbeat(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """What is not acknowledged is delivered again."""
        self._broker.held.extendleft(reversed(self._unsettled.values()))
        self._unsettled.clear()

    def drop(self) -> None:
        """The same."""
        self.close()


def _lost() -> YunhuobanError:
    return YunhuobanError(LOST, place="link", address=_ADDRESS)
