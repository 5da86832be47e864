"""Finding printers when a person asks for it, never in the background: by address, by subnet, or as DNS-SD tells.

Each address gets one connection to port 631 and, where something listens, one question. Source: RFC 8011 section 4.2.5
(Get-Printer-Attributes), PWG 5100.14 section 4 (paths and `rp`), avahi-browse(1).
"""

import fcntl
import ipaddress
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final

from adapters.printing.exchange import is_ipp
from adapters.printing.facts import Description
from adapters.printing.ipp import Printer, PrinterState
from schemas.errors import YunhuobanError, declare

MOST_ADDRESSES: Final = 1024
PORT: Final = 631
PATHS: Final = ("/ipp/print", "/ipp/printer", "/")
_AT_ONCE: Final = 32
_KNOCK_SECONDS: Final = 0.5
_ANSWER_SECONDS: Final = 3.0
_BROWSE_SECONDS: Final = 10
_SIOCGIFADDR: Final = 0x8915
_SIOCGIFNETMASK: Final = 0x891B

WHERE_ODD: Final = declare(
    "E-PRINT-172",
    "这不是能查找打印机的地址或网段：{found}。",
    "请写打印机的地址（192.168.1.50 或 192.168.1.50:631），或不超过 1024 个地址的网段（192.168.1.0/24）。",
)
NO_BROWSER: Final = declare(
    "E-PRINT-173",
    "这台机器没有 avahi-browse，不能用 DNS-SD 查找打印机。",
    "请安装系统软件包 avahi-utils，或按地址、网段查找。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A printer that answered."""

    url: str
    description: Description
    state: PrinterState


def addresses(asked: Iterable[str]) -> list[tuple[str, int]]:
    """Hosts and ports of what a person typed. Raises E-PRINT-172."""
    found: dict[tuple[str, int], None] = {}
    for text in asked:
        for each in _addresses(text.strip()):
            found[each] = None
        if len(found) > MOST_ADDRESSES:
            raise YunhuobanError(WHERE_ODD, place="address", found=text[:40], expected=f"<= {MOST_ADDRESSES}")
    return list(found)


def own_networks() -> list[str]:
    """The networks that this machine stands in, as `address/length`; loopback and wide ones left out."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            try:
                address, mask = (
                    socket.inet_ntoa(fcntl.ioctl(asking.fileno(), what, request)[20:24])
                    for what in (_SIOCGIFADDR, _SIOCGIFNETMASK)
                )
            except OSError:
                continue  # an interface without an IPv4 address
            network = ipaddress.IPv4Network(f"{address}/{mask}", strict=False)
            if not network.is_loopback and network.num_addresses <= MOST_ADDRESSES:
                found.append(str(network))
    return found


def search(places: list[tuple[str, int]]) -> Iterator[Found | None]:
    """Knock at every place; one answer each as it comes, none where no printer is. Closing it ends the search."""
    if not places:
        return
    pool = ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(places)))
    try:
        for done in as_completed([pool.submit(_ask, host, port) for host, port in places]):
            yield done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def announced() -> list[str]:
    """Addresses of the printers that DNS-SD announces in this network. Raises E-PRINT-173."""
    program = shutil.which("avahi-browse")
    if program is None:
        raise YunhuobanError(NO_BROWSER, place="avahi-browse")
    found: dict[str, None] = {}
    for service, scheme in (("_ipps._tcp", "ipps"), ("_ipp._tcp", "ipp")):
        try:
            told = subprocess.run(  # noqa: S603 -- a fixed program, no shell, no argument from outside
                [program, "-rtp", service], capture_output=True, timeout=_BROWSE_SECONDS, check=False
            ).stdout
        except subprocess.TimeoutExpired as error:
            told = error.stdout or b""
        for url in resolved(told.decode(errors="replace"), scheme):
            found[url] = None
    return list(found)


def resolved(told: str, scheme: str) -> list[str]:
    """The addresses in what `avahi-browse -rtp` printed; a line that is no address is left out."""
    found = []
    for line in told.splitlines():
        fields = line.split(";")
        if len(fields) < 10 or fields[0] != "=":
            continue
        path = next((each[3:] for each in fields[9].split('"') if each.startswith("rp=")), "ipp/print")
        host = f"[{fields[7]}]" if ":" in fields[7] else fields[7]
        url = f"{scheme}://{host}:{fields[8]}/{path.lstrip('/')}"
        if is_ipp(url) and url.isprintable() and " " not in url:
            found.append(url)
    return found


def ask(url: str) -> Found:
    """One printer by its whole address. Raises PrinterUnreachableError."""
    description, state = Printer(url, timeout_seconds=_ANSWER_SECONDS).described()
    return Found(url=url, description=description, state=state)


def _ask(host: str, port: int) -> Found | None:
    try:
        socket.create_connection((host, port), timeout=_KNOCK_SECONDS).close()
    except OSError:
        return None
    shown = f"[{host}]" if ":" in host else host
    for path in PATHS:
        try:
            return ask(f"ipp://{shown}:{port}{path}")
        except YunhuobanError:
            continue  # no printer under this path; the next may be one
    return None


def _addresses(text: str) -> list[tuple[str, int]]:
    try:
        if "/" in text:
            network = ipaddress.ip_network(text, strict=False)
            hosts = network.hosts() if network.num_addresses <= MOST_ADDRESSES else ()
            found = [(str(each), PORT) for each in hosts]
        else:
            host, _, port = text.rpartition(":") if text.count(":") == 1 else (text, "", str(PORT))
            is_host = bool(host) and host.isprintable() and " " not in host and 0 < int(port) < 65536
            found = [(host, int(port))] if is_host else []
    except ValueError:
        found = []
    if not found:
        raise YunhuobanError(WHERE_ODD, place="address", found=text[:40])
    return found
