"""Both sides of all records as one HTML file that needs nothing else: to be looked at together, printed, or mailed.

It holds no script and loads nothing; its style is that of the pages.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from importlib import resources

from adapters.countyit.translating import terminal
from adapters.countyit.translating.sides import Problem, Sides
from adapters.local.mapping import CountyMapping
from pages import wording
from pages.access import Access
from pages.frame import Frame
from pages.wording import mark as _


def page(
    mapping: CountyMapping,
    found: Sequence[Sides],
    failures: Sequence[Problem],
    *,
    more: bool,
    unmasked: bool,
    now: datetime,
) -> str:
    """The file. `failures` are files and rows that could not even be read; `more` whether records follow."""
    frame = Frame(name=_("字段对照"), access=Access(), packages=["adapters.countyit.translating"], now=lambda: now)
    style = resources.files("pages").joinpath("assets", "pages.css").read_text(encoding="utf-8")
    return frame.fragment(
        wording.SOURCE_LANGUAGE,
        "sides.html",
        style=style,
        county=mapping.county,
        county_name=mapping.name,
        version=mapping.version,
        found=found,
        failures=failures,
        unmasked=unmasked,
        english=partial(wording.say, language="en"),
        summary=partial(terminal.summary, found, more=more),
    )
