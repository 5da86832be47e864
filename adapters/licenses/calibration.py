"""The calibration sheet: cross-hairs whose distance from the paper's edges a person measures, rulers for the scale.

It goes through the same renderer's library, the same shift and the same tray as a license, so that what is measured on
it is what happens to one. It is printed on white paper: it bears no license and needs none.
"""

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

import typst

from adapters.licenses.render import DEFAULT_FONT_FOLDER, FONT_MISSING
from schemas.errors import YunhuobanError

INSET_MM: Final = 20.0
"""From each edge to the cross-hair of the corner."""
_FONT: Final = "Noto Serif CJK SC"


def crosses(width_mm: float, height_mm: float) -> list[tuple[float, float]]:
    """Where the cross-hairs belong, in millimetres from the upper left corner: the corners, then the middle."""
    right, low = width_mm - INSET_MM, height_mm - INSET_MM
    corners = [(INSET_MM, INSET_MM), (right, INSET_MM), (INSET_MM, low), (right, low)]
    return [*corners, (width_mm / 2, height_mm / 2)]


def calibration_sheet(
    width_mm: float, height_mm: float, *, title: str, lines: Sequence[str], font_folder: Path = DEFAULT_FONT_FOLDER
) -> bytes:
    """One page of this size as PDF. Raises FONT_MISSING."""
    if not font_folder.is_dir():
        raise YunhuobanError(FONT_MISSING, place=str(font_folder))
    job = {
        "width": width_mm,
        "height": height_mm,
        "title": title,
        "lines": list(lines),
        "crosses": crosses(width_mm, height_mm),
        "font": _FONT,
    }
    return typst.compile(
        resources.files("adapters.licenses").joinpath("templates", "calibration.typ").read_bytes(),
        format="pdf",
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder)]),
        ignore_system_fonts=True,
        sys_inputs={"job": json.dumps(job, ensure_ascii=False)},
    )
