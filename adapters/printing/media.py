"""The sheets that licenses are printed on: names and sizes by PWG 5101.1."""

from enum import StrEnum
from typing import Final


class Media(StrEnum):
    """Sheet sizes of licenses: PWG 5101.1 self-describing names."""

    A3 = "iso_a3_297x420mm"
    A4 = "iso_a4_210x297mm"
    A6 = "iso_a6_105x148mm"

    @property
    def size(self) -> tuple[int, int]:
        """Width and length of the upright sheet in 1/100 mm, as IPP counts (PWG 5100.7)."""
        return _SIZES[self]


_SIZES: Final = {Media.A3: (29700, 42000), Media.A4: (21000, 29700), Media.A6: (10500, 14800)}
_TOLERANCE: Final = 100
"""1 mm: printers round inches, and a page is drawn in points."""


def of_size(width: float, length: float) -> Media | None:
    """The sheet of this size in 1/100 mm, however it is turned; none when it is another."""
    shorter, longer = sorted((width, length))
    for media, (a, b) in _SIZES.items():
        if abs(shorter - a) <= _TOLERANCE and abs(longer - b) <= _TOLERANCE:
            return media
    return None
