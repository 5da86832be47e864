"""Strategies for bytes from outside: noise, damaged copies of something good, and almost well-formed structures."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from schemas.errors import YunhuobanError

COSTLY = settings(
    max_examples=max(settings.default.max_examples // 3, 1) if settings.default else 30,
    suppress_health_check=list(HealthCheck),
)
"""For tests whose every example takes tens of milliseconds: a third of the profile's."""
_EDITS = st.lists(
    st.tuples(st.sampled_from(["set", "drop", "insert", "repeat", "cut"]), st.floats(0, 1), st.integers(0, 255)),
    max_size=5,
)
# Sizes and signs at which length fields, counters and widths go wrong.
AWKWARD_INTEGERS = st.sampled_from([0, -1, 1, 127, 128, 255, 256, 2**15, 2**16, 2**31, -(2**31), 2**63, 2**64, 10**30])


def refusal(call: Callable[[], Any]) -> YunhuobanError | None:
    """The declared error that this ends with, or None; any other exception is a finding and comes out."""
    try:
        call()
    except YunhuobanError as error:
        return error
    return None


def damaged(good: bytes) -> st.SearchStrategy[bytes]:
    """Copies of something good with a few bytes set, dropped, inserted, repeated, or the rest cut off."""
    return _EDITS.map(lambda edits: _edited(good, edits))


def noise(good: Sequence[bytes], *, most: int = 600) -> st.SearchStrategy[bytes]:
    """Anything at all, or a damaged copy of one of these."""
    return st.one_of(st.binary(max_size=most), *[damaged(each) for each in good])


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value, shallow or deep, with numbers that other readers lose."""
    leaves = st.none() | st.booleans() | st.text(max_size=20) | AWKWARD_INTEGERS | st.floats(allow_nan=True)
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    )


def altered(good: Any) -> st.SearchStrategy[Any]:
    """A structure of dicts and lists in which one place holds something else, is missing, or is there twice."""
    places = _places(good)
    return st.tuples(st.sampled_from(places), json_values(), st.sampled_from(["set", "drop", "twice"])).map(
        lambda chosen: _altered(good, *chosen)
    )


def _edited(good: bytes, edits: list[tuple[str, float, int]]) -> bytes:
    data = bytearray(good)
    for kind, where, value in edits:
        at = min(math.floor(where * len(data)), max(len(data) - 1, 0))
        match kind:
            case "set" if data:
                data[at] = value
            case "drop":
                del data[at : at + 1 + value % 8]
            case "insert":
                data[at:at] = bytes([value]) * (1 + value % 4)
            case "repeat":
                data[at:at] = data[at : at + value]
            case "cut":
                del data[at:]
    return bytes(data)


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *[place for key, each in inner for place in _places(each, (*here, key))]]


def _altered(value: Any, place: tuple[Any, ...], new: Any, how: str) -> Any:
    if not place:
        return new
    key, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        copy[key] = _altered(copy[key], tuple(rest), new, how)
    elif how == "drop":
        del copy[key]
    elif how == "twice" and isinstance(copy, list):
        copy.insert(key, copy[key])
    else:
        copy[key] = new
    return copy
