"""Whatever bytes arrive, the codec answers with a declared error that names the place, or with the one true record."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec, shapes
from schemas.errors import YunhuobanError, declared
from tests.sampling import examples
from tests.unit.schemas.records import (
    LAST_DAY,
    LAST_MILLI,
    Token,
    attempt,
    bare_value,
    joined,
    padded,
    plain,
    tokens,
    varint,
)

TWENTY_BYTES = b"\x80" * 19 + b"\x01"
BADLY_WRITTEN = [TWENTY_BYTES, b"\xff" * 10 + b"\x01", varint(2**64), varint(-(2**64)), b"\xff" * 9 + b"\x02"]


def hostile(token: Token) -> list[tuple[str, bytes]]:
    """Every wrong replacement of a token, with the code it must be refused with."""
    padding = [("E-CODEC-001", each) for each in (padded(token.data), *BADLY_WRITTEN)] if token.data else []
    match token.kind:
        case "boolean":
            return [("E-CODEC-001", bytes([each])) for each in (2, 3, 0x80, 0xFF)]
        case "int":
            return [("E-CODEC-006", varint(each)) for each in (2**31, -(2**31) - 1, 2**40, -(2**63))] + padding
        case "long":
            return padding
        case "timestamp-millis":
            return [("E-CODEC-006", varint(each)) for each in (-1, LAST_MILLI + 1, 2**62, -(2**62))] + padding
        case "date":
            return [("E-CODEC-006", varint(each)) for each in (-36_526, LAST_DAY + 1, 2**31, -(2**31))] + padding
        case "size" | "count":
            over = [("E-CODEC-002", varint(each)) for each in (token.cap + 1, 2**40, 2**62)]
            return [("E-CODEC-001", varint(each)) for each in (-1, -2, -(2**40))] + over + padding
        case "end":
            return [("E-CODEC-001", varint(each)) for each in (1, -1, 2**40)] + padding
        case "enum" | "union":
            return [("E-CODEC-006", varint(each)) for each in (-1, token.cap, 2**40)] + padding
        case "string":
            # not UTF-8 at all, a lone surrogate, an overlong NUL, beyond U+10FFFF
            return [("E-CODEC-005", each) for each in (b"a\xff\xfe", b"\xed\xa0\x80", b"a\xc0\x80", b"\xf5\x80\x80")]
        case _:
            return []


@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_every_wrong_piece_of_every_record_is_refused_with_its_code_and_place(name):
    """One wrong token, anywhere in any record, is refused with the code for it and the name of its field."""
    parts = tokens(name, plain(name))
    good = codec.header(name) + joined(parts)
    assert codec.encode(name, codec.decode(good, name)) == good
    for i, token in enumerate(parts):
        for code, wrong in hostile(token):
            data = codec.header(name) + joined([*parts[:i], Token(token.place, token.kind, wrong), *parts[i + 1 :]])
            with pytest.raises(YunhuobanError) as caught:
                codec.decode(data, name)
            assert (caught.value.code.code, caught.value.place) == (code, token.place), (token, wrong)


@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_cut_short_or_with_a_trailing_byte(name):
    """No proper beginning of a record is a record, and nothing may follow one."""
    good = codec.encode(name, plain(name))
    for end in range(len(good)):
        with pytest.raises(YunhuobanError) as caught:
            codec.decode(good[:end], name)
        assert caught.value.code.code == ("E-CODEC-003" if end >= codec.HEADER_BYTES else "E-CODEC-007")
    for more in (b"\0", good, b"\0" * 1000):
        with pytest.raises(YunhuobanError, match="E-CODEC-004"):
            codec.decode(good + more, name)


@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_two_blocks_are_refused(name):
    """A list in two blocks, or in a block with its size, means the same to Avro and is refused here."""
    parts = tokens(name, plain(name))
    for i, token in enumerate(parts):
        if token.kind != "count":
            continue
        end = next(j for j in range(i, len(parts)) if parts[j].kind == "end" and parts[j].place == token.place)
        items = joined(parts[i + 1 : end])
        before, after = joined(parts[:i]), joined(parts[end + 1 :])
        half = items[: len(items) // 2]
        for block in (
            varint(1) + half + varint(1) + half + b"\0",
            varint(-2) + varint(len(items)) + items + b"\0",
            varint(2) + items + varint(-1) + varint(0) + b"\0",
        ):
            with pytest.raises(YunhuobanError, match="E-CODEC-001") as caught:
                codec.decode(codec.header(name) + before + block + after, name)
            assert caught.value.place == token.place


def test_other_records_and_other_things_are_refused():
    """A record in the place of another is named; bytes that are no record are not shown."""
    receipt = codec.encode("Received", plain("Received"))
    with pytest.raises(YunhuobanError) as caught:
        codec.decode(receipt, "Decision")
    error = caught.value
    assert (error.code.code, error.found, error.expected) == ("E-CODEC-008", "Received", "Decision")
    for data in (b"", b"\xc3", b"\xc3\x01", "申请人：王小明".encode(), b"130928199001011234", b"{}", b"\0" * 4 * 2**20):
        with pytest.raises(YunhuobanError) as caught:
            codec.decode(data, "Envelope")
        error = caught.value
        assert error.code.code == "E-CODEC-007"
        assert data[:1] == b"\xc3" or error.found == "no C301"


@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_a_whole_record_over_its_cap_is_refused_unread(name):
    """One byte over the record's cap is refused before anything is read."""
    cap = codec.CAPS_BYTES.get(name, codec.CAP_BYTES)
    with pytest.raises(YunhuobanError, match="E-CODEC-002"):
        codec.decode(codec.header(name) + bytes(cap - codec.HEADER_BYTES + 1), name)


def _mutant(chance: random.Random, name: str, parts: list[Token]) -> bytes:
    """A valid message after some injuries: tokens replaced, repeated, dropped; bits flipped; parts doubled."""
    parts = list(parts)
    for _ in range(chance.randint(0, 3)):
        i = chance.randrange(len(parts))
        token = parts[i]
        data = chance.choice(
            (
                varint(chance.randint(-3, 300)),
                varint(chance.randint(-(2**70), 2**70) >> chance.randint(0, 70)),
                chance.randbytes(chance.randint(0, 40)),
                chance.choice([wrong for _, wrong in hostile(token)] or [b""]),
                token.data * chance.randint(0, 4),
                chance.choice(parts).data,
            )
        )
        parts[i] = token._replace(data=data)
    message = bytearray(codec.header(name) + joined(parts))
    if len(message) == codec.HEADER_BYTES:
        return bytes(message)
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        message[chance.randrange(codec.HEADER_BYTES, len(message))] ^= 1 << chance.randrange(8)
    if chance.random() < 0.15:
        start, end = sorted(chance.choices(range(codec.HEADER_BYTES, len(message)), k=2))
        message[end:end] = message[start:end] * chance.randint(1, 4)
    return bytes(message)


def _answer(data: bytes, name: str) -> str:
    """What decode makes of these bytes, after checking that it is one of the two things allowed."""
    record, error = attempt(codec.decode, data, name)
    if error is not None:
        assert declared()[error.code.code] is error.code
        assert error.__cause__ is None
        return error.code.code
    assert codec.encode(name, record) == data, "accepted, but not the one encoding of its value"
    return "accepted"


@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_mutated_messages_are_refused_or_are_their_own_only_encoding(name):
    """What the walker lets through encodes to the very same bytes again: this is why decode need not encode."""
    chance = random.Random(name)  # the same storm in every run
    full, bare = tokens(name, plain(name)), tokens(name, bare_value(name))
    answers = Counter(_answer(_mutant(chance, name, chance.choice((full, bare))), name) for _ in range(2000))
    assert answers["accepted"] > 200, answers
    assert len(answers) >= 5, answers


@given(st.binary(max_size=300), st.sampled_from(shapes.MESSAGE_RECORDS), st.booleans())
@settings(max_examples=examples(1000, 150), deadline=None)
def test_arbitrary_bytes(data, name, with_header):
    """Arbitrary bytes, with or without the right header, give a declared error or a canonical record."""
    _answer(codec.header(name) + data if with_header else data, name)
