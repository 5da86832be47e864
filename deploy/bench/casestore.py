"""A store of millions of messages, as whole cases: for measuring what reads it, and what it costs to write to it.

Ten messages each, between 177 counties of which a few have most of the cases. The envelopes are small and their content
is random: searching reads none of it. Cases are written in no order of their opening, which is worse than in earnest:
those of one day, or of one county, lie all over the table.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deploy.bench.counties import ITEM
from hub.instants import to_millis
from hub.store import Store, tables
from hub.store.bulk import insert_rows
from schemas import shapes
from schemas.envelope import Envelope
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.lifecycle import CaseState
from schemas.messages import TYPES

PER_CASE: Final = 10
COUNTIES: Final = [f"1309{number:02}" for number in range(1, 90)] + [f"1408{number:02}" for number in range(1, 89)]
ITEMS: Final = [f"11130928MB0000000X4000{number:06}000" for number in range(400)]
OPEN: Final = (CaseState.SUBMITTED.value, CaseState.ACCEPTED.value, CaseState.GRANTED.value, CaseState.LICENSED.value)
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAYS: Final = 330
CHUNK: Final = 5_000
"""Cases of one transaction."""


def fill(store: Store, *, ends: float, most: int) -> None:
    """Whole cases in chunks; the indexes of messages are made afterwards, which comes to the same."""
    later = [*tables.messages.indexes]
    with store.write() as tx:
        for index in later:
            index.drop(tx)
    chance, made = random.Random(1), 0
    weights = [1.0 / rank for rank in range(1, len(COUNTIES) + 1)]
    bodies = _bodies()
    while made * PER_CASE < most and time.monotonic() < ends:
        windows = chance.choices(COUNTIES, weights, k=CHUNK)
        cases = [_case(made + at, window, chance) for at, window in enumerate(windows)]
        with store.write() as tx:
            insert_rows(tx, tables.cases, cases)
            insert_rows(tx, tables.messages, [row for case in cases for row in _messages(case, bodies)])
        made += CHUNK
    with store.write() as tx:
        for index in later:
            index.create(tx)
        if tx.dialect.name == "postgresql":  # what autovacuum does some minutes later
            tx.exec_driver_sql("ANALYZE")


def _case(serial: int, window: str, chance: random.Random) -> dict[str, Any]:
    opened = BEGIN + timedelta(seconds=chance.randrange(DAYS * 86400))
    under_way = chance.random() < 0.02
    return {
        "case_no": f"{window}-{opened + timedelta(hours=8):%Y%m%d}-{serial % 1_000_000:06}-{chance.choice('0A7Z')}",
        "window_county": window,
        "issuing_county": chance.choice(COUNTIES),
        "service_item": chance.choice(ITEMS),
        "state": chance.choice(OPEN) if under_way else CaseState.CLOSED.value,
        "trial": False,
        "opened_at": to_millis(opened),
        "changed_at": to_millis(opened + timedelta(days=chance.randrange(10))),
    }


def _messages(case: dict[str, Any], bodies: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    for step in range(PER_CASE):
        kind = "message.received" if step % 2 else "application.submitted"
        source, destination = case["window_county"], case["issuing_county"]
        at = case["opened_at"] + step * 3_600_000
        yield {
            "source": destination if step % 2 else source,
            "message_id": f"{case['case_no']}-{step}",
            "envelope_sha256": bytes(32),
            "state": "admitted",
            "type": kind,
            "destination": source if step % 2 else destination,
            "case_no": case["case_no"],
            "prev": None,
            "in_reply_to": f"{case['case_no']}-{step - 1}" if step % 2 else None,
            "sent_at": at,
            "expires_at": at,
            "admitted_at": at,
            "body": bodies[kind],
            "signature": "s" * 200,
            "evidence": None,
            "verdict": "admitted",
            "batch": at,
            "received_at": at,
        }


def _bodies() -> dict[str, bytes]:
    """One envelope of each kind, as long as they are without content."""
    found = {}
    opened = {"mode": "relayed", "alliance": "", "material_codes": [], "named_licenses": []}
    facts: dict[str, dict[str, Any]] = {"application.submitted": opened,
             "message.received": {"envelope_sha256": bytes(32)}}  # fmt: skip
    for kind, said in facts.items():
        envelope = Envelope(
            id="0193a5c0-0000-7000-8000-000000000001",
            source="130928",
            destination="140881",
            type=kind,
            case_no=str(CaseNo.mint(DivisionCode.parse("130928"), BEGIN.date(), 17)),
            service_item=ITEM,
            in_reply_to="0193a5c0-0000-7000-8000-000000000002" if kind == "message.received" else None,
            time=BEGIN,
            expires=BEGIN + timedelta(days=20),
            trial=False,
            dataschema=shapes.dataschema(TYPES[kind].record),
            facts=said,
            encrypted_for=bytes(32),
            data_commitment=bytes(32),
            data=bytes(64),
        )
        found[kind] = envelope.to_bytes()
    return found
