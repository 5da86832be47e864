"""How far this machine's clock is from a time server's (SNTP, RFC 4330), and what the kernel says of its clock.

One packet each way. The answer counts if it echoes what we sent, comes from a server that is itself synchronised, and
was under way for less than its time-out; the way there and back is taken to be equally long.
"""

import ctypes
import os
import socket
import struct
import time
from datetime import timedelta
from typing import Final

_PORT: Final = 123
_SECONDS: Final = 3.0
_HEADER_BYTES: Final = 48
_EPOCH: Final = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970."""
_FRACTION: Final = 2**32
_VERSION_4_CLIENT: Final = 0x23
_SERVER: Final = 4
_MOST_STRATUM: Final = 15
_LEAP_UNKNOWN: Final = 3
_TIMEX_BYTES: Final = 256
"""More than the kernel's `struct timex` takes, 208 octets on 64-bit Linux."""
_ERROR: Final = 5
"""TIME_ERROR of adjtimex(2): the clock is not synchronised."""


def ask(server: str) -> timedelta | None:
    """By how much the server is ahead of us; None when it gives no answer that can be used. `host` or `host:port`."""
    host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
    token = int.from_bytes(os.urandom(8))
    request = struct.pack("!B39xQ", _VERSION_4_CLIENT, token)
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host.strip("[]"), int(port or _PORT), type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as asking:
            asking.settimeout(_SECONDS)
            asking.connect(address)
            sent = time.time()
            asking.send(request)
            answer = asking.recv(512)
            came = time.time()
    except (OSError, ValueError):
        return None
    return _off(answer, token, sent, came)


def _off(answer: bytes, token: int, sent: float, came: float) -> timedelta | None:
    """RFC 4330 §5: the mean of the differences on both ways."""
    if len(answer) < _HEADER_BYTES:
        return None
    first, stratum, echoed, received, transmitted = struct.unpack("!BB22x3Q", answer[:_HEADER_BYTES])
    if echoed != token or first & 7 != _SERVER or first >> 6 == _LEAP_UNKNOWN or not 0 < stratum <= _MOST_STRATUM:
        return None
    return timedelta(seconds=((_seconds(received) - sent) + (_seconds(transmitted) - came)) / 2)


def _seconds(stamp: int) -> float:
    return stamp / _FRACTION - _EPOCH


def kernel_is_synchronised() -> bool:
    """What adjtimex(2) says; a kernel that says nothing is not believed to be."""
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return False
    return 0 <= int(state) < _ERROR
