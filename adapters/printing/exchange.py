"""One IPP request and its answer: sent once, never to another place, and honest about whether it was seen.

Source: RFC 8010 (encoding), RFC 8011 section 4.1 (operations), RFC 7472 (ipps). pyipp encodes and reads; the HTTP
request is made here, because three things matter that its client leaves open: a redirect would carry a license to
another machine, an answer may have no end, and whether the connection had been made decides whether paper may be out.
A printer's certificate is its own; `pin` is the SHA-256 of the one that county IT was shown.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pyipp.enums import IppOperation, IppStatus, IppTag
from pyipp.parser import parse
from pyipp.serializer import construct_attribute, encode_dict

from adapters.printing.answers import BoundedResponse, is_well_formed
from adapters.printing.troubles import (
    ANSWER_UNREADABLE,
    BUSY,
    CERTIFICATE_CHANGED,
    JOB_GONE,
    MEDIA_NOT_SUPPORTED,
    NO_JOB_MADE,
    NO_PRINTER,
    OUTCOME_UNKNOWN,
    REFUSED,
    UNREACHABLE,
    OutcomeUnknownError,
    PrinterRefusedError,
    PrinterUnreachableError,
)


class _UnreadableError(Exception):
    """The answer is no IPP."""


class _HttpError(Exception):
    """The server did not pass the request on, or says so."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _StatusError(Exception):
    """The printer answered with an IPP status that is no success."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Exchange:
    """One request and its answer, which knows whether the printer can have seen any of the request."""

    def __init__(self, url: str, *, timeout_seconds: float, pin: str = "") -> None:
        """`pin` is the SHA-256 of the printer's certificate in hex; without one ipps trusts the machine's anchors."""
        self._url = url
        self._timeout_seconds = timeout_seconds
        self._pin = pin
        self._connected = False

    async def printed(self, message: dict[str, Any], *, collection: bytes = b"") -> dict[str, Any]:
        """Send a Print-Job request. Raises PrinterRefusedError (nothing printed) or OutcomeUnknownError."""
        if not is_ipp(self._url):
            raise PrinterRefusedError(NO_PRINTER, place="station.printer_url", found=self._url.partition(":")[0][:20])
        try:
            return await self._execute(IppOperation.PRINT_JOB, message, collection)
        except _UnreadableError as error:
            raise OutcomeUnknownError(OUTCOME_UNKNOWN, found="unreadable answer") from error
        except _HttpError as error:
            # HTTP 3xx and 4xx: the server's word that it did not take the request; 5xx may come from a proxy later.
            found = f"HTTP {error.status}"
            if error.status < 500:
                raise PrinterRefusedError(REFUSED, found=found, status=found) from error
            raise OutcomeUnknownError(OUTCOME_UNKNOWN, found=found) from error
        except aiohttp.ServerFingerprintMismatch as error:
            raise PrinterRefusedError(CERTIFICATE_CHANGED, found=error.got.hex(), expected=self._pin) from error
        except (TimeoutError, OSError, aiohttp.ClientError) as error:
            if self._connected:
                raise OutcomeUnknownError(OUTCOME_UNKNOWN) from error
            raise PrinterRefusedError(UNREACHABLE) from error
        except _StatusError as error:
            found = f"IPP 0x{error.status:04X}"
            if error.status not in NO_JOB_MADE:
                raise OutcomeUnknownError(OUTCOME_UNKNOWN, found=found) from error
            code = {IppStatus.ERROR_BUSY: BUSY, IppStatus.ERROR_ATTRIBUTES_OR_VALUES: MEDIA_NOT_SUPPORTED}
            raise PrinterRefusedError(code.get(IppStatus(error.status), REFUSED), found=found, status=found) from error

    async def asked(self, operation: IppOperation, message: dict[str, Any]) -> dict[str, Any]:
        """Send a question, which prints nothing. Raises PrinterUnreachableError."""
        if not is_ipp(self._url):
            raise PrinterUnreachableError(
                NO_PRINTER, place="station.printer_url", found=self._url.partition(":")[0][:20]
            )
        try:
            return await self._execute(operation, message)
        except (_UnreadableError, _HttpError) as error:
            raise PrinterUnreachableError(ANSWER_UNREADABLE, place=operation.name) from error
        except aiohttp.ServerFingerprintMismatch as error:
            raise PrinterUnreachableError(CERTIFICATE_CHANGED, found=error.got.hex(), expected=self._pin) from error
        except (TimeoutError, OSError, aiohttp.ClientError) as error:
            raise PrinterUnreachableError(UNREACHABLE, place=operation.name) from error
        except _StatusError as error:
            code = JOB_GONE if error.status in {IppStatus.ERROR_NOT_FOUND, IppStatus.ERROR_GONE} else ANSWER_UNREADABLE
            raise PrinterUnreachableError(code, place=operation.name, found=f"IPP 0x{error.status:04X}") from error

    async def _execute(
        self, operation: IppOperation, message: dict[str, Any], collection: bytes = b""
    ) -> dict[str, Any]:
        async def connected(*_: object) -> None:
            self._connected = True

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(connected)  # behind the look at the certificate
        body = _encoded(self._url, operation, message, collection)
        session = aiohttp.ClientSession(trace_configs=[trace], response_class=BoundedResponse)
        async with asyncio.timeout(self._timeout_seconds), session:
            asking = session.post(
                _http(self._url),
                data=body,
                headers={"Content-Type": "application/ipp", "Accept": "application/ipp"},
                allow_redirects=False,
                ssl=aiohttp.Fingerprint(bytes.fromhex(self._pin)) if self._pin else True,
            )
            async with asking as response:
                if response.status >= 300:
                    raise _HttpError(response.status)
                return _read(await response.read())


def from_tray(width: int, length: int, source: str) -> bytes:
    """The job attribute `media-col` (PWG 5100.7) that asks for a sheet of this size (1/100 mm) out of this tray."""

    def member(name: str, value: bytes) -> bytes:
        return _attribute("", name, IppTag.MEMBER_NAME) + value

    size = member("x-dimension", _attribute("", width, IppTag.INTEGER)) + member(
        "y-dimension", _attribute("", length, IppTag.INTEGER)
    )
    begin, end = _attribute("", "", IppTag.BEGIN_COLLECTION), _attribute("", "", IppTag.END_COLLECTION)
    return (
        _attribute("media-col", "", IppTag.BEGIN_COLLECTION)
        + member("media-size", begin + size + end)
        + member("media-source", _attribute("", source, IppTag.KEYWORD))
        + end
    )


def is_ipp(url: str) -> bool:
    """Whether this can be a printer's address."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("ipp", "ipps") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def _http(url: str) -> str:
    """RFC 3510 and RFC 7472: port 631 for both unless the address names another."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{'https' if parts.scheme == 'ipps' else 'http'}://{host}:{parts.port or 631}{parts.path or '/'}"


def _encoded(url: str, operation: IppOperation, message: dict[str, Any], collection: bytes) -> bytes:
    """The whole request. pyipp cannot write collections: one goes behind the job's other attributes, which are last."""
    always = {
        "attributes-charset": "utf-8",  # these three first and in this order: RFC 8011 section 4.1.4
        "attributes-natural-language": "zh-cn",
        "printer-uri": url,
        "requesting-user-name": "yunhuoban",
    }
    document: bytes = message.get("data", b"")
    asked = {key: value for key, value in message.items() if key != "data"}
    asked["operation-attributes-tag"] = always | message["operation-attributes-tag"]
    head: bytes = encode_dict({"version": (2, 0), "operation": operation, **asked})
    return head[:-1] + collection + head[-1:] + document


def _attribute(name: str, value: str | int, tag: IppTag) -> bytes:
    encoded: bytes = construct_attribute(name, value, tag)
    return encoded


def _read(body: bytes) -> dict[str, Any]:
    """Read an answer after looking at its shape. Raises _UnreadableError or _StatusError."""
    if not is_well_formed(body):
        raise _UnreadableError
    try:
        answer: dict[str, Any] = parse(body)
    except Exception as error:  # the library's reader raises whatever its input makes it trip over
        raise _UnreadableError from error
    if answer["status-code"] not in range(0x200):
        raise _StatusError(answer["status-code"])
    return answer
