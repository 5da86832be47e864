"""Whose knock it is: who connects, or, behind a proxy that the settings name, whom it says it speaks for.

What a visitor writes into `X-Forwarded-For` is worth nothing; what our own proxies append is. So the list is read from
its end, and the first address that is no proxy of ours is the visitor's.
"""

import ipaddress
from collections.abc import Sequence

from fastapi import Request
from pydantic import IPvAnyNetwork

_HEADER = "x-forwarded-for"


class Visitors:
    """Reads the address that counts out of a request."""

    def __init__(self, proxies: Sequence[IPvAnyNetwork] = ()) -> None:
        """`proxies` are the networks whose word is believed."""
        self._proxies = tuple(proxies)

    def address(self, request: Request) -> str:
        """The address; of one that cannot be read, that of the last proxy before it."""
        found = request.client.host if request.client else ""
        said = [each.strip() for line in request.headers.getlist(_HEADER) for each in line.split(",")]
        while said and self._is_ours(found):
            before = _read(said.pop())
            if before is None:
                break
            found = str(before)
        return found

    def _is_ours(self, address: str) -> bool:
        read = _read(address)
        return read is not None and any(read in each for each in self._proxies)


def _read(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as proxies write it: a port behind it, brackets around it, IPv4 inside IPv6."""
    bare = text.strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        read = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return (read.ipv4_mapped or read) if isinstance(read, ipaddress.IPv6Address) else read
