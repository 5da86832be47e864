"""Opens a PDF that may be hostile: bounded before pyHanko sees it, and whatever goes wrong is one declared error.

pyHanko inflates a stream to whatever size it claims, so that 700 KB can become gigabytes. A stream's dictionary
always stands in clear before it (ISO 32000-1 §7.3.8.1): every one of them is looked at first, only plain Flate is
accepted, and the sum of what they inflate to is bounded.
"""

import io
import json
import re
import zlib
from typing import Any, Final

from pyhanko.pdf_utils.reader import PdfFileReader

from adapters.licenses.quiet import silence_libraries
from schemas.errors import YunhuobanError, declare

LARGEST_BYTES: Final = 786_432  # LicenseFile.sealed, max_bytes
LARGEST_INFLATED_BYTES: Final = 16 * 1024 * 1024  # a sealed A3 page inflates to about 1 MB
_MOST_STREAMS: Final = 2_000
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")
_FILTER: Final = re.compile(rb"/Filter(?!\s*/FlateDecode[\s/>])")

FILE_UNREADABLE: Final = declare(
    "E-LIC-040", "这不是一份完好的 PDF 证照文件。", "请向对方索取原文件；不要使用另存或转换过的文件。"
)
FILE_HOSTILE: Final = declare(
    "E-LIC-041", "文件的大小或构造超出证照文件的限度，没有打开。", "请不要打开该文件，并把它的来源告诉县信息中心。"
)


def opened(pdf: bytes) -> PdfFileReader:
    """A strict reader of the file. Raises FILE_UNREADABLE or FILE_HOSTILE, nothing else."""
    silence_libraries()
    _require_bounded(pdf)
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        encrypted = bool(reader.encrypted)
    except Exception as error:  # noqa: BLE001 - a parser of hostile bytes promises nothing
        raise YunhuobanError(FILE_UNREADABLE, found=type(error).__name__) from None
    if encrypted:
        raise YunhuobanError(FILE_HOSTILE, found="/Encrypt")
    return reader


def statement_in(pdf: bytes) -> dict[str, Any]:
    """The statement of the face in a file. Raises FILE_UNREADABLE or FILE_HOSTILE."""
    try:
        statement = json.loads(statement_text(opened(pdf)))
    except (ValueError, RecursionError):
        raise YunhuobanError(FILE_UNREADABLE, place="/Info/Subject") from None
    if not isinstance(statement, dict):
        raise YunhuobanError(FILE_UNREADABLE, place="/Info/Subject")
    return statement


def statement_text(reader: PdfFileReader) -> str:
    """The statement's exact text, empty when there is none. Raises FILE_UNREADABLE."""
    try:
        return str(reader.trailer["/Info"].get("/Subject", ""))
    except Exception as error:  # noqa: BLE001 - a parser of hostile bytes promises nothing
        raise YunhuobanError(FILE_UNREADABLE, place="/Info", found=type(error).__name__) from None


def _require_bounded(pdf: bytes) -> None:
    if len(pdf) > LARGEST_BYTES:
        raise YunhuobanError(FILE_HOSTILE, found=f"{len(pdf)} B", expected=f"<= {LARGEST_BYTES} B")
    if not pdf.startswith(b"%PDF-1."):
        raise YunhuobanError(FILE_UNREADABLE, place="header")
    view, left = memoryview(pdf), LARGEST_INFLATED_BYTES
    for count, match in enumerate(_STREAM.finditer(pdf)):
        start = pdf.rfind(b"obj", 0, match.start())
        dictionary = pdf[start : match.start()]
        if count >= _MOST_STREAMS or _FILTER.search(dictionary) or b"#" in dictionary:
            raise YunhuobanError(FILE_HOSTILE, place="stream", found=str(count))
        try:
            left -= len(zlib.decompressobj().decompress(view[match.end() :], left + 1))
        except zlib.error:
            continue  # not compressed, or damaged: it stays as small as it is
        if left < 0:
            raise YunhuobanError(FILE_HOSTILE, place="stream", expected=f"<= {LARGEST_INFLATED_BYTES} B")
