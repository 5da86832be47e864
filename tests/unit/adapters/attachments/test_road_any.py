"""Whatever lies in a county's queue of parts: its road goes on, and nothing is kept that was not announced."""

from collections import deque
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.attachments.tables import parts, received
from adapters.link.messages import Submission
from schemas import codec, topology
from schemas.attachments import PART, RECORDS, REFUSED, REQUESTED
from tests.sampling import examples
from tests.unit.adapters.attachments.conftest import scan

NUMBERS = st.integers(-(2**31), 2**31 - 1) | st.integers(-2, 3)
OWN: dict[str, dict[str, Any]] = {
    REQUESTED: {"parts": st.lists(NUMBERS, max_size=16)},
    PART: {"part": NUMBERS, "data": st.binary(max_size=40)},
    REFUSED: {"part": NUMBERS, "code": st.text(max_size=5)},
}


@settings(max_examples=examples(200, 6), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_road_goes_on_whatever_comes(road, data):
    """Records near to right ones and bytes that are none, at either end: taken off the queue, without any effect."""
    if not road.parts.broker.passed:
        road.take(scan(10))
        road.parts.settle()
    county = data.draw(st.sampled_from([road.world.window, road.world.issuing]))
    ((known,),) = road.world.issuing.rows(select(received.c.message_id))
    word = data.draw(st.sampled_from([*OWN]))
    about = {
        "source": st.sampled_from([road.world.window.code, county.code, ""]),
        "message_id": st.sampled_from([known, ""]) | st.text(max_size=9),
        "attachment": NUMBERS,
    }
    body = codec.encode(RECORDS[word], data.draw(st.fixed_dictionaries(about | OWN[word])))
    if data.draw(st.booleans()):
        body = data.draw(st.binary(max_size=40) | st.just(body[:-1]))
    said = data.draw(st.sampled_from([word, "", "directory.published"]))
    message = Submission(exchange="", routing_key="", body=body, message_id="m", type=said, signatures=[])
    road.parts.broker.queues.setdefault(topology.county_parts(county.code), deque()).append(message)
    road.parts.settle(20)
    assert not any(road.parts.broker.queues.values())
    assert road.world.issuing.rows(select(parts.c.part)) == [(0,)]
    assert set(road.states(road.world.case_no())) == {"whole"}
