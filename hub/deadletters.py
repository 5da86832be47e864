"""Messages that no step could handle, kept until a person replays or discards them, with a reason.

They come from two places: admission sets poison aside, and the broker's `dead.letters` queue takes what a county
rejected from its inbox. Both end as rows; the body of a row is ciphertext, as it was on the wire.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hub.broker import Delivery, Outgoing
from hub.inspection import CONTENT_TYPE
from hub.instants import to_millis
from hub.store import tables
from schemas.errors import YunhuobanError, declare

NOT_WAITING = declare("E-ADM-091", "没有这条待处理的死信。", "请重新列出死信后核对编号。")
NO_REASON = declare("E-ADM-092", "重放或丢弃死信必须写明原因。", "请补充原因后重试。")


def keep(
    tx: Connection, *, queue: str, source: str, message_id: str, reason: str, body: bytes, headers: str, now: datetime
) -> str:
    """Keep one dead letter; returns its number. The same bytes from the same queue are kept once."""
    number = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{queue}:{source}:{message_id}:{hashlib.sha256(body).hexdigest()}"))
    if tx.execute(select(tables.dead_letters.c.id).where(tables.dead_letters.c.id == number)).first() is None:
        tx.execute(
            insert(tables.dead_letters).values(
                id=number,
                queue=queue[:60],
                source=source[:10],
                message_id=message_id[:64],
                reason=reason[:60],
                died_at=to_millis(now),
                body=body,
                headers=headers,
                state="waiting",
                settled_reason="",
            )
        )
    return number


def keep_from_broker(tx: Connection, delivery: Delivery, now: datetime) -> str:
    """Keep what the broker dead-lettered; its `x-death` header names the queue where it died."""
    deaths = delivery.headers.get("x-death")
    died_in = deaths[0] if isinstance(deaths, list) and deaths and isinstance(deaths[0], Mapping) else {}
    kept = {name: value for name, value in delivery.headers.items() if name in ("signatures",)}
    return keep(
        tx,
        queue=str(died_in.get("queue", delivery.queue)),
        source=delivery.user_id or "",
        message_id=delivery.message_id or "",
        reason=str(died_in.get("reason", "unknown")),
        body=delivery.body,
        headers=json.dumps(kept | {"type": delivery.type or ""}),
        now=now,
    )


def waiting(tx: Connection) -> Sequence[Any]:
    """Every dead letter that a person has not dealt with, oldest first."""
    rows = tx.execute(select(tables.dead_letters).where(tables.dead_letters.c.state == "waiting"))
    return sorted(rows, key=lambda row: row.died_at)


def replay(tx: Connection, number: str, *, reason: str, now: datetime) -> Outgoing:
    """Mark one as replayed and return what to publish: to the queue where it died, under the same id."""
    row = _settle(tx, number, "replayed", reason, now)
    headers = json.loads(row.headers)
    message_type = str(headers.pop("type", ""))
    return Outgoing(
        exchange="",
        routing_key=row.queue,
        body=row.body,
        message_id=row.message_id,
        type=message_type,
        headers=headers,
        content_type=CONTENT_TYPE,
    )


def discard(tx: Connection, number: str, *, reason: str, now: datetime) -> None:
    """Mark one as discarded; its row and its reason stay."""
    _settle(tx, number, "discarded", reason, now)


def _settle(tx: Connection, number: str, state: str, reason: str, now: datetime) -> Any:
    if not reason.strip():
        raise YunhuobanError(NO_REASON, place=number)
    row = tx.execute(select(tables.dead_letters).where(tables.dead_letters.c.id == number)).one_or_none()
    if row is None or row.state != "waiting":
        raise YunhuobanError(NOT_WAITING, place=number)
    tx.execute(
        update(tables.dead_letters)
        .where(tables.dead_letters.c.id == number)
        .values(state=state, settled_at=to_millis(now), settled_reason=reason[:400])
    )
    return row

