"""The pump: takes what counties ask and send on the road of parts, judges it without any key, and hands it on.

In this order: 1 properties and record; 2 that an admitted message of that source to that destination announces
attachments; 3 that both counties are active; 4 the routing key, for one case's wishes and parts meet in one queue;
5 that there is such a part; of a part, 6 its length and digest, and 7 that its destination waits for it. What is
refused is told to whoever sent it, with a code; nothing is kept.

A destination that takes nothing now loses the part and asks again: nobody waits for it here, so nobody waits behind it.
"""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection, select

from hub.broker import Delivery, Outcome, Outgoing
from hub.intake.inspection import CONTENT_TYPE, source_of
from hub.parts.announced import Announcement, Announcements
from hub.parts.asked import Asked, Wish
from hub.store import Store, tables
from schemas import codec, privacy, topology
from schemas.attachments import PART, RECORDS, REFUSED, REQUESTED, WHOLE
from schemas.errors import Code, YunhuobanError, declare

_log = structlog.get_logger(__name__)

UNREADABLE: Final = declare(
    "E-PART-001", "附件的索取或分片写得不对，没有转递。", "请核对交换机、路由键、属性与记录；发送方只能是本县。"
)
NOT_ACTIVE: Final = declare(
    "E-PART-002", "附件的一方已停用，没有转递。", "无需处理：恢复后接收方会再次索取；长时间不恢复时请联系联盟运维。"
)
NOT_ANNOUNCED: Final = declare(
    "E-PART-003",
    "没有已准入的报文宣布过这个附件，或它不是这两个县之间的。",
    "请只索取、只传送本县已收到或已发出的报文上列出的附件。",
)
NO_SUCH_PART: Final = declare("E-PART-004", "附件没有这一片。", "请按信封上的大小计算片数，从 0 起编号。")
NOT_ASKED: Final = declare(
    "E-PART-005", "接收方没有索取这一片，没有转递。", "请等接收方索取后再传；已经传到的不必再传。"
)
ALTERED: Final = declare(
    "E-PART-006", "这一片的长度或摘要与信封上宣布的不同，没有转递。", "请重新传送原来的密文；本机的存储可能已损坏。"
)

_AT_ONCE: Final = 16
_MOST_BYTES: Final = 8 * 2**20
_ALLOWED: Final = frozenset({"content_type", "headers", "delivery_mode", "message_id", "type", "user_id"})
_SOURCE_SPEAKS: Final = (PART, REFUSED)


class Link(Protocol):
    """The part of the broker link that the pump needs."""

    def take(self, limit: int, wait_seconds: float, *, most_bytes: int) -> list[Delivery]:
        """Hand over what is there."""
        ...

    def publish(self, outgoings: Sequence[Outgoing], timeout_seconds: float) -> list[Outcome]:
        """Publish all and say what became of each."""
        ...

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Take them off the queue."""
        ...


class Pump:
    """One pump over one link, used by one thread."""

    def __init__(self, *, link: Link, store: Store, monotonic: Callable[[], float], confirm_seconds: float) -> None:
        """`link` must be subscribed to queues of parts and nothing else."""
        self._link = link
        self._store = store
        self._confirm_seconds = confirm_seconds
        self._announcements = Announcements()
        self._asked = Asked(monotonic)

    def run_once(self, wait_seconds: float) -> int:
        """Pass on what is there; returns how much there was. Raises E-STORE-…."""
        deliveries = self._link.take(_AT_ONCE, wait_seconds, most_bytes=_MOST_BYTES)
        if not deliveries:
            return 0
        with self._store.read() as tx:
            outgoings = [found for each in deliveries if (found := self._judged(tx, each)) is not None]
        outcomes = self._link.publish(outgoings, self._confirm_seconds)
        for outgoing, outcome in zip(outgoings, outcomes, strict=True):
            if outcome is not Outcome.CONFIRMED:
                _log.warning("attachment.not_taken", queue=outgoing.routing_key, outcome=outcome.value)
        self._link.ack(deliveries)
        return len(deliveries)

    def _judged(self, tx: Connection, delivery: Delivery) -> Outgoing | None:
        """What goes on because of this: the same bytes to the other county, or a refusal to its sender."""
        sender = source_of(delivery)
        record: dict[str, Any] = {"source": "", "message_id": "", "attachment": 0}
        try:
            record = _read(delivery, sender)  # 1
            receiver = self._receiver(tx, delivery, sender, record)
        except YunhuobanError as error:
            word = delivery.type if delivery.type in RECORDS else ""  # what else stands there a county may have typed
            _log.warning("attachment.refused", source=sender, type=word, code=error.code.code)
            return _refusal(sender, record, error.code) if sender else None
        return _outgoing(receiver, delivery.type or "", delivery.body)

    def _receiver(self, tx: Connection, delivery: Delivery, sender: str, record: dict[str, Any]) -> str:
        source, message_id, number = record["source"], record["message_id"], record["attachment"]
        said = self._announcements.of(tx, source, message_id)
        asks = delivery.type == REQUESTED
        if said is None or sender != (said.destination if asks else said.source):  # 2
            raise YunhuobanError(NOT_ANNOUNCED, place="message_id", found=message_id)
        _demand_active(tx, said)  # 3
        if delivery.routing_key != topology.parts_key(sender, said.case_no, delivery.type or ""):
            raise YunhuobanError(UNREADABLE, place="routing_key", found=delivery.routing_key[:100])  # 4
        if not 0 <= number < len(said.attachments):  # 5
            raise YunhuobanError(NO_SUCH_PART, place="attachment", found=str(number))
        attachment = said.attachments[number]
        named = record["parts"] if asks else [record["part"]]
        wrong = [each for each in named if not 0 <= each < len(attachment.part_sha256)]
        if wrong and not (delivery.type == REFUSED and wrong == [WHOLE]):
            raise YunhuobanError(NO_SUCH_PART, place="part", found=str(wrong[0]))
        if asks:
            self._asked.wish(source, said.destination, (Wish(message_id, number, each) for each in named))
            return said.source
        if delivery.type == PART:
            part, data = record["part"], record["data"]
            same = hashlib.sha256(data).digest() == attachment.part_sha256[part]
            if len(data) != attachment.length(part) or not same:  # 6, and the wish stays open
                raise YunhuobanError(ALTERED, place="data", found=f"{len(data)} B")
            if not self._asked.grant(source, said.destination, Wish(message_id, number, part)):  # 7
                raise YunhuobanError(NOT_ASKED, place="part", found=str(part))
        return said.destination


def _read(delivery: Delivery, sender: str) -> dict[str, Any]:
    name = RECORDS.get(delivery.type or "")
    whole = (
        delivery.properties_set <= _ALLOWED
        and delivery.content_type == CONTENT_TYPE
        and not any(value for value in delivery.headers.values())
    )
    if name is None or not sender or not whole or delivery.exchange != topology.PARTS:
        raise YunhuobanError(UNREADABLE, place="properties", found=str(delivery.type)[:40])
    try:
        record = codec.decode(delivery.body, name)
    except YunhuobanError as error:
        raise YunhuobanError(UNREADABLE, place=error.place, found=error.code.code) from error
    if not privacy.is_clear(record):
        raise YunhuobanError(UNREADABLE, place="record", found="not a code", expected="code")
    if delivery.type in _SOURCE_SPEAKS and record["source"] != sender:
        raise YunhuobanError(UNREADABLE, place="source", found=record["source"], expected=sender)
    return record


def _demand_active(tx: Connection, said: Announcement) -> None:
    counties = tables.counties.c
    both = {said.source, said.destination}
    active = select(counties.division_code).where(counties.division_code.in_(both), counties.state == "active")
    if set(tx.execute(active).scalars()) != both:
        raise YunhuobanError(NOT_ACTIVE, place="county")


def _refusal(county: str, record: dict[str, Any], code: Code) -> Outgoing:
    about = {name: record[name] for name in ("source", "message_id", "attachment")}
    said = about | {"part": record.get("part", WHOLE), "code": code.code}
    return _outgoing(county, REFUSED, codec.encode("AttachmentRefusal", said))


def _outgoing(county: str, word: str, body: bytes) -> Outgoing:
    """Built afresh: of what came only the bytes go on."""
    return Outgoing(
        exchange=topology.COUNTY,
        routing_key=topology.county_parts(county),
        body=body,
        message_id=str(uuid.uuid4()),
        type=word,
        content_type=CONTENT_TYPE,
        persistent=False,
    )
