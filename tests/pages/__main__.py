"""``python -m tests.pages [TEST…]``: run the journeys of the pages; leave pictures and an index under var/pages.

Every test file that opens a browser is run, long or not; the exit status is 0 when all of it passed. Whoever names
tests has only those run.
"""

import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "var" / "pages"
_OPENS_A_BROWSER: Final = ("from playwright.sync_api import", "from tests.pages.walking import")


def journeys() -> list[str]:
    """The test files with a browser."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    found = [each for each in files if any(line in each.read_text(encoding="utf-8") for line in _OPENS_A_BROWSER)]
    return [str(each.relative_to(ROOT)) for each in found]


def main(tests: list[str]) -> int:
    """Run them; pytest shows how far it is."""
    recorded = ["-p", "tests.pages.recording", "--pages-folder", str(FOLDER)]
    return int(pytest.main([*recorded, "-v", "--tb=short", "-m", "long or not long", *(tests or journeys())]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
