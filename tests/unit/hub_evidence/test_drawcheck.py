"""The hub draws every draw of a case again from its journal."""

import pytest
from sqlalchemy import select

from hub.evidence import drawcheck
from hub.store import tables
from pages import drawtext
from schemas import drawing
from schemas.facts import facts_of
from tests import review_records as of
from tests.hub_world import Case, World


def convened(world: World) -> tuple[Case, str]:
    """A review in a case that was accepted; the journal has grown since."""
    case = Case(world)
    case.up_to("application.accepted")
    message = case.message("review.convened", facts_of("review.convened", of.convening()))
    world.send(message)
    world.send(case.received(message))
    return case, message.envelope.id


def drawn(world: World, case: Case, convening_id: str, *, later: bool) -> None:
    """The draw from the right checkpoint, or from a later one."""
    with world.store.read() as tx:
        (account,) = drawcheck.accounts(tx, case.case_no)
        assert account.seed is not None
        newest = tx.execute(select(tables.checkpoints).order_by(tables.checkpoints.c.size.desc()).limit(1)).one()
    size, root = (newest.size, newest.root) if later else (account.seed.size, account.seed.root)
    record = of.draw(seed_size=size, seed_root=root, drawn=drawing.order(root, convening_id, of.convening()["pool"]))
    world.send(case.message("review.drawn", facts_of("review.drawn", record)))


@pytest.mark.both_stores
@pytest.mark.parametrize("later", [False, True])
def test_a_draw_is_right_only_with_the_first_checkpoint_over_its_message(world: World, later: bool) -> None:
    """The account names the seed before the draw; a later checkpoint is told although its order is right in itself."""
    case, convening_id = convened(world)
    with world.store.read() as tx:
        (before,) = drawcheck.accounts(tx, case.case_no)
    assert (before.repeated, before.right) == (None, True)
    assert before.leaf_index is not None
    assert before.seed is not None
    assert before.seed.size > before.leaf_index
    drawn(world, case, convening_id, later=later)
    with world.store.read() as tx:
        (found,) = drawcheck.accounts(tx, case.case_no)
    assert found.repeated is not None
    assert (found.repeated.seed_right, found.repeated.order_right, found.right) == (not later, True, not later)
    told = "\n".join(drawtext.lines(found, "zh"))
    assert ("不是种子所决定的结果" in told) is later
    assert found.repeated.ranked[0].rank.hex() in told
