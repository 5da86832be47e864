"""The two files of joining: the county's request and the hub's answer, read so that each has one meaning. Pure.

Both are RFC 8785 JSON with two members: `body`, the text whose exact UTF-8 bytes are authenticated, and what
authenticates it: `mac`, HMAC-SHA256 under the key derived from the invitation code (hexadecimal), or `signature`, the
hub's detached JWS of typ `yhb-join+jws`. A file that is not spelt exactly so is refused, hence any changed byte is.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

from schemas import strictjson
from schemas.errors import YunhuobanError, declare

_T = TypeVar("_T")
ROLES: Final = ("connection", "signing", "encryption")
"""The county's three keys, by the names of their files; the role is `county_` and this."""
APPROVED: Final = "approved"
REFUSED: Final = "refused"
MAX_REQUEST_BYTES: Final = 512 * 1024
MAX_ANSWER_BYTES: Final = 32 * 1024 * 1024  # revocation lists travel in it
MOST_OFFERS: Final = 500
_ID: Final = re.compile(r"[0-9a-f]{32}")
_REQUEST_FORMAT: Final = "yhb-join-request-v1"
_ANSWER_FORMAT: Final = "yhb-join-answer-v1"

MALFORMED: Final = declare(
    "E-JOIN-003", "这不是一份完好的加入申请或答复文件。", "请重新拷贝原文件；不要打开后另存。损坏的请对方重新生成。"
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file's two members: exact bytes, and what authenticates them."""

    body: bytes
    proof: str

    @property
    def sha256(self) -> bytes:
        """By which the answer names the request."""
        return hashlib.sha256(self.body).digest()

    def write(self, member: str) -> bytes:
        """The file; `member` is `mac` or `signature`."""
        return strictjson.dump({"body": self.body.decode(), member: self.proof})

    @classmethod
    def read(cls, data: bytes, member: str) -> Self:
        """Undo `write`. Raises E-JOIN-003."""
        most = MAX_REQUEST_BYTES if member == "mac" else MAX_ANSWER_BYTES
        if len(data) > most:
            raise YunhuobanError(MALFORMED, found=f"{len(data)} bytes", expected=f"<= {most}")
        return _declared(lambda: cls._read(data, member))

    @classmethod
    def _read(cls, data: bytes, member: str) -> Self:
        raw = strictjson.members(strictjson.load(data), "file", ("body", member))
        if strictjson.dump(raw) != data:
            raise strictjson.bad("file", "RFC 8785")
        body = strictjson.string(raw["body"], "body").encode()
        return cls(body, strictjson.string(raw[member], member))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a county asks with, before anything of it is believed; whether it may is `hub.joining.checks`' question."""

    request_id: str
    division_code: str
    name: str
    authority_name: str
    authority_code: str
    halls: Sequence[str]
    contact: str
    telephone: str
    offers: Sequence[tuple[str, str]]
    """(service item, name)"""
    requests: Mapping[str, str]
    """A certificate request (PEM) for each of `ROLES`."""
    made_at: int
    """Milliseconds since 1970."""
    contract_versions: Sequence[str]

    def write(self) -> bytes:
        """The body."""
        offers = [{"service_item": item, "name": name} for item, name in self.offers]
        members = {name: getattr(self, name) for name in self.__slots__} | {"offers": offers}
        return strictjson.dump(members | {"format": _REQUEST_FORMAT})

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Undo `write`. Raises E-JOIN-003."""
        return _declared(lambda: cls._read(body))

    @classmethod
    def _read(cls, body: bytes) -> Self:
        raw = _members(body, _REQUEST_FORMAT, cls.__slots__)
        offers = [
            strictjson.members(each, "offers", ("service_item", "name"))
            for each in strictjson.items(raw["offers"], "offers", MOST_OFFERS)
        ]
        requests = strictjson.members(raw["requests"], "requests", ROLES)
        texts = ("division_code", "name", "authority_name", "authority_code", "contact", "telephone")
        return cls(
            **{place: _text(raw[place], place) for place in texts},
            request_id=_id(raw["request_id"]),
            halls=_texts(raw["halls"], "halls"),
            offers=[(_text(each["service_item"], "offers"), _text(each["name"], "offers")) for each in offers],
            requests={role: _text(requests[role], role, most=16 * 1024) for role in ROLES},
            made_at=strictjson.integer(raw["made_at"], "made_at", strictjson.LATEST_MILLIS),
            contract_versions=_texts(raw["contract_versions"], "contract_versions"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the hub answers. Nothing of it is believed before root, chain and signature were checked."""

    request_id: str
    request_sha256: bytes
    division_code: str
    outcome: str
    """`approved` or `refused`."""
    reason: str
    """Why it was refused; empty when it was not."""
    signer: Sequence[bytes]
    """The hub's signing certificate, its issuing certificate and the transport root, DER."""
    crls: Sequence[bytes]
    issued_at: int
    chains: Mapping[str, Sequence[bytes]]
    """For each of `ROLES` the certificate and its issuing certificate, DER; empty lists when refused."""
    seal_anchors: Sequence[bytes]
    urls: Sequence[str]
    """Where the broker is, `host:port`."""
    server_hostname: str
    vhost: str
    challenge: bytes
    """Encrypted to the county's encryption certificate, bound to the request's digest; empty when refused."""
    commitment: bytes

    def write(self) -> bytes:
        """The body."""
        members: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        for name in ("signer", "crls", "seal_anchors"):
            members[name] = strictjson.b64_list(members[name])
        for name in ("challenge", "commitment"):
            members[name] = strictjson.b64(members[name])
        members["request_sha256"] = self.request_sha256.hex()
        members["chains"] = {role: strictjson.b64_list(self.chains[role]) for role in ROLES}
        return strictjson.dump(members | {"format": _ANSWER_FORMAT})

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Undo `write`. Raises E-JOIN-003."""
        return _declared(lambda: cls._read(body))

    @classmethod
    def _read(cls, body: bytes) -> Self:
        raw = _members(body, _ANSWER_FORMAT, cls.__slots__)
        chains = strictjson.members(raw["chains"], "chains", ROLES)
        if raw["outcome"] not in (APPROVED, REFUSED):
            raise strictjson.bad("outcome", f"{APPROVED}, {REFUSED}")
        texts = ("division_code", "outcome", "server_hostname", "vhost")
        return cls(
            **{place: _line(raw[place], place) for place in texts},
            request_id=_id(raw["request_id"]),
            reason=_line(raw["reason"], "reason"),
            request_sha256=strictjson.digest(raw["request_sha256"], "request_sha256"),
            signer=_octets(raw["signer"], "signer"),
            crls=_octets(raw["crls"], "crls"),
            issued_at=strictjson.integer(raw["issued_at"], "issued_at", strictjson.LATEST_MILLIS),
            chains={role: _octets(chains[role], role) for role in ROLES},
            seal_anchors=_octets(raw["seal_anchors"], "seal_anchors"),
            urls=[_line(each, "urls") for each in strictjson.items(raw["urls"], "urls", 100)],
            challenge=strictjson.octets(raw["challenge"], "challenge"),
            commitment=strictjson.octets(raw["commitment"], "commitment"),
        )


def _declared(read: Callable[[], _T]) -> _T:
    """What `strictjson` refuses is E-JOIN-003 here: its own words speak of another kind of file."""
    try:
        return read()
    except YunhuobanError as error:
        raise YunhuobanError(MALFORMED, place=error.place, expected=error.expected) from error


def _members(body: bytes, form: str, names: Sequence[str]) -> dict[str, Any]:
    raw = strictjson.members(strictjson.load(body), "body", ("format", *names))
    if raw["format"] != form:
        raise strictjson.bad("format", form)
    return raw


def _text(value: Any, place: str, *, most: int = 400) -> str:
    text = strictjson.string(value, place)
    if len(text) > most:
        raise strictjson.bad(place, f"<= {most} characters")
    return text


def _line(value: Any, place: str) -> str:
    """A text that goes into a settings file or onto a screen as it is."""
    text = _text(value, place)
    if not text.isprintable():
        raise strictjson.bad(place, "printable")
    return text


def _id(value: Any) -> str:
    text = strictjson.string(value, "request_id")
    if not _ID.fullmatch(text):
        raise strictjson.bad("request_id", "32 hex")
    return text


def _texts(value: Any, place: str) -> list[str]:
    return [_text(each, place) for each in strictjson.items(value, place, 100)]


def _octets(value: Any, place: str) -> list[bytes]:
    return [strictjson.octets(each, place) for each in strictjson.items(value, place, 100)]
