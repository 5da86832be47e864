"""The ways in which somebody looks at a page: language, light or dark, type, screen."""

import itertools
import os
from dataclasses import dataclass
from typing import Final

from pages.typesize import SIZES
from pages.wording import LANGUAGES

DESK, PHONE = (1366, 768), (390, 844)
ZOOMED, NARROWEST = (683, 384), (320, 256)
"""A clerk's screen at 200 %, and the width that WCAG 1.4.10 asks for: 1280 pixels at 400 %."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How it is looked at."""

    language: str = "zh"
    scheme: str = "light"
    type: str = "normal"
    screen: tuple[int, int] = DESK

    def __str__(self) -> str:
        return f"{self.language} {self.scheme} {self.type} {self.screen[0]}"


EVERY: Final = [
    Look(language=language, scheme=scheme, type=size, screen=screen)
    for language, scheme, size, screen in itertools.product(LANGUAGES, ("light", "dark"), SIZES, (DESK, PHONE))
]
LOOKS: Final = (
    EVERY if os.environ.get("EVERY_LOOK") else [EVERY[each] for each in (0b0000, 0b0111, 0b1011, 0b1101, 0b1110)]
)
"""Five of sixteen, in which every two ways meet each other (a covering array of strength two); EVERY_LOOK=1 for all."""
