"""The colours of the pages are told apart by who sees badly: WCAG 2.2, 1.4.3 for words and 1.4.11 for edges."""

import re
from importlib import resources

import pytest

SHEET = resources.files("pages").joinpath("assets", "pages.css").read_text(encoding="utf-8")
WORDS, EDGES, LARGE_WORDS = 4.5, 3.0, 7.0
"""Least contrasts: AA for words, for edges that a person has to find, and AAA for words in the large type."""
TONES = ("good", "wait", "bad", "ask")


def colours(selector: str) -> dict[str, tuple[str, str]]:
    """The pairs, light and dark, that one rule names."""
    rule = re.search(re.escape(selector) + r" \{\s*((?:color-scheme[^;]*;\s*)?--[^}]*)\}", SHEET)
    assert rule is not None, selector
    found = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", rule[1])
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """WCAG's relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
def test_every_pair_of_colours_has_its_contrast(scheme: int, *, large: bool) -> None:
    """Words on every ground that they stand on, and the edges of what is pressed or typed into."""
    named = colours(":root") | (colours(":root[data-type=large]") if large else {})
    tint = {name: pair[scheme] for name, pair in named.items()}
    grounds = ("ground", "paper", "calm-ground")
    least = LARGE_WORDS if large else WORDS
    pairs = [
        *(
            (word, ground, least)
            for word in ("ink", "soft")
            for ground in (*grounds, *(f"{each}-ground" for each in TONES))
        ),
        *(("accent", ground, WORDS) for ground in grounds),
        ("on-accent", "accent", WORDS),
        *((tone, ground, WORDS) for tone in TONES for ground in (f"{tone}-ground", *grounds)),
        *(("edge", ground, EDGES) for ground in ("ground", "paper")),
    ]
    poor = [
        f"{one} on {other}: {contrast(tint[one], tint[other]):.2f} < {wanted}"
        for one, other, wanted in pairs
        if contrast(tint[one], tint[other]) < wanted
    ]
    assert poor == []
