"""The bookkeeping of confirms: each message is settled once, as itself, whatever order the broker's words come in."""

from hub.broker.messages import MOST_UNCONFIRMED, Batch, Outcome, Outgoing, Settlement

CONFIRMED, NACKED, RETURNED = Outcome.CONFIRMED, Outcome.NACKED, Outcome.RETURNED


def messages(count: int, key: str = "a") -> list[Outgoing]:
    """Return messages to one destination."""
    return [
        Outgoing(exchange="x", routing_key=key, body=b"", message_id=f"{key}{number}", type="T", content_type="t")
        for number in range(count)
    ]


class Wire:
    """What the settlement sends, in order: the n-th is tag n."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.open = True
        self.settlement = Settlement(lambda outgoing: self.sent.append(outgoing.message_id), lambda: self.open)

    def batch(self, outgoings: list[Outgoing]) -> Batch:
        """Take one batch."""
        batch = Batch(outgoings)
        self.settlement.add(batch)
        return batch


def test_acks_and_nacks_single_and_multiple_settle_their_own_message() -> None:
    """A nack between acks, and one ack for several, reach exactly the messages of those tags."""
    wire = Wire()
    batch = wire.batch(messages(5))
    wire.settlement.confirmed(2, multiple=False, positive=False)
    wire.settlement.confirmed(4, multiple=True, positive=True)
    wire.settlement.confirmed(4, multiple=False, positive=False)  # twice, and unknown: nothing happens
    wire.settlement.confirmed(9, multiple=False, positive=True)
    wire.settlement.confirmed(5, multiple=True, positive=False)
    assert batch.outcomes(0) == [CONFIRMED, NACKED, CONFIRMED, CONFIRMED, NACKED]


def test_a_late_confirm_never_settles_a_later_message() -> None:
    """What timed out stays timed out, and the confirm that comes for it does not touch the next batch."""
    wire = Wire()
    assert wire.batch(messages(1)).outcomes(0) == [Outcome.TIMED_OUT]
    second = wire.batch(messages(1))
    wire.settlement.confirmed(1, multiple=False, positive=False)
    wire.settlement.confirmed(2, multiple=False, positive=True)
    assert second.outcomes(0) == [CONFIRMED]


def test_a_return_marks_only_its_own_message() -> None:
    """The return precedes the ack of the same message; the same id sent twice is returned twice."""
    wire = Wire()
    batch = wire.batch([*messages(2), *messages(1)])
    wire.settlement.returned("x", "a", "a0")
    wire.settlement.returned("x", "a", "a0")
    wire.settlement.returned("x", "b", "a1")
    wire.settlement.confirmed(3, multiple=True, positive=True)
    assert batch.outcomes(0) == [RETURNED, CONFIRMED, RETURNED]


def test_a_destination_that_does_not_answer_stops_at_its_window_and_stops_nobody_else() -> None:
    """At most fifty are unconfirmed per destination, across batches; what timed out unsent is never sent."""
    wire = Wire()
    stuck = wire.batch([*messages(80), *messages(80, "b")])
    assert len(wire.sent) == 2 * MOST_UNCONFIRMED
    for tag in range(MOST_UNCONFIRMED + 1, 2 * MOST_UNCONFIRMED + 31):
        wire.settlement.confirmed(tag, multiple=False, positive=True)
    assert wire.sent.count("b79") == 1
    outcomes = stuck.outcomes(0)
    assert outcomes[:80] == [Outcome.TIMED_OUT] * 80
    assert outcomes[80:] == [CONFIRMED] * 80
    wire.settlement.confirmed(MOST_UNCONFIRMED, multiple=True, positive=True)  # at last
    assert "a50" not in wire.sent
    assert wire.batch(messages(1)).outcomes(0) == [Outcome.TIMED_OUT]
    assert wire.sent[-1] == "a0"


def test_a_closed_channel_settles_everything_sent_or_waiting() -> None:
    """After a close no message is left undecided."""
    wire = Wire()
    batch = wire.batch(messages(80))
    wire.settlement.confirmed(1, multiple=False, positive=True)
    wire.settlement.close()
    assert batch.outcomes(0) == [CONFIRMED] + [Outcome.CLOSED] * 79


def test_nothing_is_sent_while_sending_is_not_possible() -> None:
    """What comes while the channel opens anew waits and is then sent in order."""
    wire = Wire()
    wire.open = False
    wire.batch(messages(3))
    assert wire.sent == []
    wire.open = True
    wire.settlement.send_waiting()
    assert wire.sent == ["a0", "a1", "a2"]


def test_an_empty_batch_is_settled_at_once() -> None:
    """Publishing nothing waits for nothing."""
    assert Wire().batch([]).outcomes(60) == []
