"""Avro: every record that travels, full and with as little in it as there can be, and what is refused."""

from collections.abc import Iterator
from typing import Any

from deploy.contract import values
from deploy.contract.values import Json
from schemas import codec, shapes
from schemas.assembly import long, sized
from schemas.codec import CAP_BYTES, CAPS_BYTES, HEADER_BYTES
from schemas.errors import YunhuobanError


def vectors() -> Json:
    """The file `encoding.json`."""
    return {
        "about": "Single-object encodings; `value` is the record in JSON form. What is `refused` must not decode.",
        "records": [_record(name) for name in shapes.MESSAGE_RECORDS],
        "refused": [_refused(*each) for each in _wrong()],
    }


def _record(name: str) -> Json:
    return {
        "name": name,
        "header": codec.header(name).hex(),
        "dataschema": shapes.dataschema(name),
        "cap_bytes": CAPS_BYTES.get(name, CAP_BYTES),
        "full": _encoded(name, values.sample(name, "full")),
        "least": _encoded(name, values.sample(name, "least")),
    }


def _encoded(name: str, record: dict[str, Any]) -> Json:
    return {"value": values.as_json(name, record), "bytes": codec.encode(name, record).hex()}


def _refused(name: str, record: str, data: bytes) -> Json:
    try:
        codec.decode(data, record)
    except YunhuobanError as error:
        return {"name": name, "record": record, "bytes": data.hex(), "code": error.code.code, "place": error.place}
    raise AssertionError(name)


def _wrong() -> Iterator[tuple[str, str, bytes]]:
    claim = codec.encode("PrintClaim", values.sample("PrintClaim", "least"))
    header, rest = claim[:HEADER_BYTES], claim[HEADER_BYTES + 1 :]  # the first field is an empty string
    yield "another record", "PrintClaim", codec.encode("Received", values.sample("Received", "least"))
    yield "a record that nobody knows", "PrintClaim", b"\xc3\x01" + bytes(8) + rest
    yield "no single-object encoding", "PrintClaim", claim[HEADER_BYTES:]
    yield "a byte too many", "PrintClaim", claim + b"\0"
    yield "a byte too few", "PrintClaim", claim[:-1]
    yield "a length in two bytes where one is enough", "PrintClaim", header + b"\x80\0" + rest
    yield "a varint of eleven bytes", "PrintClaim", header + b"\x80" * 10 + b"\x01" + rest
    yield "a length below nought", "PrintClaim", header + long(-1) + rest
    yield "a length over the cap", "PrintClaim", header + sized(b"x" * 41) + rest
    yield "text that is no UTF-8", "PrintClaim", header + sized(b"\xc3\x28") + rest
    yield "half a surrogate pair", "PrintClaim", header + sized(b"\xed\xa0\x80") + rest
    yield "an int beyond 32 bits", "PrintClaim", claim[:-2] + long(2**31) + claim[-1:]
    yield "a time before 1970", "PrintClaim", claim[:-1] + long(-1)
    yield "a time after 2100", "PrintClaim", claim[:-1] + long(4_102_444_800_001)
    yield from _wrong_kinds()


def _wrong_kinds() -> Iterator[tuple[str, str, bytes]]:
    grant = codec.encode("Grant", values.sample("Grant", "least"))
    at = HEADER_BYTES + 4  # behind four empty strings
    yield "a boolean of two", "Grant", grant[:at] + b"\x02" + grant[at + 1 :]
    at += 3  # the boolean, two empty strings
    yield "an enum index that is not there", "Grant", grant[:at] + long(9) + grant[at + 1 :]
    yield "an enum index below nought", "Grant", grant[:at] + long(-1) + grant[at + 1 :]
    decision = codec.encode("Decision", values.sample("Decision", "least"))
    yield "a union branch that is not there", "Decision", decision[:-1] + long(2)
    signed = codec.encode("Countersignature", values.sample("Countersignature", "least"))
    before, after = signed[:-2], signed[-1:]  # an empty array and an empty string end it
    yield "an array in two blocks", "Countersignature", before + long(1) + long(5) + long(1) + long(6) + b"\0" + after
    yield "an array block with its size", "Countersignature", before + long(-1) + long(1) + long(5) + b"\0" + after
    yield "an array over its cap", "Countersignature", before + long(65) + long(5) * 65 + b"\0" + after
