"""The pages of the specification: between two marks in them stands a table that is made, never written."""

import re
from pathlib import Path
from typing import Final

from deploy.contract.tables import TABLES, Language

_DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
_LANGUAGES: Final[dict[str, Language]] = {"en": "en", "zh-CN": "zh"}
PAGES: Final = tuple(_DOCS / folder / "specification.md" for folder in _LANGUAGES)
_MADE: Final = re.compile(r"(<!-- table (?P<name>[a-z]+) -->\n).*?(\n<!-- end -->)", re.DOTALL)


def filled(page: Path) -> str:
    """The page with its tables as they must be. Raises KeyError for a mark that names none."""
    language = _LANGUAGES[page.parent.name]

    def made(found: re.Match[str]) -> str:
        return found[1] + TABLES[found["name"]](language) + found[3]

    return _MADE.sub(made, page.read_text(encoding="utf-8"))


def marks(page: Path) -> list[str]:
    """The names of the tables on a page, in order."""
    return [found["name"] for found in _MADE.finditer(page.read_text(encoding="utf-8"))]
