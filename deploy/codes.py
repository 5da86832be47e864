"""The two pages of all codes, `docs/zh-CN/codes.md` and `docs/en/codes.md`: `python -m deploy.codes` writes them anew.

Each code has an anchor, its own name in small letters, so that other pages can link to it: `codes.md#e-adm-041`. A test
holds the pages to the source.
"""

import html
import itertools
import sys
from pathlib import Path
from typing import Final

from pages.codes import Entry, SourceTree, entries

ROOT: Final = Path(__file__).parent.parent
FOLDERS: Final = {"zh": "zh-CN", "en": "en"}
AREAS: Final = {
    "ADM": ("准入与放行", "Admission and grants"),
    "BACKUP": ("备份与恢复", "Backup and restore"),
    "BROKER": ("消息服务", "The broker"),
    "CAL": ("工作日历", "The working calendar"),
    "CAT": ("事项目录与联盟", "The catalogue and the alliances"),
    "CERT": ("证书、签名与加密", "Certificates, signatures, encryption"),
    "CNF": ("自测与试办", "Conformance and trial cases"),
    "CODEC": ("编码", "Encoding"),
    "CONF": ("设置与登记", "Settings and enrolment"),
    "DOC": ("办件文书", "Documents of a case"),
    "ENV": ("信封", "The envelope"),
    "ID": ("代码与编号", "Codes and identifiers"),
    "JOIN": ("加入", "Joining"),
    "JRNL": ("存证账本", "The journal"),
    "LIC": ("证照", "Licenses"),
    "LINK": ("连接与目录", "The link and the directory"),
    "MAP": ("字段映射", "The mapping"),
    "NODE": ("县节点", "The county node"),
    "PAGE": ("页面与命令", "Pages and commands"),
    "PRINT": ("打印", "Printing"),
    "RENEW": ("证书续期", "Renewal of certificates"),
    "SCHEMA": ("标准版本", "Versions of the contract"),
    "SRC": ("本地系统", "Local systems"),
    "STORE": ("数据库", "The stores"),
    "VERIFY": ("存证核验", "Verification of proofs"),
}
"""What each area is called, Chinese and English; a code of an area without a name is a KeyError here."""
_TITLES: Final = {"zh": "代码", "en": "Codes"}
_COLUMNS: Final = {
    "zh": ("代码", "含义", "怎么办", "出处"),
    "en": ("Code", "What it means", "What to do", "Raised in"),
}
_INTRODUCTIONS: Final = {
    "zh": """\
本页由 `python -m deploy.codes` 从源代码生成，请勿手工修改。代码一经发布不再改变含义，县里的程序可以据以判断；
文字会改进。花括号中是现场填入的内容。值班时也可以直接查：
""",
    "en": """\
This page is made from the source by `python -m deploy.codes`; do not edit it. A published code never changes its
meaning, so that a county's programs may rely on it; the words improve. What stands in braces is filled in on the spot.
On duty the same can be looked up in the terminal:
""",
}
_LOOK_UP: Final = """\
```
.venv/bin/python -m hub codes E-ADM-041
.venv/bin/python -m adapters codes E-ADM-041
```
"""


def page(found: list[Entry], language: str) -> str:
    """The page of all codes in a language, by area."""
    columns = _COLUMNS[language]
    parts = [f"# {_TITLES[language]}\n", _INTRODUCTIONS[language], _LOOK_UP]
    for area, of_area in itertools.groupby(found, key=lambda entry: entry.area):
        parts.append(f"## {AREAS[area][language == 'en']} `{area}`\n")
        parts.append(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
        parts += [_row(entry, language) for entry in of_area]
        parts.append("")
    return "\n".join(parts)


def pages(found: list[Entry]) -> dict[Path, str]:
    """Each page with the text it has to have."""
    return {ROOT / "docs" / folder / "codes.md": page(found, language) for language, folder in FOLDERS.items()}


def main() -> int:
    """Write both pages. Returns the exit status."""
    for file, text in pages(entries(SourceTree(ROOT))).items():
        file.write_text(text, encoding="utf-8")
    return 0


def _row(entry: Entry, language: str) -> str:
    sentence, remedy = entry.said(language)
    anchored = f'<a id="{entry.code.lower()}"></a>{entry.code}'
    raised_in = "<br>".join(f"`{file}`" for file in entry.raised_in)
    return f"| {' | '.join((anchored, _cell(sentence), _cell(remedy), raised_in))} |"


def _cell(text: str) -> str:
    return html.escape(text, quote=False).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
