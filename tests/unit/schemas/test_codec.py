"""What is encoded is what Apache Avro encodes, and it comes back as it was."""

import io
import json
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import avro.io
import avro.schema
import pytest
from hypothesis import HealthCheck, given, settings

from schemas import codec, shapes
from tests.sampling import examples
from tests.unit.schemas.records import joined, plain, tokens, values

PARSED = {name: avro.schema.parse(json.dumps(shapes.expanded(name))) for name in shapes.MESSAGE_RECORDS}

RECEIVED = {
    "message_id": "0e8dd07b-5d34-4f1c-9f0e-6a36a3a0a1b2",
    "envelope_sha256": bytes(range(32)),
    "received_at": datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC),
}
RECEIVED_BYTES = (
    bytes.fromhex("c301")  # single-object encoding
    + bytes.fromhex("2dbb1a6c73ebe638")  # CRC-64-AVRO of the canonical form, little-endian
    + b"\x48" + b"0e8dd07b-5d34-4f1c-9f0e-6a36a3a0a1b2"  # 36, zig-zag
    + bytes(range(32))
    + bytes.fromhex("8093b28cc068")  # 1,795,309,323,456 ms, zig-zag and base 128
)  # fmt: skip


def bare(value):
    """The value as Apache's library takes it: a union's record without its name."""
    match value:
        case tuple():
            return bare(value[1])
        case list():
            return [bare(each) for each in value]
        case dict():
            return {key: bare(each) for key, each in value.items()}
        case _:
            return value


def apache_bytes(name: str, value: dict) -> bytes:
    """The body of a record as Apache's library writes it."""
    out = io.BytesIO()
    avro.io.DatumWriter(PARSED[name]).write(bare(value), avro.io.BinaryEncoder(out))
    return out.getvalue()


@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_round_trip_and_the_same_bytes_as_apache_avro(name):
    """Any value of any record comes back equal, in the bytes that Apache Avro and the specification give it."""

    @settings(max_examples=examples(40, 12), deadline=None, suppress_health_check=list(HealthCheck))
    @given(values(name))
    def run(value: dict) -> None:
        data = codec.encode(name, value)
        assert codec.decode(data, name) == value
        assert codec.record_name(data) == name
        assert data == codec.header(name) + joined(tokens(name, value))
        assert data[codec.HEADER_BYTES :] == apache_bytes(name, value)
        back = avro.io.DatumReader(PARSED[name]).read(avro.io.BinaryDecoder(io.BytesIO(data[codec.HEADER_BYTES :])))
        assert back == bare(value)

    run()


def canonical_form(schema: Any, seen: set[str]) -> Any:
    """Parsing Canonical Form, written from the specification's rules (names, defaults and docs, order, primitives)."""
    if isinstance(schema, list):
        return [canonical_form(each, seen) for each in schema]
    if isinstance(schema, str):
        return schema
    kind = schema["type"]
    if kind == "array":
        return {"type": "array", "items": canonical_form(schema["items"], seen)}
    if kind not in ("record", "enum", "fixed"):
        return kind  # a primitive with a logical type
    # The enum that a field defines in place inherits the namespace of its record.
    name = f"{shapes.NAMESPACE}.{schema['name']}"
    assert name not in seen
    seen.add(name)
    if kind == "record":
        fields = [{"name": each["name"], "type": canonical_form(each["type"], seen)} for each in schema["fields"]]
        return {"name": name, "type": kind, "fields": fields}
    if kind == "enum":
        return {"name": name, "type": kind, "symbols": schema["symbols"]}
    return {"name": name, "type": kind, "size": schema["size"]}


def fingerprint(name: str) -> bytes:
    """CRC-64-AVRO by Apache's library over our own canonical form.

    Its canonical form of a logical type ({"type":"long"}) and of a second use of a name (written out again) is not the
    specification's, nor that of Apache's Java library; its checksum is right.
    """
    text = json.dumps(canonical_form(shapes.expanded(name), set()), separators=(",", ":"))
    return avro.schema._crc_64_fingerprint(text.encode())


@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_the_header_is_the_specifications_fingerprint(name):
    """`C3 01` and the CRC-64-AVRO of the canonical form, little-endian."""
    assert codec.header(name) == b"\xc3\x01" + fingerprint(name)


def test_no_two_records_share_a_fingerprint():
    """The header alone says which record it is; Avro's fingerprint ignores logical types, so this has to be seen to."""
    assert len({codec.header(name) for name in shapes.MESSAGE_RECORDS}) == len(shapes.MESSAGE_RECORDS)
    assert len({fingerprint(name) for name in shapes.raw()}) == len(shapes.raw())


def test_golden_bytes():
    """A message of which every byte is written down here; if this changes, no released county can read us."""
    assert codec.encode("Received", RECEIVED) == RECEIVED_BYTES
    assert codec.decode(RECEIVED_BYTES, "Received") == RECEIVED


def test_moments_keep_their_instant_in_any_zone():
    """A moment in Beijing time comes back as the same instant in UTC; microseconds are cut to milliseconds."""
    beijing = datetime(2026, 11, 22, 9, 2, 3, 456789, tzinfo=timezone(timedelta(hours=8)))
    back = codec.decode(codec.encode("Received", {**RECEIVED, "received_at": beijing}), "Received")["received_at"]
    assert back == datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC)
    assert back.utcoffset() == timedelta(0)


def test_mappings_and_tuples_are_written_like_dictionaries_and_lists():
    """Read-only mappings and tuples, which frozen records are made of, are encoded like their plain kinds."""
    value = plain("AdmissionReceipt")
    frozen = MappingProxyType({**value, "entries": tuple(MappingProxyType(each) for each in value["entries"])})
    assert codec.encode("AdmissionReceipt", frozen) == codec.encode("AdmissionReceipt", value)
