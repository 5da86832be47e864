"""The envelope: what the hub and both counties may see of a message, and the bytes that are signed.

CloudEvents 1.0 names. The exact bytes are signed, never a re-encoding. Encryption binds every clear field: `info`
of HPKE takes `binding()`, the SHA-256 of the canonical envelope whose `data` is empty.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Self

from schemas import codec, loggable, privacy, releases, shapes
from schemas.attachments import check as check_attachments
from schemas.errors import Code, YunhuobanError, declare
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.identifiers.item import ItemCode
from schemas.messages import HUB, HUB_TYPES, TYPES, UNKNOWN_TYPE, MessageType, Party

SUITE: Final = "p256-1"
LONGEST_LIFE: Final = timedelta(days=30)
MAX_CLOCK_AHEAD: Final = timedelta(minutes=5)

BAD_ID: Final = declare("E-ENV-001", "报文编号不是小写的 UUID，或报文引用了自己。", "请为每个报文生成一个新的 UUID。")
BAD_EXPIRY: Final = declare("E-ENV-002", "有效期必须在签发时间之后，且不超过 30 天。", "请重新设定有效期。")
BAD_SUITE: Final = declare("E-ENV-003", "不支持的算法套件。", "请使用接收方密钥声明中列出的套件。")
BAD_FACTS: Final = declare("E-ENV-004", "明文事实与报文类型不符。", "请按该报文类型的规定填写 facts。")
BAD_DATASCHEMA: Final = declare(
    "E-ENV-005", "正文的记录与报文类型不符，或标准版本不同。", "请核对标准版本，按该类型的记录编码正文。"
)
BAD_SECRECY: Final = declare("E-ENV-006", "发给县的正文必须加密，发给中枢的正文不加密。", "请检查 encrypted_for。")
BAD_TRACE: Final = declare("E-ENV-007", "traceparent 不符合 W3C Trace Context。", "请留空或按标准填写。")
HUB_SPEAKS: Final = declare(
    "E-ENV-008", "中枢的回执、放行与目录不是信封，任何县都不能以信封发送。", "请检查报文类型与发送方。"
)
BAD_AMOUNT: Final = declare("E-ENV-009", "纪元、条数或字节数不能为负。", "请核对检查点与附件的数值。")
KEY_BURNT: Final = declare(
    "E-ENV-011",
    "报文是为接收方已销毁的加密密钥加密的，打不开了。",
    "无需处理：发送方的适配器会用新密钥以新编号重新报送，并指明所取代的报文。",
)

UNCASED: Final = declare("E-JRNL-030", "该类报文只发给中枢，不属于任何办件。", "请留空办件编号、事项与前后报文。")

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TRACE: Final = re.compile(r"|00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_CODE: Final = re.compile(r"[0-9A-Za-z._#:-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message's clear fields and its encrypted data. Made by `Envelope.parse` or by an outbox."""

    id: str
    source: str
    destination: str
    type: str
    case_no: str
    service_item: str
    prev: str | None = None
    in_reply_to: str | None = None
    supersedes: str | None = None
    time: datetime
    expires: datetime
    trial: bool
    dataschema: str
    suite: str = SUITE
    traceparent: str = ""
    checkpoint: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] | None = None
    attachments: tuple[Mapping[str, Any], ...] = ()
    encrypted_for: bytes | None
    data_commitment: bytes
    data: bytes
    contract: str = ""
    """The released version it is written in, as its destination reads no newer one; empty: the working one's form."""

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read and check an envelope from outside. Raises E-CODEC-…, E-ID-… or E-ENV-… with the field as place."""
        record = codec.decode(body, "Envelope")
        facts_name, facts = record["facts"] if record["facts"] is not None else (None, None)
        written = {"facts": facts, "attachments": tuple(record["attachments"]), "contract": codec.written_in(body)}
        envelope = cls(**{**record, **written})
        envelope._check(facts_name)
        return envelope

    @property
    def kind(self) -> MessageType:
        """The message type's row in the table."""
        return TYPES[self.type]

    def to_bytes(self) -> bytes:
        """Encode canonically; this is what is signed and sent."""
        return codec.encode("Envelope", self._record(), self.contract)

    def binding(self) -> bytes:
        """SHA-256 over the canonical envelope whose data is empty: what the encryption is bound to."""
        return hashlib.sha256(replace(self, data=b"").to_bytes()).digest()

    def _record(self) -> dict[str, Any]:
        record = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "contract"}
        record["attachments"] = list(self.attachments)
        if self.facts is not None:
            record["facts"] = (f"{shapes.NAMESPACE}.{self.kind.facts}", dict(self.facts))
        return record

    def _check(self, facts_name: str | None) -> None:
        if not _UUID.fullmatch(self.id):
            raise _problem(BAD_ID, "id", _shown(self.id), "UUID")
        for name in ("prev", "in_reply_to", "supersedes"):
            value = getattr(self, name)
            if value is not None and (value == self.id or not _UUID.fullmatch(value)):
                raise _problem(BAD_ID, name, _shown(value), "UUID")
        if self.source == HUB or self.type in HUB_TYPES:
            raise _problem(HUB_SPEAKS, "source" if self.source == HUB else "type", _shown(self.type), "")
        if self.type not in TYPES:
            raise _problem(UNKNOWN_TYPE, "type", _shown(self.type), ", ".join(TYPES))
        _at("source", _division, self.source)
        if self.destination != HUB:
            _at("destination", _division, self.destination)
        if self.kind.cased:
            _at("case_no", _case_no, self.case_no)
            _at("service_item", _item, self.service_item)
        else:
            self._check_uncased()
        if not self.time < self.expires <= self.time + LONGEST_LIFE:
            raise _problem(BAD_EXPIRY, "expires", self.expires.isoformat(), "time < expires <= time + 30 d")
        if self.suite != SUITE:
            raise _problem(BAD_SUITE, "suite", _shown(self.suite), SUITE)
        if not _TRACE.fullmatch(self.traceparent):
            raise _problem(BAD_TRACE, "traceparent", "", "00-<32>-<16>-<2>")
        for name, amount in self._amounts():
            if amount < 0:
                raise _problem(BAD_AMOUNT, name, "< 0", ">= 0")
        check_attachments(self.type, self.attachments)
        expected = f"{shapes.NAMESPACE}.{self.kind.facts}" if self.kind.facts else None
        if facts_name != expected:
            raise _problem(BAD_FACTS, "facts", str(facts_name), str(expected))
        check_facts(self.facts)
        if not releases.knows(self.kind.record, self.dataschema):
            raise _problem(BAD_DATASCHEMA, "dataschema", _shown(self.dataschema), shapes.dataschema(self.kind.record))
        if (self.encrypted_for is None) is not (self.kind.receiver is Party.HUB):
            raise _problem(BAD_SECRECY, "encrypted_for", "", str(self.kind.receiver))

    def _check_uncased(self) -> None:
        """A county's word about itself: to the hub, in no case, after nothing."""
        if self.destination != HUB:
            raise _problem(UNCASED, "destination", _shown(self.destination), HUB)
        for name in ("case_no", "service_item", "prev", "in_reply_to"):
            if getattr(self, name):
                raise _problem(UNCASED, name, "", "-")

    def _amounts(self) -> Iterator[tuple[str, int]]:
        if self.checkpoint is not None:
            yield from ((f"checkpoint.{name}", self.checkpoint[name]) for name in ("epoch", "size"))
        for each in self.attachments:
            yield "attachments[].ciphertext_bytes", each["ciphertext_bytes"]


def check_facts(facts: Mapping[str, Any] | None) -> None:
    """Texts in facts are codes: they become columns, log fields and names of jobs. Raises E-ENV-004."""
    for name, value in (facts or {}).items():
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, str) and not privacy.is_code(each):
                raise _problem(BAD_FACTS, f"facts.{name}", "not a code", "code")


# The same few thousand counties and items come again and again, and the messages of one case within minutes of each
# other; a refusal is never remembered.
_case_no: Final = lru_cache(maxsize=16384)(CaseNo.parse)
_division: Final = lru_cache(maxsize=4096)(DivisionCode.parse)
_item: Final = lru_cache(maxsize=16384)(ItemCode.parse)


def new_id() -> str:
    """A fresh message id."""
    return str(uuid.uuid4())


def derived_id(cause: str, purpose: str) -> str:
    """The id of something that is sent because of `cause`: the same cause and purpose always give the same id."""
    return str(uuid.uuid5(uuid.UUID(cause), purpose))


def _shown(value: str) -> str:
    """A clear field's wrong value, when it looks like a code; anything else might be a person's name or number."""
    return loggable.scrub(value) if _CODE.fullmatch(value) else f"{len(value)} characters"


def _problem(code: Code, place: str, found: str, expected: str) -> YunhuobanError:
    return YunhuobanError(code, place=place, found=found, expected=expected)


def _at(place: str, parse: Any, value: str) -> None:
    try:
        parse(value)
    except YunhuobanError as error:
        found, expected = error.found, error.expected
        raise YunhuobanError(error.code, place=place, found=found, expected=expected, **error.params) from None
