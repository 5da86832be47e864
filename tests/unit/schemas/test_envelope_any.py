"""Envelopes from anybody: an envelope whose bytes are its only encoding, or one declared error, at little cost."""

import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import codec
from schemas.envelope import Envelope
from schemas.messages import TYPES
from tests.hostile import damaged, noise, refusal
from tests.unit.schemas.test_envelope import envelope

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1

GOOD = [envelope(type_).to_bytes() for type_ in TYPES]
AREAS = {"CODEC", "ENV", "ID"}
MOST_BYTES = 64 * 2**20


@given(body=noise(GOOD))
@example(body=b"")
@example(body=codec.header("Envelope") + b"\xff" * 9 + b"\x01")
def test_any_bytes(body: bytes):
    """Whatever is parsed encodes to these bytes and no others."""
    error = refusal(lambda: Envelope.parse(body))
    if error is None:
        assert Envelope.parse(body).to_bytes() == body
    else:
        assert error.code.area in AREAS


@given(data=st.data(), type_=st.sampled_from(sorted(TYPES)))
def test_a_damaged_envelope_tells_nothing_of_its_bytes(data: st.DataObject, type_: str):
    """The error names a place and a rule; bytes that were put in the wrong place may be a person's name."""
    secret = "王小明身份证"
    body = data.draw(damaged(envelope(type_, data=secret.encode() * 20).to_bytes()))
    error = refusal(lambda: Envelope.parse(body))
    assert error is None or not set(secret) & set(f"{error.place}{error.found}")


@pytest.mark.parametrize("claimed", [2**31 - 1, 2**40, 2**62])
def test_a_length_that_is_claimed_costs_nothing(claimed: int):
    """A few bytes that claim gigabytes: refused before anything of that size is made."""
    body = codec.header("Envelope") + _varint(claimed) + b"x"
    tracemalloc.start()
    assert refusal(lambda: Envelope.parse(body)) is not None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MOST_BYTES


def _varint(value: int) -> bytes:
    value <<= 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])
