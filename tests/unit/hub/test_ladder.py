"""One whole case, from the application to the hand-over."""

import pytest
from sqlalchemy import select

from hub.store import tables
from schemas.leaf import ADMITTED
from tests.hub_world import ISSUING, WINDOW, Case, World


@pytest.mark.both_stores
def test_whole_ladder_one_by_one(world: World):
    """Every rung is admitted, receipted and delivered, and the case ends handed over."""
    case = Case(world)
    sent = case.up_to("case.handed_over")
    verdicts = world.verdicts(WINDOW) | world.verdicts(ISSUING)
    assert [verdicts[each.envelope.id] for each in sent] == [ADMITTED] * 8
    assert world.delivered(ISSUING) == [sent[i].envelope.id for i in (0, 6, 7)]
    assert world.delivered(WINDOW) == [sent[i].envelope.id for i in (1, 2, 3, 4)]
    assert [row.state for row in world.rows(select(tables.cases))] == ["handed_over"]
    assert len(world.link.acked) == 8
    assert not world.link.requeued


@pytest.mark.both_stores
def test_whole_ladder_in_one_batch(world: World):
    """The same in a single batch: earlier messages of a batch count for later ones."""
    sent = Case(world).ladder()
    world.send(*sent)
    verdicts = world.verdicts(WINDOW) | world.verdicts(ISSUING)
    assert [verdicts[each.envelope.id] for each in sent] == [ADMITTED] * 8
    assert [row.state for row in world.rows(select(tables.cases))] == ["handed_over"]
