"""Six mistakes that people make in such systems, each as one function put in the place of the right one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import delete

from adapters.link.connection import Link
from adapters.printing import ledger
from adapters.printing.station import Outcome as Printed
from adapters.printing.station import StartOutcome, Station
from hub.broker import BrokerLink, Outcome
from hub.broker.messages import Batch
from hub.history import journal
from hub.intake import admission
from hub.outflow import delivery
from hub.store import tables
from schemas.messages import TYPES
from tests.chaos.sabotage.provoked import PROVOKED

Put = Callable[[Any, str, Any], None]
"""(where, name, value): puts a wrong function in the place of the right one."""


def early_acknowledge(put: Put, *, county_link: type[Any], **_: Any) -> None:
    """The county acknowledges an arrival when it comes, not when it is committed (RabbitMQ's `auto_ack`)."""
    right = county_link.receive

    def receive(link: Any, seconds: float) -> Any:
        arrivals = right(link, seconds)
        link.ack(arrivals)
        return arrivals

    put(county_link, "receive", receive)


def lost_confirm(put: Put, *, hub_link: type[Any], **_: Any) -> None:
    """The hub holds for confirmed whatever it has published."""
    right = hub_link.start_publishing

    def start_publishing(link: Any, outgoings: Sequence[Any]) -> Batch:
        right(link, outgoings)
        batch = Batch(outgoings)
        for at in range(len(outgoings)):
            batch.settle(at, Outcome.CONFIRMED)
        return batch

    put(hub_link, "start_publishing", start_publishing)


def skipped_duplicates(put: Put, **_: Any) -> None:
    """The hub admits what it has admitted before."""
    right = admission.Admission.judge

    def judge(self: Any, *batch: Any, **how: Any) -> list[Any]:
        verdicts = right(self, *batch, **how)
        for each in verdicts:
            if each.outcome == "duplicate":
                each.outcome = "admitted"
        return verdicts

    put(admission.Admission, "judge", judge)


def journalled_is_delivered(put: Put, **_: Any) -> None:
    """What stands in the journal counts as delivered: some messages (one in four, by id) are never passed on."""
    right = delivery.Delivery.start

    def start(self: Any, parcels: Sequence[Any], held: frozenset[str]) -> "_Believed":
        left_out = [each.outgoing.type in TYPES and each.outgoing.message_id[0] in "0123" for each in parcels]
        passed = [each for each, gone in zip(parcels, left_out, strict=True) if not gone]
        return _Believed(right(self, passed, held), left_out)

    put(delivery.Delivery, "start", start)


class _Believed:
    """A shipment of which a part was never sent, and counts as confirmed."""

    def __init__(self, shipment: Any, left_out: Sequence[bool]) -> None:
        self._shipment, self._left_out = shipment, left_out
        self.wait = shipment.wait

    @property
    def complete(self) -> bool:
        return bool(self._shipment.complete)

    def so_far(self) -> list[Any]:
        return self._all(self._shipment.so_far())

    def outcomes(self) -> list[Any]:
        return self._all(self._shipment.outcomes())

    def _all(self, sent: Sequence[Any]) -> list[Any]:
        outcomes = iter(sent)
        return [True if gone else next(outcomes) for gone in self._left_out]


def retried_print(put: Put, **_: Any) -> None:
    """The station takes an unknown outcome for no sheet, so that it may be started again."""

    def lost(self: Any, authorisation_no: str, reason: Any, job: Any = None) -> StartOutcome:
        with self._transaction() as tx:
            ledger.not_printed(tx, authorisation_no)
        return StartOutcome(
            authorisation_no=authorisation_no, outcome=Printed.REFUSED_BEFORE_PRINT, reason=reason, job=job
        )

    put(Station, "_lost", lost)


def deleted_journal_row(put: Put, **_: Any) -> None:
    """Somebody takes a leaf out of the journal: the fifth, once there are ten."""
    right = journal.append

    def append(tx: Any, leaves: Any, **how: Any) -> Any:
        appended = right(tx, leaves, **how)
        if appended.first_index + len(leaves) >= 10:
            tx.execute(delete(tables.journal).where(tables.journal.c.leaf_index == 4))
        return appended

    put(journal, "append", append)


SABOTAGES: Final[dict[str, Callable[..., None]]] = {
    each.__name__: each
    for each in (
        early_acknowledge,
        lost_confirm,
        skipped_duplicates,
        journalled_is_delivered,
        retried_print,
        deleted_journal_row,
    )
}


@contextmanager
def sabotaged(name: str, *, hub_link: type[Any] = BrokerLink, county_link: type[Any] = Link) -> Iterator[None]:
    """One of them, or a provoked fault, in place in this process; `""` for none. A small world has links of its own."""
    with ExitStack() as stack:

        def put(where: Any, attribute: str, value: Any) -> None:
            stack.enter_context(patch.object(where, attribute, value))

        if name:
            (PROVOKED | SABOTAGES)[name](put, hub_link=hub_link, county_link=county_link)
        yield
