"""Every draw of a case done again from what this county holds: the clear facts, the receipts and the checkpoints."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from adapters.case import seeding
from adapters.store import tables
from pages.drawtext import Account
from schemas import drawing
from schemas.drawing import Seed
from schemas.envelope import Envelope


def accounts(tx: Connection, case_no: str) -> list[Account]:
    """The reviews of a case in their order; as issuing or as window county."""
    convened, drawn = _facts(tx, case_no, "review.convened"), _facts(tx, case_no, "review.drawn")
    by_review = {facts["review"]: facts for facts in drawn.values()}
    return [
        _account(tx, message_id, facts, by_review.get(facts["review"]))
        for message_id, facts in sorted(convened.items(), key=lambda each: int(each[1]["review"]))
    ]


def _account(tx: Connection, message_id: str, convened: Mapping[str, Any], drawn: Mapping[str, Any] | None) -> Account:
    found = seeding.of_message(tx, message_id)
    seed = found[1] if found is not None else None
    return Account(
        review=convened["review"],
        convening_id=message_id,
        leaf_index=found[0] if found is not None else None,
        wanted=convened["wanted"],
        pool=convened["pool"],
        seed=seed,
        said=Seed(drawn["seed_size"], drawn["seed_root"]) if drawn is not None else None,
        repeated=drawing.repeat(convened, message_id, drawn, seed) if drawn is not None else None,
    )


def _facts(tx: Connection, case_no: str, kind: str) -> dict[str, Mapping[str, Any]]:
    """By message id; a refused draw counts, too: whoever checks wants to see what was wrong with it."""
    found: dict[str, Mapping[str, Any]] = {}
    for box in (tables.outbox, tables.inbox):
        wanted = select(box.c.message_id, box.c.body).where(box.c.case_no == case_no, box.c.type == kind)
        for row in tx.execute(wanted.order_by(box.c.seq)):
            if row.body:
                found[row.message_id] = Envelope.parse(row.body).facts or {}
    return found
