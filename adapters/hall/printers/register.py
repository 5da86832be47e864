"""The hall's printers as county IT set them up: `printers.json` in the county's folder, read anew when it changed.

Each printer has its address, the certificate it is held to, and its trays: which sheet of which stock lies in which.
Calibrations are only ever added, with who and when, so that it can be said later how a sheet was shifted; the newest
for a printer, template and tray counts. A printer that was removed and added anew begins without any.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from adapters.licenses.shift import LARGEST_SHIFT_MM, is_bearable
from adapters.printing.exchange import is_ipp
from adapters.printing.media import Media
from adapters.printing.troubles import NO_PRINTER
from certs import files
from schemas.errors import YunhuobanError, declare

FILE: Final = "printers.json"
ACCOUNT_OF_COMMANDS: Final = "adapter"
"""Who set something by a command: the machine's account is not a person's."""

UNREADABLE: Final = declare(
    "E-PRINT-160",
    "打印机登记文件 printers.json 读不懂，现在不能打印。",
    "请县信息中心从备份恢复这个文件；没有备份的，删除它，再用 adapter printer add 重新登记。",
)
UNKNOWN: Final = declare(
    "E-PRINT-161", "没有登记这台打印机。", "请用 adapter printer list 查看已登记的打印机，核对名称。"
)
KNOWN_ALREADY: Final = declare(
    "E-PRINT-162",
    "这个名称或地址的打印机已经登记过。",
    "请换一个名称；要改登记的，先用 adapter printer remove 删除。",
)
NAME_ODD: Final = declare(
    "E-PRINT-163",
    "打印机的名称只能用小写英文字母、数字和连字符，最多 32 个字符，以字母开头。",
    "请换一个名称，例如 a4-1。",
)
TRAY_ODD: Final = declare(
    "E-PRINT-164",
    "纸盒的写法不对：{found}。",
    "请写成“纸盒=纸张:空白证照种类”，如 tray-1=A4:specimen-a4；纸盒名用 adapter printer show 查看。",
)
OFFSET_TOO_LARGE: Final = declare(
    "E-PRINT-165",
    "校准偏移超出范围：左右、上下各不得超过 10 毫米，缩放在 0.98 到 1.02 之间。",
    "请核对量取的数值和正负号；纸确实走偏这么多的，请调整纸盒挡板或报修打印机。",
)

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Keyword = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
_PAPER: Final = {each.name: each for each in Media}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tray(_Part):
    """One tray: what IPP calls it, which sheets it holds, and of which stock."""

    source: Keyword
    media: Media
    stock: Keyword

    @classmethod
    def parse(cls, text: str) -> "Tray":
        """`tray-1=A4:business-license-duplicate-2019`. Raises E-PRINT-164."""
        found = re.fullmatch(rf"([^=]+)=({'|'.join(_PAPER)}):(.+)", text.strip())
        try:
            if found is not None:
                return cls(source=found[1], media=_PAPER[found[2]], stock=found[3])
        except ValidationError:
            pass
        raise YunhuobanError(TRAY_ODD, place="--tray", found=text[:100])


class Registered(_Part):
    """One printer."""

    name: Name
    url: str
    pin: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """SHA-256 of the certificate that was shown when it was added; empty for ipp."""
    trays: tuple[Tray, ...] = ()
    """Empty: one that people load by hand."""
    added_at: AwareDatetime
    added_by: str


class Offset(_Part):
    """How far a printer lays the content of a template off, as measured on its calibration sheet."""

    printer: Name
    template: str
    """`id/version`: stock of another version is another sheet."""
    source: str = ""
    """The tray; empty for a printer without registered trays."""
    x_mm: float
    y_mm: float
    scale: float = 1.0
    set_at: AwareDatetime
    set_by: str


class Content(_Part):
    """The whole file."""

    printers: tuple[Registered, ...] = ()
    offsets: tuple[Offset, ...] = ()

    def named(self, name: str) -> Registered:
        """One printer. Raises E-PRINT-161."""
        for each in self.printers:
            if each.name == name:
                return each
        raise YunhuobanError(UNKNOWN, place="printer", found=name[:40])

    def offset(self, printer: Registered, template: str, source: str) -> Offset | None:
        """What counts for this printer, template and tray; none: it was never calibrated."""
        wanted = (printer.name, template, source)
        mine = [each for each in self.offsets if (each.printer, each.template, each.source) == wanted]
        return max((each for each in mine if each.set_at >= printer.added_at), key=_when, default=None)

    def current(self, printer: Registered) -> list[Offset]:
        """All that count for a printer, by template and tray."""
        keys = sorted({(each.template, each.source) for each in self.offsets if each.printer == printer.name})
        found = [self.offset(printer, template, source) for template, source in keys]
        return [each for each in found if each is not None]


class Register:
    """The file, for one process; commands and pages change it under the folder's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: tuple[tuple[int, int], Content] = ((0, 0), Content())

    def content(self) -> Content:
        """What stands there now; nothing when there is no file. Raises E-PRINT-160."""
        file = self._folder / FILE
        try:
            found = file.stat()
        except FileNotFoundError:
            return Content()
        stamp = (found.st_mtime_ns, found.st_ino)
        if self._read[0] != stamp:
            try:
                self._read = (stamp, Content.model_validate_json(files.read(file)))
            except ValidationError as error:
                where = ".".join(str(part) for part in error.errors()[0]["loc"])[:100]
                raise YunhuobanError(UNREADABLE, place=f"{FILE}: {where}") from error
        return self._read[1]

    def add(self, printer: Registered) -> None:
        """Raises E-PRINT-162 for a name or an address that is there already."""
        with self._changing() as change:
            for each in self.content().printers:
                if each.name == printer.name or each.url == printer.url:
                    raise YunhuobanError(KNOWN_ALREADY, place="printer", found=each.name)
            change(lambda content: content.model_copy(update={"printers": (*content.printers, printer)}))

    def remove(self, name: str) -> None:
        """Take one out; its calibrations stay as a record. Raises E-PRINT-161."""
        with self._changing() as change:
            gone = self.content().named(name)
            left = tuple(each for each in self.content().printers if each is not gone)
            change(lambda content: content.model_copy(update={"printers": left}))

    def load(self, name: str, trays: tuple[Tray, ...]) -> None:
        """Say anew what lies in its trays. Raises E-PRINT-161."""
        with self._changing() as change:
            old = self.content().named(name)
            new = old.model_copy(update={"trays": trays})
            printers = tuple(new if each is old else each for each in self.content().printers)
            change(lambda content: content.model_copy(update={"printers": printers}))

    def calibrate(self, offset: Offset) -> None:
        """Keep a measured offset. Raises E-PRINT-161, E-PRINT-165."""
        if not is_bearable(offset.x_mm, offset.y_mm, offset.scale):
            found = f"{offset.x_mm} {offset.y_mm} {offset.scale}"
            raise YunhuobanError(OFFSET_TOO_LARGE, place=offset.printer, found=found, expected=f"±{LARGEST_SHIFT_MM}")
        with self._changing() as change:
            self.content().named(offset.printer)
            change(lambda content: content.model_copy(update={"offsets": (*content.offsets, offset)}))

    @contextmanager
    def _changing(self) -> Iterator[Callable[[Callable[[Content], Content]], None]]:
        with files.locked(self._folder):
            yield lambda change: files.write_atomically(
                self._folder / FILE, change(self.content()).model_dump_json(indent=1).encode()
            )


def registered(name: str, url: str, *, pin: str, trays: tuple[Tray, ...], by: str, now: datetime) -> Registered:
    """A printer to add. Raises E-PRINT-163 for the name, E-PRINT-128 for the address."""
    if not is_ipp(url):
        raise YunhuobanError(NO_PRINTER, place="url", found=url[:40])
    try:
        return Registered(name=name, url=url, pin=pin, trays=trays, added_at=now, added_by=by)
    except ValidationError as error:
        raise YunhuobanError(NAME_ODD, place="name", found=name[:40]) from error


def _when(offset: Offset) -> datetime:
    return offset.set_at
