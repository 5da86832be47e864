"""What a result says of an item: passed only when all that it uses was tried and nothing failed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.conformance.result import WINDOW
from schemas.conformance.standing import used_by
from tests.conformance_world import DECIDES, TAKES, result

ITEM = "11140881MB0000000U4000131127004"
AT = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "item", "window"),
    [
        ({}, "passed", "passed"),
        ({"parts": {"read.decision.made": {"state": "failed"}}}, "failed", "passed"),
        ({"parts": {"read.decision.made": {"state": "untested"}}}, "untested", "passed"),
        ({"parts": {"write.decision.made": {"state": "failed"}}}, "passed", "failed"),
        ({"link_failed": 1}, "failed", "failed"),
        ({"link_passed": 0}, "untested", "untested"),
        ({"items": {ITEM: ()}}, "untested", "missing"),
    ],
)
def test_an_item_is_worth_what_its_parts_are(changes: dict[str, Any], item: str, window: str) -> None:
    """One part that failed fails what uses it and nothing else; the link is everybody's; nothing tried is no pass."""
    said = result("140881", ITEM, at=AT, **changes)
    assert (said.state(ITEM), said.state(WINDOW)) == (item, window)
    assert replace(said, items={}).state(ITEM) == "missing"


def test_who_decides_and_who_takes_use_opposite_sides() -> None:
    """What the issuing county reads out of its system the window county writes into its own, and vice versa."""
    parts = (*DECIDES, *TAKES, "write.message.refused")
    assert list(used_by(ITEM, parts)) == [*DECIDES, "write.message.refused"]
    assert list(used_by(WINDOW, parts)) == [*TAKES, "write.message.refused"]
