"""Messages that no step could handle, kept until a person replays or discards them, with a reason.

They come from three places: admission sets poison aside, the broker's `dead.letters` queue takes what a county
rejected from its inbox, and its `unrouted` queue what was for a queue that was not there. All end as rows; the body of
a row is ciphertext, as it was on the wire.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from hub.broker import Delivery, Outgoing
from hub.instants import to_millis
from hub.intake.inspection import CONTENT_TYPE, SIGNATURES
from hub.outflow.routing import EVIDENCE
from hub.store import insert_new, tables
from schemas import topology
from schemas.envelope import Envelope
from schemas.errors import Code, YunhuobanError, declare
from schemas.messages import HUB

POISON = "poison"
UNROUTED = "unrouted"
SETTLED: Final = ("replayed", "discarded")
"""The states of a letter for which nobody has to do anything."""
NOT_WAITING = declare("E-ADM-091", "没有这条待处理的死信。", "请重新列出死信后核对编号。")
REFUSED_ALREADY = declare(
    "E-ADM-093", "该报文已被拒收并通知发送县，不能重放。", "请查明原因后丢弃；发送县会以新报文重新报送。"
)
EXPIRED = declare("E-ADM-094", "该死信已过有效期，不能重放。", "请丢弃；要办的由发送县以新报文重新报送。")
NO_REASON = declare("E-ADM-092", "重放或丢弃死信必须写明原因。", "请补充原因后重试。")


def keep_poison(tx: Connection, delivery: Delivery, now: datetime) -> str:
    """Keep what kills the worker. Its sender is told that it is refused, so it can be looked at but not replayed."""
    return _keep(tx, delivery, queue=delivery.queue, source=delivery.user_id or "", reason=POISON, now=now)


def keep_from_broker(tx: Connection, delivery: Delivery, now: datetime) -> str:
    """Keep what the broker dead-lettered; its `x-death` header names the queue where it died.

    What had no route died before the queue that it was for.
    """
    if delivery.queue == topology.UNROUTED_QUEUE:
        wanted = delivery.routing_key if delivery.exchange == topology.COUNTY else delivery.queue
        return _keep(tx, delivery, queue=wanted, source=_sender(delivery), reason=UNROUTED, now=now)
    deaths = delivery.headers.get("x-death")
    died_in = deaths[0] if isinstance(deaths, list) and deaths and isinstance(deaths[0], Mapping) else {}
    queue, reason = str(died_in.get("queue", delivery.queue)), str(died_in.get("reason", "unknown"))
    return _keep(tx, delivery, queue=queue, source=_sender(delivery), reason=reason, now=now)


def _keep(tx: Connection, delivery: Delivery, *, queue: str, source: str, reason: str, now: datetime) -> str:
    """The same bytes from the same queue have one row; dying again after a replay they wait again."""
    message_id = delivery.message_id or ""
    digest = hashlib.sha256(delivery.body).hexdigest()
    envelope = envelope_of(delivery.body)
    number = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{queue}:{source}:{message_id}:{digest}"))
    letters = tables.dead_letters
    new = insert_new(
        tx,
        letters,
        id=number,
        queue=_text(queue, 60),
        source=_text(source, 10),
        message_id=_text(message_id, 64),
        reason=_text(reason, 60),
        died_at=to_millis(now),
        body=delivery.body,
        headers=_headers_to_json(delivery),
        type=_text(delivery.type or "", 40),
        case_no=envelope.case_no if envelope else "",
        expires_at=to_millis(envelope.expires) if envelope else None,
        state="waiting",
        settled_reason="",
    )
    if not new:
        values = {"state": "waiting", "died_at": to_millis(now), "reason": _text(reason, 60), "settled_at": None}
        tx.execute(update(letters).where(letters.c.id == number, letters.c.state.in_(SETTLED)).values(**values))
    return number


def waiting(tx: Connection) -> Sequence[Any]:
    """Every dead letter that a person has not dealt with, oldest first."""
    rows = tx.execute(select(tables.dead_letters).where(tables.dead_letters.c.state == "waiting"))
    return sorted(rows, key=lambda row: row.died_at)


def replay(tx: Connection, number: str, *, reason: str, now: datetime) -> Outgoing:
    """Mark one as replayed and return what to publish: to the queue where it died, under the same id.

    Raises E-ADM-091 to -094.
    """
    row = _demand(tx, number, reason)
    if (code := why_not(row, now)) is not None:
        raise YunhuobanError(code, place=number)
    _settle(tx, number, "replayed", reason, now)
    return again(row)


def why_not(row: Any, now: datetime) -> Code | None:
    """What forbids to send a letter again, now: its sender was told that it is refused, or its time is over."""
    if row.reason == POISON:
        return REFUSED_ALREADY
    if row.expires_at is not None and row.expires_at <= to_millis(now):
        return EXPIRED
    return None


def again(row: Any) -> Outgoing:
    """A letter as it goes out once more: same bytes, same id, the queue where it died."""
    kept = json.loads(row.headers)
    headers: dict[str, object] = {}
    if kept["signatures"] is not None:
        headers[SIGNATURES] = kept["signatures"]
    if kept["evidence"] is not None:
        headers[EVIDENCE] = base64.b64decode(kept["evidence"])
    return Outgoing(
        exchange="",
        routing_key=row.queue,
        body=row.body,
        message_id=row.message_id,
        type=kept["type"],
        headers=headers,
        content_type=CONTENT_TYPE,
    )


def discard(tx: Connection, number: str, *, reason: str, now: datetime) -> None:
    """Mark one as discarded; its row and its reason stay."""
    _demand(tx, number, reason)
    _settle(tx, number, "discarded", reason, now)


def _demand(tx: Connection, number: str, reason: str) -> Any:
    """A letter that waits, locked; nothing is changed yet."""
    if not reason.strip():
        raise YunhuobanError(NO_REASON, place=number)
    mine = select(tables.dead_letters).where(tables.dead_letters.c.id == number)
    row = tx.execute(mine.with_for_update()).one_or_none()
    if row is None or row.state != "waiting":
        raise YunhuobanError(NOT_WAITING, place=number)
    return row


def _settle(tx: Connection, number: str, state: str, reason: str, now: datetime) -> None:
    tx.execute(
        update(tables.dead_letters)
        .where(tables.dead_letters.c.id == number)
        .values(state=state, settled_at=to_millis(now), settled_reason=reason[:400])
    )


def _headers_to_json(delivery: Delivery) -> str:
    """Type, signatures and evidence: what a replay has to send again."""
    signatures, evidence = delivery.headers.get(SIGNATURES), delivery.headers.get(EVIDENCE)
    texts = isinstance(signatures, list) and all(isinstance(each, str) for each in signatures)
    kept = {
        "type": delivery.type or "",
        "signatures": signatures if texts else None,
        "evidence": base64.b64encode(evidence).decode() if isinstance(evidence, bytes) else None,
    }
    return json.dumps(kept)


def _text(value: str, most: int) -> str:
    """A sender's property as any database takes it: PostgreSQL has no NUL in text, and counts the characters."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")[:most]


def _sender(delivery: Delivery) -> str:
    """The county whose envelope this is; what is no envelope was the hub's own word."""
    envelope = envelope_of(delivery.body)
    return envelope.source if envelope else HUB


def envelope_of(body: bytes) -> Envelope | None:
    """The envelope; None for the hub's own words, and for what nobody can read."""
    try:
        return Envelope.parse(body)
    except YunhuobanError:
        return None
