"""JSON from outside, read so strictly that it has one meaning, and written so that it has one spelling (RFC 8785)."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from schemas.errors import YunhuobanError, declare

MALFORMED: Final = declare(
    "E-VERIFY-001", "这不是一份完好的存证文件或信任文件。", "请向出具方重新索取；不要打开后另存。"
)
LATEST_MILLIS: Final = 253_402_300_799_999  # the end of the year 9999

_B64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_LARGEST: Final = 2**53 - 1  # RFC 7493: beyond it other readers lose digits


def load(data: bytes) -> Any:
    """Strict JSON: no member twice, no fraction, no number too large for others. Raises E-VERIFY-001."""
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_once,
            parse_int=_whole,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:
        raise bad("JSON", "RFC 8785") from error


def dump(members: Mapping[str, Any]) -> bytes:
    """RFC 8785 for objects without fractions and with ASCII names. Raises E-VERIFY-001 for half a character."""
    try:
        return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError as error:
        raise bad("text", "UTF-8") from error


def b64(data: bytes) -> str:
    """RFC 4648 §4, padded."""
    return base64.b64encode(data).decode("ascii")


def octets(value: Any, place: str) -> bytes:
    """Undo `b64`. Raises E-VERIFY-001."""
    text = string(value, place)
    try:
        data = base64.b64decode(text, validate=True) if _B64.fullmatch(text) else None
    except binascii.Error as error:
        raise bad(place, "base64") from error
    if data is None:
        raise bad(place, "base64")
    return data


def digest(value: Any, place: str) -> bytes:
    """Undo hexadecimal of a SHA-256. Raises E-VERIFY-001."""
    text = string(value, place)
    if not _HEX.fullmatch(text):
        raise bad(place, "64 hex")
    return bytes.fromhex(text)


def string(value: Any, place: str) -> str:
    """A text. Raises E-VERIFY-001."""
    if not isinstance(value, str):
        raise bad(place, "string")
    return value


def items(value: Any, place: str, most: int) -> Sequence[Any]:
    """A list of bearable length. Raises E-VERIFY-001."""
    if not isinstance(value, list) or len(value) > most:
        raise bad(place, f"<= {most}")
    return value


def members(value: Any, place: str, names: Sequence[str]) -> dict[str, Any]:
    """An object with exactly these members. Raises E-VERIFY-001."""
    if not isinstance(value, dict) or sorted(value) != sorted(names):
        raise bad(place, ", ".join(names))
    return value


def integer(value: Any, place: str, most: int = _LARGEST) -> int:
    """A whole number, not negative. Raises E-VERIFY-001."""
    if type(value) is not int or not 0 <= value <= most:  # a bool is an int and none to us
        raise bad(place, f"0 … {most}")
    return value


def b64_list(values: Sequence[bytes]) -> list[str]:
    """Each of them in `b64`."""
    return [b64(each) for each in values]


def bad(place: str, expected: str) -> YunhuobanError:
    """What is raised for whatever is not of the right form; it never quotes the file."""
    return YunhuobanError(MALFORMED, place=place, expected=expected)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found


def _whole(text: str) -> int:
    if len(text) > len(str(_LARGEST)):
        raise ValueError("a number too large")
    return int(text)


def _no_number(_text: str) -> NoReturn:
    raise ValueError("a number that is not whole")
