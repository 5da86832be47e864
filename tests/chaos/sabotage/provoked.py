"""Faults that a real process does to itself, so that a run of real processes meets them at the right moment.

None of them is a mistake: the product has to bear each, and the control run shows that it does.
"""

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from adapters.link.connection import Link, SendOutcome
from hub.broker import BrokerLink
from hub.broker.messages import CONFIRM_SECONDS, Batch
from hub.intake import pipeline

Put = Callable[[Any, str, Any], None]
_NOTICE: Final = "message.received"


def dies_with_arrivals(put: Put, **_: Any) -> None:
    """Once, the county node dies with a *received* in its hands: taken from the link and not committed yet."""
    right = Link.receive

    def receive(link: Any, seconds: float) -> Any:
        arrivals = right(link, seconds)
        mark = link.parameters.chain.parent / "died"
        if any(each.type == _NOTICE for each in arrivals) and not mark.exists():
            mark.touch()
            os._exit(137)
        return arrivals

    put(Link, "receive", receive)


def loses_publishes(put: Put, **_: Any) -> None:
    """Every third *received* that the hub publishes never reaches the broker, and no confirm comes."""
    right, seen = BrokerLink.start_publishing, [0]

    def start_publishing(link: Any, outgoings: Sequence[Any]) -> Batch:
        lost = []
        for each in outgoings:
            seen[0] += each.type == _NOTICE
            lost.append(each.type == _NOTICE and seen[0] % 3 == 0)
        if not any(lost):
            return right(link, outgoings)
        batch, sent = Batch(outgoings), [at for at, gone in enumerate(lost) if not gone]
        passed = right(link, [outgoings[at] for at in sent])

        def settle() -> None:
            for at, outcome in zip(sent, passed.outcomes(CONFIRM_SECONDS), strict=True):
                batch.settle(at, outcome)

        threading.Thread(target=settle, daemon=True).start()
        return batch

    put(BrokerLink, "start_publishing", start_publishing)


def sends_twice(put: Put, **_: Any) -> None:
    """The county sends everything twice, as after a confirm that was lost on the way."""
    right = Link.send

    def send(link: Any, submission: Any) -> SendOutcome:
        right(link, submission)
        return right(link, submission)

    put(Link, "send", send)


def words_once(put: Put, **_: Any) -> None:
    """The hub tells a destination's word once: a sender who asks again long after gets its receipt and no more.

    It is the net under the other two: with it, what a county or a broker lost comes again while the sender still asks,
    and a mistake that loses messages leaves no trace.
    """
    put(pipeline, "repeat_words", lambda *_: None)


PROVOKED: Final = {each.__name__: each for each in (dies_with_arrivals, loses_publishes, sends_twice, words_once)}
