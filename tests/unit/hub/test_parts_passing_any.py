"""Whatever a county publishes on the road of parts: the pump goes on, and tells its sender one declared code."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import codec, topology
from schemas.attachments import PART, RECORDS, REFUSED, REQUESTED
from tests.hub_world import ISSUING, WINDOW, World
from tests.sampling import examples
from tests.unit.hub.test_parts_passing import PARTS, Road

NUMBERS = st.integers(-(2**31), 2**31 - 1) | st.integers(-2, 3)
WORDS = (REQUESTED, PART, REFUSED)


@pytest.fixture
def road(world: World) -> Road:
    """One for all examples; what it remembers is bounded."""
    return Road(world)


def records(road: Road, word: str) -> st.SearchStrategy[dict[str, Any]]:
    """Records of a word: near to a right one, or far from it."""
    about = {
        "source": st.sampled_from([WINDOW, ISSUING, "", "999999"]) | st.text(max_size=1),
        "message_id": st.sampled_from([road.message.id, "", "x" * 36]) | st.text(max_size=9),
        "attachment": NUMBERS,
    }
    own: dict[str, dict[str, Any]] = {
        REQUESTED: {"parts": st.lists(NUMBERS, max_size=16)},
        PART: {"part": NUMBERS, "data": st.binary(max_size=40) | st.sampled_from(PARTS)},
        REFUSED: {"part": NUMBERS, "code": st.text(max_size=5)},
    }
    return st.fixed_dictionaries(about | own[word])


@settings(max_examples=examples(400, 25), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_only_declared_refusals_come_out(road: Road, data: st.DataObject) -> None:
    """Bytes, properties and keys of any kind: passed on as they are, refused with a code of this road, or nothing."""
    word = data.draw(st.sampled_from(WORDS))
    sender = data.draw(st.sampled_from([WINDOW, ISSUING]))
    given_ = road.of(sender, word, **data.draw(records(road, word)))
    if data.draw(st.booleans()):
        junk = st.binary(max_size=60) | st.just(given_.body[:-1]) | st.just(given_.body + b"\0")
        given_ = replace(given_, body=data.draw(junk))
    odd = data.draw(st.sampled_from(["", "type", "routing_key", "content_type"]))
    if odd:
        given_ = replace(given_, **{odd: data.draw(st.text(max_size=20))})
    for queue, said, body in road.give(given_):
        if said == REFUSED and body != given_.body:
            assert queue == topology.county_parts(sender)
            assert str(codec.decode(body, "AttachmentRefusal")["code"]).startswith("E-PART-00")
        else:
            assert (said, body) == (given_.type, given_.body)
            codec.decode(body, RECORDS[said])
