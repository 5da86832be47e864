"""The only door to fastavro: strict encoding and decoding of the contract's records.

Avro single-object encoding (Avro 1.11 specification, "Single-object encoding"): `C3 01`, the CRC-64-AVRO
fingerprint in little-endian order, the body. Two records of the contract never share a fingerprint (a test), and
an envelope's `dataschema` carries the full SHA-256 beside it, because the fingerprint ignores logical types.

Whatever arrives, only `YunhuobanError` (E-CODEC-…) comes out, within 100 ms and 50 MB: a walker reads the bytes first
(`schemas.strictness`) and lets only the one canonical encoding of a record through. Whatever is to be sent, only a
record of exactly the right types is written (`schemas.exactness`).
"""

import io
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import fastavro
from fastavro.schema import fingerprint, parse_schema, to_parsing_canonical_form

from schemas import shapes
from schemas.errors import YunhuobanError, declare
from schemas.exactness import Check, compile_check
from schemas.strictness import TOO_LARGE, Walker, compile_walker, walk_all

UNKNOWN_RECORD: Final = declare("E-CODEC-007", "不认识的记录种类。", "请核对报文所用的标准记录版本。")
OTHER_RECORD: Final = declare("E-CODEC-008", "不是此处应有的记录。", "请按该报文类型规定的记录编码。")

MAGIC: Final = b"\xc3\x01"
HEADER_BYTES: Final = 10
# An envelope holds 3 MiB of data, into which a license must fit padded and encrypted; a receipt holds 512 entries with
# their proofs and refusals; a published checkpoint 128 proofs of up to 128 hashes; a part of a directory 512 KiB of
# entries, or one revocation list of 1 MiB.
CAPS_BYTES: Final = {
    "Envelope": 4 * 2**20,
    "License": 3_000_000,
    "Directory": 2 * 2**20,
    "AdmissionReceipt": 4 * 2**20,
    "CheckpointPublished": 2**20,
}
CAP_BYTES: Final = 256 * 2**10  # of every other record


class _Record:
    """What is prepared once per record: parsed schema, header, walker and check."""

    def __init__(self, name: str) -> None:
        schema = shapes.expanded(name)
        self.name = name
        self.parsed: Any = parse_schema(schema, named_schemas={})
        self.header = MAGIC + bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))
        self.walker: Walker = compile_walker(schema)
        self.check: Check = compile_check(schema)
        self.cap_bytes = CAPS_BYTES.get(name, CAP_BYTES)


@cache
def _records() -> dict[str, _Record]:
    return {name: _Record(name) for name in shapes.MESSAGE_RECORDS}


@cache
def _by_header() -> dict[bytes, str]:
    return {record.header: name for name, record in _records().items()}


def encode(name: str, record: Mapping[str, Any]) -> bytes:
    """Encode a record; every field must be there and no other. Raises E-CODEC-002/-006/-009, naming the field."""
    kind = _records()[name]
    kind.check(record)
    out = io.BytesIO()
    out.write(kind.header)
    fastavro.schemaless_writer(out, kind.parsed, record, strict=True)
    data = out.getvalue()
    walk_all(kind.walker, data, HEADER_BYTES)
    if len(data) > kind.cap_bytes:
        raise YunhuobanError(TOO_LARGE, place=name, found=str(len(data)), expected=f"<= {kind.cap_bytes}")
    return data


def decode(data: bytes, name: str) -> dict[str, Any]:
    """Decode bytes that must be exactly one `name`. A union of records comes as (full name, record).

    Raises E-CODEC-… for anything that is not the canonical encoding within all caps.
    """
    kind = _records()[name]
    if len(data) > kind.cap_bytes:
        raise YunhuobanError(TOO_LARGE, place=name, found=str(len(data)), expected=f"<= {kind.cap_bytes}")
    if data[:HEADER_BYTES] != kind.header:
        found = record_name(data)
        raise YunhuobanError(OTHER_RECORD, place=name, found=found, expected=name)
    walk_all(kind.walker, data, HEADER_BYTES)
    body = io.BytesIO(data)
    body.seek(HEADER_BYTES)
    # The walker let nothing through that this call could fail on, or that has a second encoding.
    record: Any = fastavro.schemaless_reader(
        body, kind.parsed, None, return_record_name=True, return_record_name_override=True
    )
    return dict(record)


def record_name(data: bytes) -> str:
    """Which record these bytes say they are. Raises E-CODEC-007."""
    name = _by_header().get(bytes(data[:HEADER_BYTES]))
    if name is None:
        # Bytes that are no single-object encoding may be anything, a name among it: they are not shown.
        found = data[:HEADER_BYTES].hex() if data[:2] == MAGIC else "no C301"
        raise YunhuobanError(UNKNOWN_RECORD, found=found, expected="C301 + CRC-64-AVRO")
    return name


def header(name: str) -> bytes:
    """The ten bytes that every encoding of this record begins with."""
    return _records()[name].header
