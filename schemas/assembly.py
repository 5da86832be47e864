"""Avro's primitives as bytes, for putting a record together from parts that were encoded before.

An admission receipt and the evidence of each of its messages share their entries: encoding every entry once and
joining bytes costs a tenth of encoding whole records twice. What is joined here must be exactly what `schemas.codec`
would write (a property test of the receipts says so); whatever comes from outside goes through the codec.
Source: Avro 1.11 specification, "Binary Encoding".
"""

from collections.abc import Sequence


def long(value: int) -> bytes:
    """An int or long: zig-zag, then seven bits at a time, the lowest first."""
    rest = value << 1 if value >= 0 else (-value << 1) - 1
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def sized(data: bytes) -> bytes:
    """A bytes value; a string is the same over its UTF-8."""
    return long(len(data)) + data


def array(items: Sequence[bytes]) -> bytes:
    """An array of encoded items: one block with its count, and the end; of nothing only the end."""
    return b"%s%s\0" % (long(len(items)), b"".join(items)) if items else b"\0"
