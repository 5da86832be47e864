"""A checked reader of ZIP: what a package may be is settled before a byte of it is inflated, and again while it is.

A ZIP says of itself how large its members are, and may lie; names may lead out of the folder, differ only in case, or
name one file twice. Nothing is written to disk.
"""

import itertools
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from schemas.errors import YunhuobanError, declare

ZIP_REFUSED: Final = declare(
    "E-PAGE-128",
    "压缩包不合规定：{found}。",
    "请重新打包：文件不要太多太大，名称不带路径符号，不加密，不嵌套压缩包，再上传。",
)
_PIECE: Final = 65_536
_PLAIN: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_NESTED: Final = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_UNIX_LINK: Final = 0o120000


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipLimits:
    """What a package may be."""

    members: int = 1_000
    member_bytes: int = 32 * 1024 * 1024
    total_bytes: int = 128 * 1024 * 1024
    ratio: int = 200
    """Bytes out of one byte in: text has about 10, a bomb has 1000."""
    nested: bool = False
    """Whether packages within the package pass; office documents have none."""


def members(file: BinaryIO, limits: ZipLimits) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file in it, one after the other. Raises ZIP_REFUSED at the first thing wrong."""
    try:
        with zipfile.ZipFile(file) as package:
            every = package.infolist()
            _require_plain(every, limits)
            left = limits.total_bytes
            for member in every:
                if member.is_dir():
                    continue
                content = _content(package, member, min(left, limits.member_bytes), limits)
                left -= len(content)
                yield member.filename, content
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        raise YunhuobanError(ZIP_REFUSED, place="zip", found=type(error).__name__) from None


def _require_plain(every: list[zipfile.ZipInfo], limits: ZipLimits) -> None:
    """What the directory says of itself."""
    if len(every) > limits.members:
        raise _refused("members", f"<= {limits.members}")
    if sum(member.file_size for member in every) > limits.total_bytes:
        raise _refused("total", f"<= {limits.total_bytes} B")
    names, places = set[str](), list[tuple[int, int]]()
    for member in every:
        _require_name(member.filename)
        folded = unicodedata.normalize("NFKC", member.filename).casefold()
        if folded in names:
            raise _refused("name twice")
        names.add(folded)
        places.append((member.header_offset, member.compress_size))
        if member.flag_bits & 0x1:
            raise _refused("encrypted")
        if member.compress_type not in _PLAIN:
            raise _refused("method")
        if (member.external_attr >> 16) & 0o170000 == _UNIX_LINK:
            raise _refused("link")
        if member.file_size > limits.ratio * max(1, member.compress_size):
            raise _refused("ratio", f"<= {limits.ratio}")
    places.sort()  # members that overlap are how one kilobyte becomes a terabyte without any of them looking odd
    if any(begin + size > following for (begin, size), (following, _) in itertools.pairwise(places)):
        raise _refused("overlap")


def _require_name(name: str) -> None:
    path = PurePosixPath(name)
    odd = any(unicodedata.category(character)[0] == "C" for character in name)
    if not name or odd or "\\" in name or ":" in name or path.is_absolute() or ".." in path.parts or len(name) > 255:
        raise _refused("name")


def _content(package: zipfile.ZipFile, member: zipfile.ZipInfo, most: int, limits: ZipLimits) -> bytes:
    parts, length = list[bytes](), 0
    with package.open(member) as stream:
        while part := stream.read(_PIECE):
            length += len(part)
            if length > most or length > limits.ratio * max(1, member.compress_size):
                raise _refused("size")
            parts.append(part)
    content = b"".join(parts)
    if not limits.nested and content.startswith(_NESTED):
        raise _refused("nested")
    return content


def _refused(what: str, expected: str = "") -> YunhuobanError:
    return YunhuobanError(ZIP_REFUSED, place="zip", found=what, expected=expected)
