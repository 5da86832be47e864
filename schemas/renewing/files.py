"""Renewal's two files: a county's request, signed by the key it still has, and the authority's answer. Pure.

The request is RFC 8785 JSON with `body`, whose exact UTF-8 bytes are signed, and `signature`, a detached JWS of typ
`yhb-renewal+jws` by the message-signing key in force. The answer needs no signature: it holds certificates, and each of
them is judged by the county under its own root, for its own key.
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
MAX_BYTES: Final = 128 * 1024
_LONGEST_REQUEST: Final = 16 * 1024
_MOST_IN_CHAIN: Final = 3
_CODE: Final = re.compile(r"[0-9]{6}")
_REQUEST_FORMAT: Final = "yhb-renewal-request-v1"
_ANSWER_FORMAT: Final = "yhb-renewal-answer-v1"

MALFORMED: Final = declare(
    "E-RENEW-001",
    "这不是一份完好的证书续期申请或答复文件。",
    "请重新拷贝原文件；不要打开后另存。损坏的请对方重新生成。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalRequest:
    """What a county asks with, before anything of it is believed."""

    division_code: str
    signer: bytes
    """The message-signing certificate in force, DER."""
    requests: Mapping[str, str]
    """A certificate request (PEM) for each of `ROLES`."""
    made_at: int
    """Milliseconds since 1970."""

    def write(self) -> bytes:
        """The body, which is to be signed."""
        members = {name: getattr(self, name) for name in self.__slots__} | {"signer": strictjson.b64(self.signer)}
        return strictjson.dump(members | {"format": _REQUEST_FORMAT})

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Undo `write`. Raises E-RENEW-001."""
        return _declared(lambda: cls._read(body))

    @classmethod
    def _read(cls, body: bytes) -> Self:
        raw = _members(body, _REQUEST_FORMAT, cls.__slots__)
        requests = strictjson.members(raw["requests"], "requests", ROLES)
        texts = {role: strictjson.string(requests[role], role) for role in ROLES}
        if any(len(each) > _LONGEST_REQUEST for each in texts.values()):
            raise strictjson.bad("requests", f"<= {_LONGEST_REQUEST} characters")
        return cls(
            division_code=_code(raw["division_code"]),
            signer=strictjson.octets(raw["signer"], "signer"),
            requests=texts,
            made_at=strictjson.integer(raw["made_at"], "made_at", strictjson.LATEST_MILLIS),
        )


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The request's file: its exact bytes and the signature over them."""

    body: bytes
    signature: str

    @property
    def sha256(self) -> bytes:
        """By which the answer names the request."""
        return hashlib.sha256(self.body).digest()

    def write(self) -> bytes:
        """The file."""
        return strictjson.dump({"body": self.body.decode(), "signature": self.signature})

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Undo `write`. Raises E-RENEW-001."""
        return _declared(lambda: cls._read(data))

    @classmethod
    def _read(cls, data: bytes) -> Self:
        raw = strictjson.members(_loaded(data), "file", ("body", "signature"))
        return cls(strictjson.string(raw["body"], "body").encode(), strictjson.string(raw["signature"], "signature"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalAnswer:
    """The new certificates; whether they are ours is the county's question."""

    division_code: str
    request_sha256: bytes
    chains: Mapping[str, Sequence[bytes]]
    """For each of `ROLES` the certificate and its issuing certificate, DER."""

    def write(self) -> bytes:
        """The file."""
        chains = {role: strictjson.b64_list(self.chains[role]) for role in ROLES}
        return strictjson.dump(
            {
                "format": _ANSWER_FORMAT,
                "division_code": self.division_code,
                "request_sha256": self.request_sha256.hex(),
                "chains": chains,
            }
        )

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Undo `write`. Raises E-RENEW-001."""
        return _declared(lambda: cls._read(data))

    @classmethod
    def _read(cls, data: bytes) -> Self:
        _loaded(data)
        raw = _members(data, _ANSWER_FORMAT, cls.__slots__)
        chains = strictjson.members(raw["chains"], "chains", ROLES)
        return cls(
            division_code=_code(raw["division_code"]),
            request_sha256=strictjson.digest(raw["request_sha256"], "request_sha256"),
            chains={
                role: [strictjson.octets(each, role) for each in strictjson.items(chains[role], role, _MOST_IN_CHAIN)]
                for role in ROLES
            },
        )


def _declared(read: Callable[[], _T]) -> _T:
    """What `strictjson` refuses is E-RENEW-001 here: its own words speak of another kind of file."""
    try:
        return read()
    except YunhuobanError as error:
        raise YunhuobanError(MALFORMED, place=error.place, expected=error.expected) from error


def _loaded(data: bytes) -> Any:
    """A file in its one spelling."""
    if len(data) > MAX_BYTES:
        raise strictjson.bad("file", f"<= {MAX_BYTES} bytes")
    raw = strictjson.load(data)
    if not isinstance(raw, dict) or strictjson.dump(raw) != data:
        raise strictjson.bad("file", "RFC 8785")
    return raw


def _members(body: bytes, form: str, names: Sequence[str]) -> dict[str, Any]:
    raw = strictjson.members(strictjson.load(body), "body", ("format", *names))
    if raw["format"] != form:
        raise strictjson.bad("format", form)
    return raw


def _code(value: Any) -> str:
    text = strictjson.string(value, "division_code")
    if not _CODE.fullmatch(text):
        raise strictjson.bad("division_code", "6 digits")
    return text
