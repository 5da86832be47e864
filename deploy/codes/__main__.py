"""`python -m deploy.codes`: write the book of codes and its pages anew, and take away pages of areas that are gone."""

import sys
from pathlib import Path
from typing import Final

from deploy.codes import markdown, record
from deploy.codes.source import SourceTree, entries
from pages.codes import book

ROOT: Final = Path(__file__).parent.parent.parent


def wanted(found: list[book.Entry]) -> dict[Path, str]:
    """Every generated file with the text it has to have."""
    return {ROOT / "pages" / "codes" / book.FILE: book.written(found)} | markdown.files(found, ROOT / "docs")


def area_pages() -> list[Path]:
    """The pages of areas that are there."""
    return sorted(page for folder in markdown.FOLDERS.values() for page in (ROOT / "docs" / folder / "codes").glob("*"))


def main() -> int:
    """Write everything. Returns the exit status."""
    files = wanted(entries(SourceTree(ROOT), record.read()))
    for file in area_pages():
        if file not in files:
            file.unlink()
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
