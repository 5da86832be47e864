"""A county's result of `adapter test`: JSON whose exact bytes the county signs (`yhb-conformance+jws`).

It is bound to what was tested: for each part of the mapping (`read.<type>`, `write.<type>`) its digest and the shape of
the record in the contract, and the version of the program. It says nothing of any record. Travels as a file by itself,
or as the member `conformance` of the county's card, which a hub of before does not look at.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from schemas.errors import YunhuobanError, declare
from schemas.identifiers.division import DivisionCode
from schemas.messages import TYPES

RESULT_WRONG: Final = declare(
    "E-CNF-001", "自测结果文件的内容不对。", "请在县节点上重新运行 adapter test，把新的结果交给中枢。"
)

FORMAT: Final = "yunhuoban-conformance/1"
WINDOW: Final = "window"
"""In the place of an item: the county as the place where people apply for other counties' items."""
READ, WRITE = "read", "write"
LARGEST_BYTES: Final = 1 << 20
_MOST: Final = 1000
_LONGEST: Final = 200
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_STATES: Final = ("passed", "failed", "untested")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """One part of a mapping: how it reads one type of message from the local system, or writes it there."""

    mapping: str
    """SHA-256 over everything in the mapping that this part hangs on."""
    shape: str
    """The `dataschema` of its record in the contract that was tested."""
    state: str
    """passed, failed, or untested: no sample of the county becomes such a message."""
    passed: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What `adapter test` found for a county."""

    county: str
    tested_at: datetime
    contract: str
    program: str
    """Version of the program that tested."""
    link_passed: int
    link_failed: int
    """The sabotage of the link: every item needs it whole."""
    parts: Mapping[str, PartResult]
    """By part: `read.<type>` and `write.<type>`, as the mapping calls them."""
    items: Mapping[str, tuple[str, ...]]
    """Each offered item, and `window`, to the parts of the mapping that it uses."""

    def state(self, item: str) -> str:
        """passed, failed, untested, or `missing` when the item was not tested at all."""
        if item not in self.items:
            return "missing"
        states = {self.parts[each].state for each in self.items[item]}
        if self.link_failed or "failed" in states:
            return "failed"
        return "untested" if "untested" in states or not self.link_passed or not states else "passed"

    def to_bytes(self) -> bytes:
        """The bytes that are signed."""
        said = asdict(self) | {"format": FORMAT, "tested_at": self.tested_at.astimezone(UTC).isoformat()}
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def parse(cls, data: bytes) -> "Result":
        """Read the bytes. Raises E-CNF-001."""
        try:
            raw = _loaded(data)
            if raw["format"] != FORMAT:
                raise _wrong("format", str(raw["format"])[:40])
            parts = {_part(name): _outcome(each) for name, each in _few(raw["parts"]).items()}
            items = {_short(name): tuple(map(_part, each)) for name, each in _few(raw["items"]).items()}
            if any(each not in parts for used in items.values() for each in used):
                raise _wrong("items", "", "parts")
            return cls(
                county=str(DivisionCode.parse(raw["county"])),
                tested_at=_moment(raw["tested_at"]),
                contract=_short(raw["contract"]),
                program=_short(raw["program"]),
                link_passed=_count(raw["link_passed"]),
                link_failed=_count(raw["link_failed"]),
                parts=parts,
                items=items,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _wrong(str(error)[:60], type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class SignedResult:
    """The bytes as they were signed, and the detached signature."""

    body: bytes
    signature: str

    @property
    def result(self) -> Result:
        """What it says; to be believed after the signature was checked. Raises E-CNF-001."""
        return Result.parse(self.body)

    def to_json(self) -> dict[str, str]:
        """The file's content, and the card's member."""
        return {"body": base64.b64encode(self.body).decode("ascii"), "signature": self.signature}

    def to_file(self) -> bytes:
        """The file."""
        return (json.dumps(self.to_json(), indent=2) + "\n").encode()

    @classmethod
    def from_json(cls, raw: Any) -> "SignedResult":
        """Read the content. Raises E-CNF-001."""
        try:
            body, signature = base64.b64decode(raw["body"], validate=True), raw["signature"]
        except (KeyError, TypeError, ValueError) as error:
            raise _wrong("body", type(error).__name__) from None
        if not isinstance(signature, str) or len(body) > LARGEST_BYTES:
            raise _wrong("signature", type(signature).__name__)
        return cls(body, signature)

    @classmethod
    def from_file(cls, data: bytes) -> "SignedResult":
        """Read the file. Raises E-CNF-001."""
        return cls.from_json(_loaded(data))


def _loaded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, a number of thousands of digits
        raise _wrong("json", type(error).__name__) from None


def _outcome(raw: Any) -> PartResult:
    if _DIGEST.fullmatch(raw["mapping"]) is None or raw["state"] not in _STATES:
        raise _wrong("parts", "mapping / state")
    return PartResult(
        mapping=raw["mapping"],
        shape=_short(raw["shape"]),
        state=raw["state"],
        passed=_count(raw["passed"]),
        failed=_count(raw["failed"]),
    )


def _few(raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, dict) or len(raw) > _MOST:
        raise _wrong("parts / items", type(raw).__name__, f"<= {_MOST}")
    return raw


def _part(name: Any) -> str:
    side, _, message_type = name.partition(".")
    if side not in (READ, WRITE) or message_type not in TYPES:
        raise _wrong("parts", name[:40])
    return str(name)


def _short(text: Any) -> str:
    if not isinstance(text, str) or not text.isprintable() or not 0 < len(text) <= _LONGEST:
        raise _wrong("text", type(text).__name__, f"<= {_LONGEST}")
    return text


def _count(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 10**9:
        raise _wrong("number", type(number).__name__)
    return number


def _moment(text: Any) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise _wrong("tested_at", "no zone")
    return found.astimezone(UTC)


def _wrong(place: str, found: str, expected: str = "") -> YunhuobanError:
    return YunhuobanError(RESULT_WRONG, place=place, found=found, expected=expected)
