"""加注件: a copy of a license's sealed page for one use, every page visibly annotated; never a license itself.

Maker, time, purpose, last day and the digest of the original stand on every page, with the sentence of the watermark.
Sources: 国办函〔2016〕108号; GB/T 36906-2018 (a purpose is always said); domain.md §1.6, §1.7.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any, Final

from adapters.hall.sharing.held import NOT_USABLE, Held
from adapters.hall.sharing.worth import in_chinese
from adapters.licenses import annotate
from adapters.licenses.papers import Papers
from schemas.errors import YunhuobanError, declare
from schemas.workdays.hours import BEIJING, beijing_day

PURPOSE_UNSAID: Final = declare(
    "E-SHARE-004",
    "没有写加注件的用途，或者用途里有证件号码。",
    "请写办理什么事项，例如 办理公司设立登记；不写姓名和号码。",
)
UNTIL_WRONG: Final = declare(
    "E-SHARE-005",
    "加注件的有效期不对：从今天起，最多 {most} 天，不晚于证照自己的有效期。",
    "请另选一天；通常够办完这件事就行。",
)
MOST_DAYS: Final = 90
USUAL_DAYS: Final = 30
_PURPOSE_BYTES: Final = 300
_NUMBER: Final = re.compile(r"\d{11}")
TITLE: Final = "加注件"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a copy is made for."""

    purpose: str
    maker: str
    until: date
    made_at: datetime


class Annotator:
    """Makes them; threads share it."""

    def __init__(self) -> None:
        """Fonts are opened at the first copy."""
        self._papers = Papers(resources.files("adapters.hall.sharing").joinpath("annotation.typ").read_bytes())

    def copy(self, held: Held, use: Use) -> bytes:
        """The annotated copy. Raises E-SHARE-001, -004 or -005, E-LIC-006, -007, -009, -040 or -041."""
        demand(held, use)
        file = _sealed(held.record)
        pdf = bytes(file["sealed"])
        overlay = self._papers.pdf(
            {
                "title": TITLE,
                "sentence": sentence(use),
                "pages": [{"width": width, "height": height} for width, height in annotate.page_sizes_mm(pdf)],
                "lines": [
                    ("用途", use.purpose),
                    ("制作", use.maker),
                    ("制作时间", f"{use.made_at.astimezone(BEIJING):%Y-%m-%d %H:%M}"),
                    ("有效期至", f"{use.until:%Y-%m-%d}"),
                    ("原件 SHA-256", file["sealed_sha256"].hex()),
                ],
            },
            made_at=use.made_at,
        )
        return annotate.laid_over(pdf, overlay)


def sentence(use: Use) -> str:
    """The watermark of what a service organ provides."""
    return f"此件由{use.maker}提供，仅供办理政务服务事项时使用，有效期至{in_chinese(use.until)}"


def demand(held: Held, use: Use) -> None:
    """Raises E-SHARE-004 or -005."""
    if not use.purpose or len(use.purpose.encode()) > _PURPOSE_BYTES or _NUMBER.search(use.purpose):
        raise YunhuobanError(PURPOSE_UNSAID, place="purpose", expected=f"<= {_PURPOSE_BYTES} B")
    today = beijing_day(use.made_at)
    last = min(filter(None, (today + timedelta(days=MOST_DAYS), held.valid_until)))
    if not today <= use.until <= last:
        found, expected = str(use.until), f"{today} – {last}"
        raise YunhuobanError(UNTIL_WRONG, place="until", found=found, expected=expected, most=str(MOST_DAYS))


def _sealed(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first sealed page of the license. Raises E-SHARE-001 for one that has none."""
    for file in record["files"]:
        if file["sealed"]:
            found: Mapping[str, Any] = file
            return found
    raise YunhuobanError(NOT_USABLE, place="files", found="0")
