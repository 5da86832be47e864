"""axe-core in the open page: what it finds serious or critical, each with its rule and its element.

It runs as the browser's own tools do, beside the page's policy and not against it; npm brings it, for tests only.
"""

import functools
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

from tests.javascript import require_node

FOLDER: Final = Path(__file__).parents[1] / "axe"
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
_GRAVE: Final = frozenset({"serious", "critical"})


@functools.cache
def _source() -> str:
    require_node(FOLDER)
    return (FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Page) -> list[str]:
    """As `rule: element (what is wrong)`; none is what a page has to give."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    asked: dict[str, Any] = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
    said = page.evaluate("asked => axe.run(document, asked)", asked)
    return [
        f"{rule['id']}: {' '.join(node['target'])} ({' '.join(node['failureSummary'].split())[:200]})"
        for rule in said["violations"]
        if rule["impact"] in _GRAVE
        for node in rule["nodes"]
    ]
