"""The only door to fastavro: strict encoding and decoding of the contract's records.

Avro single-object encoding (Avro 1.11 specification, "Single-object encoding"): `C3 01`, the CRC-64-AVRO
fingerprint in little-endian order, the body. Two records of the contract never share a fingerprint (a test), and
an envelope's `dataschema` carries the full SHA-256 beside it, because the fingerprint ignores logical types.

An older version of the contract (`schemas.releases`) is read by its own header, strictly by its own schema, and
completed with the defaults of the working one; it is written for a reader that knows no other. What is current costs no
look at versions: the header that is compared anyway says so.

Whatever arrives, only `YunhuobanError` (E-CODEC-…) comes out, within 100 ms and 50 MB: a walker reads the bytes first
(`schemas.strictness`) and lets only the one canonical encoding of a record through. Whatever is to be sent, only a
record of exactly the right types is written (`schemas.exactness`).
"""

import io
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

import fastavro
from fastavro.schema import (
    SchemaParseException,
    UnknownType,
    fingerprint,
    parse_schema,
    to_parsing_canonical_form,
)

from schemas import releasefile, releases, shapes
from schemas.errors import YunhuobanError, declare
from schemas.exactness import Check, compile_check
from schemas.resolution import Lift, Lower, compile_lift, compile_lower
from schemas.strictness import TOO_LARGE, Walker, compile_walker, walk_all

UNKNOWN_RECORD: Final = declare("E-CODEC-007", "不认识的记录种类。", "请核对报文所用的标准记录版本。")
OTHER_RECORD: Final = declare("E-CODEC-008", "不是此处应有的记录。", "请按该报文类型规定的记录编码。")
NO_RECORD_IN_VERSION: Final = declare(
    "E-CODEC-011",
    "接收方所用的标准版本没有这种记录或报文。",
    "请接收方升级，之后报文自动继续；在此之前该类报文不能发给该方。",
)

MAGIC: Final = b"\xc3\x01"
HEADER_BYTES: Final = 10
# An envelope holds 3 MiB of data, into which a license must fit padded and encrypted; a receipt holds 512 entries with
# their proofs and refusals; a published checkpoint 128 proofs of up to 128 hashes; a part of a directory 512 KiB of
# entries, or one revocation list of 1 MiB; a part of an attachment 512 KiB and where it belongs.
CAPS_BYTES: Final = {
    "Envelope": 4 * 2**20,
    "License": 3_000_000,
    "Directory": 2 * 2**20,
    "AdmissionReceipt": 4 * 2**20,
    "CheckpointPublished": 2**20,
    "AttachmentPart": 2**19 + 2**10,
}
CAP_BYTES: Final = 256 * 2**10  # of every other record


class _Record:
    """What is prepared once per record: parsed schema, header, walker and check."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.name: str = schema["name"]
        self.parsed: Any = parse_schema(schema, named_schemas={})
        self.header = MAGIC + bytes.fromhex(crc64(schema))
        self.walker: Walker = compile_walker(schema)
        self.check: Check = compile_check(schema)
        self.cap_bytes = CAPS_BYTES.get(self.name, CAP_BYTES)


class _Older:
    """A record of a released version, and the ways between it and the working one."""

    def __init__(self, schema: dict[str, Any], version: str) -> None:
        self.version = version
        self.record = _Record(schema)
        working = shapes.expanded(self.record.name)
        self.lift: Lift | None = compile_lift(schema, working)
        self.lower: Lower | None = compile_lower(working, schema, version)


def crc64(schema: dict[str, Any]) -> str:
    """CRC-64-AVRO of a written-out record in hex, in the order of the bytes on the wire.

    Raises E-SCHEMA-001 for what is no Avro schema.
    """
    try:
        return _crc64(to_parsing_canonical_form(schema))
    except (SchemaParseException, UnknownType, KeyError, TypeError, ValueError, AttributeError) as error:
        raise YunhuobanError(releasefile.MALFORMED, place=str(schema.get("name"))[:60]) from error


@lru_cache(maxsize=256)
def _crc64(form: str) -> str:
    """Taken byte by byte in Python; the forms are the few dozen records of a few versions."""
    return str(fingerprint(form, "CRC-64-AVRO"))


@cache
def _records() -> dict[str, _Record]:
    return {name: _Record(shapes.expanded(name)) for name in shapes.MESSAGE_RECORDS}


@cache
def _by_header() -> dict[bytes, str]:
    return {record.header: name for name, record in _records().items()}


@cache
def _older_headers() -> dict[bytes, tuple[str, str]]:
    """Record and version of every header that is not of the working contract; of several versions the newest."""
    return {
        MAGIC + bytes.fromhex(each): (name, contract.version)
        for contract in releases.released()
        for name, each in contract.crc64.items()
        if name in shapes.MESSAGE_RECORDS and MAGIC + bytes.fromhex(each) not in _by_header()
    }


@cache
def _older(name: str, version: str) -> _Older | None:
    """A record in a released version; None when it is what it is today. Raises E-SCHEMA-002 or E-CODEC-011."""
    contract = releases.of(version)
    if name not in contract.sha256:
        raise YunhuobanError(NO_RECORD_IN_VERSION, place=name, expected=version)
    return None if contract.sha256[name] == shapes.digest(name) else _Older(contract.expanded(name), version)


def encode(name: str, record: Mapping[str, Any], version: str = "") -> bytes:
    """Encode a record; every field must be there and no other. Raises E-CODEC-002/-006/-009, naming the field.

    With a `version`, as a reader of that version takes it: raises E-CODEC-010 for what it cannot say, -011 for a record
    that it does not have.
    """
    kind = _records()[name]
    kind.check(record)
    older = _older(name, version) if version else None
    if older is not None:
        kind = older.record
        record = older.lower(record) if older.lower is not None else record
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
    """Decode bytes that must be exactly one `name`, of any version. A union of records comes as (full name, record).

    Raises E-CODEC-… for anything that is not the canonical encoding within all caps.
    """
    kind = _records()[name]
    if len(data) > kind.cap_bytes:
        raise YunhuobanError(TOO_LARGE, place=name, found=str(len(data)), expected=f"<= {kind.cap_bytes}")
    older: _Older | None = None
    if data[:HEADER_BYTES] != kind.header:
        older = _older_of(data, name)
        kind = older.record
    walk_all(kind.walker, data, HEADER_BYTES)
    body = io.BytesIO(data)
    body.seek(HEADER_BYTES)
    # The walker let nothing through that this call could fail on, or that has a second encoding.
    record: Any = fastavro.schemaless_reader(
        body, kind.parsed, None, return_record_name=True, return_record_name_override=True
    )
    if older is not None and older.lift is not None:
        older.lift(record)
    return dict(record)


def written_in(data: bytes) -> str:
    """The released version that these bytes are written in, when it is not also the working one's form; else empty.

    Raises E-CODEC-007.
    """
    if bytes(data[:HEADER_BYTES]) in _by_header():
        return ""
    record_name(data)
    return _older_headers()[bytes(data[:HEADER_BYTES])][1]


def _older_of(data: bytes, name: str) -> _Older:
    found, version = _older_headers().get(bytes(data[:HEADER_BYTES]), ("", ""))
    older = _older(name, version) if found == name else None
    if older is None:
        raise YunhuobanError(OTHER_RECORD, place=name, found=record_name(data), expected=name)
    return older


@lru_cache(maxsize=4096)
def versions_of(name: str, dataschema: str, envelope: str = "") -> frozenset[str]:
    """The versions whose readers take an envelope written in one version with this payload; `envelope` as `contract`.

    A record may be the same in several versions. Raises E-SCHEMA-002.
    """
    header = _by_version("Envelope", envelope)
    same = {
        each.version
        for each in releases.released()
        if name in each.sha256 and dataschema == each.dataschema(name) and each.crc64["Envelope"] == header
    }
    if dataschema == shapes.dataschema(name) and header == _by_version("Envelope", ""):
        same.add(releases.current())
    return frozenset(same)


def _by_version(name: str, version: str) -> str:
    return releases.of(version).crc64[name] if version else _records()[name].header[len(MAGIC) :].hex()


def record_name(data: bytes) -> str:
    """Which record these bytes say they are. Raises E-CODEC-007."""
    start = bytes(data[:HEADER_BYTES])
    name = _by_header().get(start) or _older_headers().get(start, ("", ""))[0]
    if not name:
        # Bytes that are no single-object encoding may be anything, a name among it: they are not shown.
        found = start.hex() if start[:2] == MAGIC else "no C301"
        raise YunhuobanError(UNKNOWN_RECORD, found=found, expected="C301 + CRC-64-AVRO")
    return name


def header(name: str) -> bytes:
    """The ten bytes that every encoding of this record in the working contract begins with."""
    return _records()[name].header
