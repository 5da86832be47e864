"""What passes the county's AMQP door, and what can be wrong with it, in county IT's words: no library here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from schemas.errors import YunhuobanError, declare

BAD_PARAMETERS: Final = declare(
    "E-LINK-001",
    "中枢连接的设置不对：{setting}。",
    "请在 county.toml 的 [hub] 一节改正该设置，地址写成“主机:端口”。",
)
UNREACHABLE: Final = declare(
    "E-LINK-002",
    "连不上中枢的消息服务 {address}。",
    "请检查网络、防火墙、地址和端口；报文留在发件箱，会自动重试。",
)
BROKER_UNTRUSTED: Final = declare(
    "E-LINK-003",
    "{address} 出示的证书不可信或名称不符，没有连接。",
    "请核对 server_hostname 和根证书；确认无误仍如此，请立即联系中枢运维。",
)
CERTIFICATE_REFUSED: Final = declare(
    "E-LINK-004",
    "中枢的消息服务 {address} 拒绝了本县的证书：可能已过期、已吊销或用途不对，或中枢的吊销列表已过期。",
    "请查看连接证书的到期日（openssl x509 -noout -enddate -in connection.pem）；"
    "过期或被吊销的，请向发证机构申请新证书；证书没有问题的，请联系中枢运维更新吊销列表。",
)
LOGIN_REFUSED: Final = declare(
    "E-LINK-005",
    "中枢的消息服务 {address} 不认识用户 {user}，或不许它进入 {vhost}。",
    "请联系中枢运维，确认本县已开通。",
)
NOT_ALLOWED: Final = declare(
    "E-LINK-006",
    "中枢的消息服务拒绝了这一操作。",
    "请把本提示中的英文原文发给中枢运维；报文留在发件箱，没有丢失。",
)
FULL: Final = declare(
    "E-LINK-007",
    "中枢暂时收不下更多报文（队列已满）。",
    "无需操作：报文留在发件箱，稍后自动重发；持续一小时以上请联系中枢运维。",
)
UNCONFIRMED: Final = declare(
    "E-LINK-008",
    "中枢的消息服务 {seconds} 秒内没有确认收到报文。",
    "无需操作：报文留在发件箱，稍后用同一编号自动重发。",
)
BLOCKED: Final = declare(
    "E-LINK-009",
    "中枢的消息服务内存或磁盘告急，暂停接收报文。",
    "无需操作：报文留在发件箱，恢复后自动重发；请告知中枢运维。",
)
LOST: Final = declare(
    "E-LINK-010",
    "与中枢消息服务 {address} 的连接断开。",
    "无需操作：会自动重连，未确认的报文会重发。",
)

MEMORY: Final = "memory://"


class SendOutcome(Enum):
    """What became of one submission. Only `CONFIRMED` means that the broker holds it on disk.

    It does not mean that it has reached anybody: what finds no queue goes to the alternate exchange, which hides it
    from the sender. The destination's signed receipt is the only proof, and until then it stays in the outbox.
    """

    CONFIRMED = "confirmed"
    FULL = "full"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkParameters:
    """Where and as whom a county connects. Raises E-LINK-001 for what could not work or would not be safe.

    `urls` are tried in this order: `host:port`, `amqps://host:port`, or the single `memory://` of a test-bed. Nothing
    else may stand in them: kombu would take `?ssl_cert_reqs=none` at its word. `server_hostname` stands in every
    broker's certificate. `user` is the division code, which the certificate `chain` must bear.
    """

    urls: Sequence[str]
    vhost: str
    user: str
    anchors: Path
    chain: Path
    key: Path
    server_hostname: str
    heartbeat_seconds: int = 30
    confirm_seconds: float = 5.0
    connect_seconds: float = 5.0

    def __post_init__(self) -> None:
        """Check every address, and that a time-out ends before heartbeats could prolong it."""
        if not self.urls or (not self.memory and any(_address(url) is None for url in self.urls)):
            raise YunhuobanError(BAD_PARAMETERS, place="hub.urls", expected="host:port", setting="urls")
        if not self.server_hostname:
            raise YunhuobanError(BAD_PARAMETERS, place="hub.server_hostname", setting="server_hostname")
        # Every frame starts py-amqp's time-outs anew, and a living broker sends a heartbeat every half interval.
        if not 0 < self.connect_seconds < self.heartbeat_seconds / 2 or self.confirm_seconds <= 0:
            raise YunhuobanError(BAD_PARAMETERS, place="hub", setting="connect_seconds < heartbeat_seconds / 2")

    @property
    def memory(self) -> bool:
        """Whether this is a test-bed without a broker."""
        return tuple(self.urls) == (MEMORY,)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Host and port of every broker, in the order of trying."""
        return tuple(self.urls) if self.memory else tuple(_address(url) or "" for url in self.urls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One message for the hub: exact envelope bytes and the detached signatures over them.

    Only what is asked for again when it is lost is not `persistent`.
    """

    exchange: str
    routing_key: str
    body: bytes = field(repr=False)
    message_id: str
    type: str
    signatures: Sequence[str] = field(repr=False)
    persistent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message as the broker handed it over: nothing in it has been checked, least of all the headers.

    `message_id` and `type` are empty when the message has none. `redelivered` is never set on `memory://`.
    `tag` and `generation` name the delivery and the connection it came by; they are the link's own.
    """

    queue: str
    body: bytes = field(repr=False)
    message_id: str
    type: str
    headers: Mapping[str, Any] = field(repr=False)
    redelivered: bool
    tag: Any = field(repr=False, compare=False)
    generation: int = field(repr=False, compare=False)


def _address(url: str) -> str | None:
    """Return `host:port` of an address that holds nothing else, or None."""
    try:
        parts = urlsplit(url if "://" in url else f"amqps://{url}")
        port = parts.port or 5671
    except ValueError:
        return None
    if parts.scheme != "amqps" or not parts.hostname or parts.username or parts.query or parts.fragment or ";" in url:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{host}:{port}" if parts.path in {"", "/"} and "@" not in parts.netloc else None
