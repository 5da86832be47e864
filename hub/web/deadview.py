"""What the pages of dead letters ask for and order, as a protocol, and the words of their states."""

from collections.abc import Sequence
from typing import Final, Protocol

from hub.record.noting import Actor
from hub.replaying.choosing import Heap, Letter, Wanted
from hub.replaying.ordering import Order, Tried
from hub.replaying.reading import Opened
from pages.labels import Label
from pages.wording import mark as _

LETTER_STATES: Final = {
    "waiting": Label(_("等人处理"), "ask", "?"),
    "queued": Label(_("等候送出"), "wait", "…"),
    "replayed": Label(_("已重放"), "good", "✓"),
    "discarded": Label(_("已丢弃"), "calm", "■"),
}
ORDER_STATES: Final = {
    "running": Label(_("正在送出"), "wait", "→"),
    "done": Label(_("已结束"), "good", "✓"),
    "stopped": Label(_("已停止"), "bad", "‖"),
}
REASONS: Final = {
    "rejected": _("接收县退回"),
    "poison": _("处理程序三次因它中断"),
    "expired": _("在队列中过期"),
    "maxlen": _("队列已满"),
    "delivery_limit": _("投递次数过多"),
    "unrouted": _("要去的队列当时不在"),
    "unknown": _("原因不明"),
}


class DeadLetters(Protocol):
    """Where the pages get dead letters from, and who carries out what is done with them.

    What changes something raises what `hub.outflow.deadletters` and `hub.replaying.ordering` declare.
    """

    def heaps(self) -> Sequence[Heap]:
        """What waits, put together."""

    def letters(self, wanted: Wanted, after: tuple[int, str] | None) -> Sequence[Letter]:
        """A page of the letters that wait."""

    def opened(self, number: str) -> Opened | None:
        """One letter."""

    def attempt(self, wanted: Wanted) -> Tried:
        """The dry run."""

    def order_many(self, wanted: Wanted, who: Actor, *, counted: int, rate: int, reason: str, second: str) -> int:
        """Order a batch; returns its number."""

    def order_one(self, number: str, who: Actor, *, reason: str) -> int:
        """Order one letter; returns the batch's number."""

    def discard(self, number: str, who: Actor, *, reason: str, second: str) -> None:
        """Discard one letter."""

    def stop(self, batch: int, who: Actor, *, reason: str) -> None:
        """Stop a batch."""

    def orders(self) -> Sequence[Order]:
        """The newest batches."""

    def order(self, batch: int) -> Order | None:
        """One of them."""
