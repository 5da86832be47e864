"""The pages of codes for readers of the documentation: a list of all, and for each area a page that explains each code.

Each code has an anchor, its own name in small letters, in both: `codes.md#e-adm-041`, `codes/ADM.md#e-adm-041`. A page
for each code by itself is what the hub and the county node serve under `/codes/E-ADM-041`, and what `explain` prints;
as files they would be a thousand.
"""

import html
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pages import wording
from pages.codes.areas import AREAS
from pages.codes.book import Entry
from pages.codes.explaining import LOG_RULE, explain

FOLDERS: Final = {"zh": "zh-CN", "en": "en"}
_TITLES: Final = {"zh": "代码", "en": "Codes"}
_COLUMNS: Final = {
    "zh": ("代码", "含义", "怎么办", "出处"),
    "en": ("Code", "What it means", "What to do", "Raised in"),
}
_PARTS: Final = {
    "zh": ("窗口人员看到", "怎么办", "县信息中心看到", "位置", "实际", "应为", "出处", "日志留下"),
    "en": (
        "The clerk sees",
        "What to do",
        "County IT sees",
        "place",
        "found",
        "expected",
        "Raised in",
        "The log keeps",
    ),
}
_INTRODUCTIONS: Final = {
    "zh": """\
本页由 `python -m deploy.codes` 从源代码生成，请勿手工修改。代码一经发布不再改变含义，县里的程序可以据以判断；
文字会改进。花括号中是现场填入的内容。每个代码另有一页，写明窗口人员看到什么、县信息中心看到什么、日志留下什么：
在打印台或中枢的页面上点代码，打开 `/codes/E-ADM-041`；没有网络也能看。值班时也可以直接查：
""",
    "en": """\
This page is made from the source by `python -m deploy.codes`; do not edit it. A published code never changes its
meaning, so that a county's programs may rely on it; the words improve. What stands in braces is filled in on the spot.
Each code has a page of its own that says what the clerk sees, what county IT sees and what the log keeps: a click on
the code on the print desk or the hub's pages opens `/codes/E-ADM-041`, without a network, too. On duty the same can be
looked up in the terminal:
""",
}
_LOOK_UP: Final = """\
```
.venv/bin/python -m hub explain E-ADM-041
.venv/bin/python -m adapters explain E-ADM-041
.venv/bin/python -m adapters codes ADM
```
"""


def files(found: Sequence[Entry], docs: Path) -> dict[Path, str]:
    """Every page with the text it has to have."""
    wanted = {}
    for language, folder in FOLDERS.items():
        wanted[docs / folder / "codes.md"] = listed(found, language)
        for area, of_area in itertools.groupby(found, key=lambda entry: entry.area):
            wanted[docs / folder / "codes" / f"{area}.md"] = area_page(area, list(of_area), language)
    return wanted


def listed(found: Sequence[Entry], language: str) -> str:
    """The page of all codes in a language, by area."""
    columns = _COLUMNS[language]
    parts = [f"# {_TITLES[language]}\n", _INTRODUCTIONS[language], _LOOK_UP]
    for area, of_area in itertools.groupby(found, key=lambda entry: entry.area):
        parts.append(f"## {wording.say(AREAS[area].name, language)} `{area}`\n")
        parts.append(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
        parts += [_row(entry, language) for entry in of_area]
        parts.append("")
    return "\n".join(parts)


def area_page(area: str, found: Sequence[Entry], language: str) -> str:
    """The page of one area: each code for its three readers."""

    def say(text: str) -> str:
        return wording.say(text, language)

    parts = [f"# {say(AREAS[area].name)} `{area}`\n", f"{say(AREAS[area].meaning)}\n", f"{say(AREAS[area].look)}\n"]
    parts.append(f"{say(LOG_RULE)}\n")
    for entry in found:
        parts += _section(entry, language)
    return "\n".join(parts)


def _section(entry: Entry, language: str) -> list[str]:
    clerk, remedy, county, place, actual, expected, raised, log = _PARTS[language]
    between = "：" if language == "zh" else ": "
    told = explain(entry, language)
    lines = [
        f'## <a id="{entry.code.lower()}"></a>{entry.code}\n',
        f"- **{clerk}**{between}{_text(told.clerk.sentence)}",
        f"- **{remedy}**{between}{_text(told.clerk.remedy)}",
    ]
    if told.example is not None:
        shown = ((place, told.example.place), (actual, told.example.found), (expected, told.example.expected))
        lines.append(f"- **{county}**{between}" + " · ".join(f"{name} {_code(text)}" for name, text in shown if text))
    lines.append(f"- **{log}**{between}{_code(told.log)}")
    sites = ", ".join(f"`{site.file}` {f'`{site.function}`' if site.function else ''}".strip() for site in told.sites)
    return [*lines, f"- **{raised}**{between}{sites}", ""]


def _row(entry: Entry, language: str) -> str:
    sentence, remedy = entry.said(language)
    anchored = f'<a id="{entry.code.lower()}"></a>[{entry.code}](codes/{entry.area}.md#{entry.code.lower()})'
    raised_in = "<br>".join(f"`{file}`" for file in entry.raised_in)
    return f"| {' | '.join((anchored, _cell(sentence), _cell(remedy), raised_in))} |"


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    return html.escape(text, quote=False)


def _code(text: str) -> str:
    """A value as code, whatever is in it."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"
