"""The certificate that the hall's pages are served with: where it lies, what is wrong with it, when it is renewed.

It is the county's own (`certs.hallauthority`, in `certs/hall`), or files that the hall brings and that `county.toml`
names; those are only looked at.
"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.settings import CountySettings, HallPageSettings
from certs import contexts, renewal
from certs.hallauthority import PAGE, HallAuthority
from certs.hallscope import HostNames
from certs.keys import Certificate
from certs.servercertificate import Examined, examine
from schemas.errors import YunhuobanError, declare

ENDS_SOON: Final = declare(
    "E-PAGE-098",
    "大厅页面的证书还有 {days} 天到期。",
    "自己的机构：县节点会自动续期，没有续成的运行 adapter page-certificate renew 看原因；"
    "大厅自己的证书：请换上新的文件，县节点几秒内换用。",
)
AUTHORITY_ENDS: Final = declare(
    "E-PAGE-099",
    "本县大厅页面机构还有 {days} 天到期，之后不能再签发证书。",
    "请安排重新建立（先移走 certs/hall，再运行 adapter page-certificate new），并把新的根证书装进大厅的浏览器。",
)
AUTHORITY_DAYS: Final = 180
"""Half a year before its end, for somebody has to go to every browser of the hall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HallCertificate:
    """Of one county with these settings of its hall's page. Reads the files anew at every question."""

    folder: Path
    """Of the county's own authority."""
    county: str
    hall: HallPageSettings
    names: HostNames

    @property
    def is_own(self) -> bool:
        """Whether the county's own authority issues it."""
        return self.hall.certificate is None

    @property
    def files(self) -> tuple[Path, Path]:
        """Chain and key; our own are one file."""
        if self.hall.certificate is None or self.hall.key is None:
            return self.folder / PAGE, self.folder / PAGE
        return self.hall.certificate, self.hall.key

    def examine(self, now: datetime) -> Examined:
        """What a browser would refuse it for. Raises nothing."""
        if self.is_own and not self.files[0].exists():
            try:
                HallAuthority.open(self.folder)
            except YunhuobanError as error:
                return Examined(chain=(), faults=[error])
        return examine(*self.files, self.names, now=now)

    def attention(self, now: datetime) -> Sequence[YunhuobanError]:
        """What a person has to do something about: faults, and what is near its end."""
        examined = self.examine(now)
        if examined.faults:
            return examined.faults
        found = []
        end, place = min(each.not_valid_after_utc for each in examined.chain), self.files[0].name
        left = renewal.span(examined.chain[0])
        if (end - now).days < left.warn_days:
            found.append(YunhuobanError(ENDS_SOON, place=place, found=end.isoformat(), days=str((end - now).days)))
        if self.is_own:
            found += self._authority(now)
        return found

    def renew_when_due(self, now: datetime) -> Certificate | None:
        """The next certificate when it is time for it; the names are those of `county.toml`. Raises E-CERT-…."""
        if not self.is_own:
            return None
        examined = examine(*self.files, self.names, now=now)
        if not examined.chain or now < renewal.span(examined.chain[0]).renew_at:
            return None
        authority = HallAuthority.open(self.folder)
        if authority.issuing.not_valid_after_utc <= examined.chain[0].not_valid_after_utc:
            return None  # a new one would not last longer: a person is told of the authority's end
        return authority.issue(self.county, self.names, now=now)

    def context(self, now: datetime) -> ssl.SSLContext:
        """TLS with it. Raises the first fault, or E-CERT-090."""
        for fault in self.examine(now).faults:
            raise fault
        return contexts.server_context(*self.files)

    def stamp(self) -> tuple[tuple[int, int], ...]:
        """Changes when one of the files does; empty while one is missing."""
        try:
            found = [each.stat() for each in self.files]
        except OSError:
            return ()
        return tuple((each.st_mtime_ns, each.st_ino) for each in found)

    def _authority(self, now: datetime) -> list[YunhuobanError]:
        try:
            end = HallAuthority.open(self.folder).issuing.not_valid_after_utc
        except YunhuobanError as error:
            return [error]
        if end - now > timedelta(days=AUTHORITY_DAYS):
            return []
        days = str((end - now).days)
        return [YunhuobanError(AUTHORITY_ENDS, place="hall/authority.pem", found=end.isoformat(), days=days)]


def folder_of(settings: CountySettings) -> Path:
    """Where the county's own page authority lies, beside its other keys."""
    return settings.certificates / "hall"


def of_hall(settings: CountySettings) -> HallCertificate | None:
    """None when there is no page for the hall. Raises E-CERT-111 for a name that is none."""
    hall = settings.hall_page
    if hall is None:
        return None
    if hall.certificate is not None and hall.key is not None:
        places = {"certificate": settings.folder / hall.certificate, "key": settings.folder / hall.key}
        hall = hall.model_copy(update=places)
    return HallCertificate(
        folder=folder_of(settings), county=settings.division_code, hall=hall, names=HostNames.parse(hall.names)
    )
