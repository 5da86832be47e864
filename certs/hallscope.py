"""The hosts of one hall: the names its pages have, and the only ones that its page authority may ever vouch for.

The limits stand in the authority's own certificates (name constraints, RFC 5280 §4.2.1.10), so that whoever steals its
key can impersonate this hall's pages and nothing else, whatever he signs. A kind of name that is not among those
allowed is shut out as a whole: by the RFC a kind that is not mentioned would be unlimited.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

from cryptography import x509

from certs.keys import Certificate
from schemas.errors import YunhuobanError, declare

SCOPE_REFUSED: Final = declare(
    "E-CERT-110",
    "“{found}”不能作为大厅页面机构的范围：写得不对，或者太宽。",
    "域名至少两段、只用小写字母、数字、横线，不含通配符，不能是 gov.cn 这样的公共后缀；"
    "网段按 10.1.2.0/24 的写法，IPv4 不大于 /16，IPv6 不大于 /48。",
)
NAME_REFUSED: Final = declare(
    "E-CERT-111",
    "“{found}”不是能写进页面证书的主机名或 IP 地址。",
    "请写浏览器地址栏里用的小写主机名或 IP 地址，不带端口、路径和通配符，例如 hall.example.gov.cn 或 10.1.2.3。",
)

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_PUBLIC: Final = re.compile(r"(ac|com|edu|gov|mil|net|org|[a-z]{2})\.[a-z]{2}")
"""Suffixes under which anybody may be: gov.cn, he.cn (a province), com.hk; a hall's own name has more before it."""
_WIDEST: Final = {4: 16, 6: 48}
_EVERYTHING: Final = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


@dataclass(frozen=True, slots=True)
class HostNames:
    """What a page is called in the address bar."""

    dns: tuple[str, ...]
    addresses: tuple[Address, ...]

    @classmethod
    def parse(cls, names: Sequence[str]) -> Self:
        """Tell host names and addresses apart. Raises E-CERT-111 naming the one that is neither."""
        dns, addresses = [], []
        for name in names:
            try:
                addresses.append(ipaddress.ip_address(name))
            except ValueError:
                # Digits and points alone are a mistyped address, which browsers would read as one.
                if not _HOST.fullmatch(name) or re.fullmatch(r"[0-9.]+", name):
                    raise YunhuobanError(NAME_REFUSED, place="names", found=name[:100]) from None
                dns.append(name)
        if not dns and not addresses:
            raise YunhuobanError(NAME_REFUSED, place="names", found="")
        return cls(tuple(dict.fromkeys(dns)), tuple(dict.fromkeys(addresses)))

    def __iter__(self) -> Iterator[str]:
        yield from self.dns
        yield from map(str, self.addresses)


@dataclass(frozen=True, slots=True)
class Scope:
    """What one page authority may issue for."""

    dns: tuple[str, ...]
    """Each with everything beneath it."""
    networks: tuple[Network, ...]

    @classmethod
    def parse(cls, dns: Sequence[str], networks: Sequence[str]) -> Self:
        """Read what county IT gave. Raises E-CERT-110 naming what is wrong or too wide."""
        for name in dns:
            if not _HOST.fullmatch(name) or "." not in name or _PUBLIC.fullmatch(name) or name.endswith(".arpa"):
                raise YunhuobanError(SCOPE_REFUSED, place="dns", found=name[:100])
        read = []
        for text in networks:
            try:
                network = ipaddress.ip_network(text)
            except ValueError:
                raise YunhuobanError(SCOPE_REFUSED, place="range", found=text[:100]) from None
            if network.prefixlen < _WIDEST[network.version]:
                raise YunhuobanError(SCOPE_REFUSED, place="range", found=text[:100])
            read.append(network)
        if not dns and not read:
            raise YunhuobanError(SCOPE_REFUSED, place="dns", found="")
        return cls(tuple(dict.fromkeys(dns)), tuple(dict.fromkeys(read)))

    @classmethod
    def of(cls, authority: Certificate) -> Self:
        """What this authority's certificate says. Raises x509.ExtensionNotFound when it says nothing."""
        limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value
        names = limits.permitted_subtrees or []
        values = [each.value for each in names if isinstance(each, x509.IPAddress)]
        return cls(
            tuple(each.value for each in names if isinstance(each, x509.DNSName)),
            tuple(each for each in values if isinstance(each, ipaddress.IPv4Network | ipaddress.IPv6Network)),
        )

    def constraints(self) -> x509.NameConstraints:
        """The extension: these, and of the kinds that are not among them nothing at all."""
        permitted: list[x509.GeneralName] = [x509.DNSName(each) for each in self.dns]
        permitted += [x509.IPAddress(each) for each in self.networks]
        excluded: list[x509.GeneralName] = [] if self.dns else [x509.DNSName("")]
        kinds = {each.version for each in self.networks}
        excluded += [x509.IPAddress(each) for each in _EVERYTHING if each.version not in kinds]
        return x509.NameConstraints(permitted, excluded or None)

    def outside(self, names: HostNames) -> list[str]:
        """Those of the names that the authority must not issue for."""
        beyond = [name for name in names.dns if not any(f".{name}".endswith(f".{each}") for each in self.dns)]
        return beyond + [str(each) for each in names.addresses if not any(each in one for one in self.networks)]

    def __iter__(self) -> Iterator[str]:
        yield from self.dns
        yield from map(str, self.networks)
