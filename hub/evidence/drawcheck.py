"""Every draw of a case done again from the journal: the hub has the pool, the draw and its own checkpoints.

It is the one who can say that no smaller checkpoint was ever signed.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from hub.store import tables
from pages.drawtext import Account
from schemas import drawing
from schemas.drawing import Seed
from schemas.envelope import Envelope
from schemas.leaf import ADMITTED


def accounts(tx: Connection, case_no: str) -> list[Account]:
    """The reviews of a case in their order."""
    by_review = {facts["review"]: facts for _row, facts in _facts(tx, case_no, "review.drawn")}
    convened = sorted(_facts(tx, case_no, "review.convened"), key=lambda each: int(each[1]["review"]))
    return [_account(tx, row, facts, by_review.get(facts["review"])) for row, facts in convened]


def _account(tx: Connection, row: Any, convened: Mapping[str, Any], drawn: Mapping[str, Any] | None) -> Account:
    leaves, signed = tables.journal.c, tables.checkpoints.c
    # A message that a restored hub admitted anew has a leaf of its own; the evidence that the counties hold names it.
    here = (leaves.source == row.source, leaves.message_id == row.message_id, leaves.verdict == ADMITTED)
    leaf = tx.execute(select(func.min(leaves.leaf_index)).where(*here)).scalar()
    seed = None
    if leaf is not None:
        over = select(signed.size, signed.root).where(signed.size > leaf).order_by(signed.size).limit(1)
        first = tx.execute(over).one_or_none()
        seed = Seed(first.size, first.root) if first is not None else None
    return Account(
        review=convened["review"],
        convening_id=row.message_id,
        leaf_index=leaf,
        wanted=convened["wanted"],
        pool=convened["pool"],
        seed=seed,
        said=Seed(drawn["seed_size"], drawn["seed_root"]) if drawn is not None else None,
        repeated=drawing.repeat(convened, row.message_id, drawn, seed) if drawn is not None else None,
    )


def _facts(tx: Connection, case_no: str, kind: str) -> list[tuple[Any, Mapping[str, Any]]]:
    said = tables.messages.c
    wanted = select(said.source, said.message_id, said.body).where(
        said.case_no == case_no, said.type == kind, said.state == "admitted"
    )
    return [(row, Envelope.parse(row.body).facts or {}) for row in tx.execute(wanted.order_by(said.admitted_at))]
