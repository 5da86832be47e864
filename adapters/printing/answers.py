"""A printer's answer before pyipp reads it: of bearable size, and of the one shape in which reading comes to an end.

pyipp trusts every length it is told: a negative one moves it backwards, for ever and with growing memory, and no time
limit stops it because it never waits. So the answer is walked once beforehand. Source: RFC 8010 section 3 (encoding)
and 3.5.2 (tags), RFC 8011 section 5.1 (sizes of values).
"""

import struct
from typing import Final

from aiohttp import ClientPayloadError, ClientResponse

MOST_BYTES: Final = 4 * 2**20
"""A printer with all its attributes says some 20 KiB; a long list of jobs some hundred."""

_HEADER_BYTES: Final = 8
_END: Final = 0x03
_GROUPS: Final = frozenset({0x01, 0x02, 0x04, 0x05})  # operation, job, printer, unsupported: those that pyipp knows
_FIRST_VALUE_TAG: Final = 0x10
_SIZES: Final = {0x21: 4, 0x22: 1, 0x23: 4, 0x31: 11, 0x32: 9, 0x33: 8, 0x34: 0, 0x37: 0}
"""Integer, boolean, enum, date, resolution, range, and the beginning and end of a collection."""
_WITH_LANGUAGE: Final = (0x35, 0x36)


class BoundedResponse(ClientResponse):
    """An HTTP answer of which no more is read than a printer can have to say."""

    async def read(self) -> bytes:
        """The body. Raises ClientPayloadError for one that is longer."""
        parts: list[bytes] = []
        size = 0
        async for part in self.content.iter_chunked(65536):
            size += len(part)
            if size > MOST_BYTES:
                self.close()
                raise ClientPayloadError("an answer without end")
            parts.append(part)
        return b"".join(parts)


def is_well_formed(body: bytes) -> bool:
    """Whether every group begins with an attribute, every length stays inside, and the end is marked."""
    at = _HEADER_BYTES
    try:
        while (tag := body[at]) != _END:
            if tag in _GROUPS:
                at += 1
                tag = body[at]
            if not _FIRST_VALUE_TAG <= tag < 0x80:
                return False
            at = _after_attribute(body, at)
    except (IndexError, struct.error):
        return False
    return True


def _after_attribute(body: bytes, at: int) -> int:
    """The place behind an attribute. Raises IndexError or struct.error for one that does not fit."""
    tag = body[at]
    at = _after(body, at + 1)
    end = _after(body, at)
    size = end - at - 2
    if size != _SIZES.get(tag, size):
        raise IndexError(at)
    if tag in _WITH_LANGUAGE and _after(body, _after(body, at + 2)) != end:
        raise IndexError(at)
    return end


def _after(body: bytes, at: int) -> int:
    """The place behind a length and what it counts."""
    (length,) = struct.unpack_from(">h", body, at)
    end = at + 2 + int(length)
    if length < 0 or end > len(body):
        raise IndexError(at)
    return end
