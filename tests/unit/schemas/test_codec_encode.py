"""A record that is not exactly right is not written; the error names the field and never the value."""

import re
import traceback
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest

from schemas import codec, shapes
from schemas.errors import YunhuobanError
from tests.unit.schemas.records import attempt, plain

NAME = "王小明"
NUMBER = "130928199001011234"
PERSONAL = (NAME, NUMBER, NUMBER.encode().hex(), NAME.encode().hex(), repr(NAME.encode())[2:-1])


class Odd:
    """An object whose text is a name, as a local system's own class might be."""

    def __repr__(self) -> str:
        return f"<{NAME} {NUMBER}>"


WRONG: tuple[Any, ...] = (
    NAME, NUMBER, int(NUMBER), -int(NUMBER), float(NUMBER), NAME.encode(), NUMBER.encode(), [NAME], [NUMBER.encode()],
    {NAME: NUMBER}, {"name": NAME}, (NAME, NUMBER), {NAME}, (NAME, {"outcome": NUMBER}), bytearray(NUMBER.encode()),
    memoryview(NUMBER.encode()), NAME + "\ud800", None, True, 1, 2, 1.5, "no", "", b"", [], {}, (), Odd(), Odd,
    datetime(2026, 11, 22),  # noqa: DTZ001 -- a moment without a zone is one of the mistakes
    datetime(2026, 11, 22, tzinfo=UTC), date(2026, 11, 22), iter([NAME]), 10**30,
    ("cn.yunhuoban.v1.DecisionFacts", NAME), ("cn.yunhuoban.v1.DecisionFacts", {"outcome": NAME}),
    ("cn.yunhuoban.v1.ClaimFacts", {"outcome": "granted"}), ("DecisionFacts", {"outcome": "granted"}),
    datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), date(1, 1, 1), date.max,
)  # fmt: skip


def places(value: Any, place: str) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every path into a value, with the place an error there has."""
    match value:
        case dict():
            for key, each in value.items():
                yield (key,), f"{place}.{key}"
                yield from (((key, *path), where) for path, where in places(each, f"{place}.{key}"))
        case list() if value:
            yield (0,), f"{place}[]"
            yield from (((0, *path), where) for path, where in places(value[0], f"{place}[]"))
        case (str(), record):
            yield from (((1, *path), where) for path, where in places(record, place))
        case _:
            return


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy of the value with another one at the path."""
    if not path:
        return new
    if isinstance(value, list):
        return [replaced(value[0], path[1:], new), *value[1:]]
    if isinstance(value, tuple):
        return value[0], replaced(value[1], path[1:], new)
    return {**value, path[0]: replaced(value[path[0]], path[1:], new)}


def everything_said(error: YunhuobanError) -> str:
    """All that can be read off an error, however it is printed; lines of source hold no values and are left out."""
    parts = [str(error), repr(error), repr(error.args), error.place, error.found, error.expected, repr(error.params)]
    parts += [repr(error.__cause__), repr(error.__context__), *traceback.format_exception(error, limit=0)]
    return "\n".join(parts)


@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_a_wrong_value_anywhere_is_named_and_not_shown(name):
    """Names and identity numbers of every wrong type, in every field: the field is named, the value nowhere to be read.

    What is written all the same comes back equal: nothing is turned into something else on the way.
    """
    good = plain(name)
    for path, where in places(good, name):
        for wrong in WRONG:
            record = replaced(good, path, wrong)
            data, error = attempt(codec.encode, name, record)
            if error is not None:
                assert error.code.code in ("E-CODEC-002", "E-CODEC-006", "E-CODEC-009")
                assert f"{name}.{error.place.removeprefix(f'{name}.')}".startswith(where), (error.place, where)
                assert error.__cause__ is None
                assert error.__context__ is None
                assert not [each for each in PERSONAL if each in everything_said(error)], where
            else:
                back: Any = codec.decode(data, name)
                for step in path:
                    back = back[step]
                # A list may be given as a tuple, and a moment in any zone.
                listed = isinstance(wrong, tuple) and isinstance(back, list)
                assert back == (list(wrong) if listed else wrong), where
                assert listed or type(back) is type(wrong)


@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_missing_and_unknown_fields(name):
    """Each missing field is named; an unknown one is named when it has a name, and not when it may be a person's."""
    good = plain(name)
    for field in good:
        with pytest.raises(YunhuobanError, match="E-CODEC-009") as caught:
            codec.encode(name, {key: value for key, value in good.items() if key != field})
        assert (caught.value.place, caught.value.found) == (f"{name}.{field}", "missing")
    for extra, place in (("surprise", f"{name}.surprise"), (NAME, name), (NUMBER, name), (1, name), (None, name)):
        with pytest.raises(YunhuobanError, match="E-CODEC-009") as caught:
            codec.encode(name, {**good, extra: NAME})
        assert (caught.value.place, caught.value.expected) == (place, "no other field")
        assert not [each for each in PERSONAL if each in everything_said(caught.value)]


def test_caps_hold_for_the_sender_too():
    """A field, a list and a whole record over their caps are refused with their real size."""
    for name, field, value, size in (
        ("HandOver", "recipient", "王" * 34, "102"),
        ("License", "face", [{"label": "", "value": ""}] * 41, "41"),
        ("License", "files", [{**plain("License")["files"][0], "sealed": bytes(786_432)}] * 4, "3146326"),
    ):
        with pytest.raises(YunhuobanError, match="E-CODEC-002") as caught:
            codec.encode(name, {**plain(name), field: value})
        assert caught.value.found == size


def test_errors_of_decode_do_not_show_what_was_read():
    """Text in the place of numbers is read as lengths and indexes: none of it stands in the refusal."""
    for name in shapes.MESSAGE_RECORDS:
        good = codec.encode(name, plain(name))
        for text in (NAME.encode() * 3, NUMBER.encode(), (NAME + NUMBER).encode()):
            for at in range(codec.HEADER_BYTES, len(good)):
                _, error = attempt(codec.decode, good[:at] + text, name)
                if error is not None:
                    said = f"{error.found} {error.__context__!r} {error}"
                    assert not [each for each in PERSONAL if each in said]
                    # No number but a length within the message, or one of the contract's own limits.
                    numbers = [int(each) for each in re.findall(r"-?[0-9]+", error.found)]
                    assert all(abs(each) <= len(good) + len(text) or str(each) in error.expected for each in numbers)


def test_a_word_of_an_enumeration_may_be_a_str_enum():
    """Symbols and codes may be given as `StrEnum` members, which are strings."""

    class Outcome(StrEnum):
        GRANTED = "granted"

    record = {**plain("Decision"), "outcome": Outcome.GRANTED, "approver_no": Outcome.GRANTED}
    assert codec.decode(codec.encode("Decision", record), "Decision")["outcome"] == "granted"
