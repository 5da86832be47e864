"""Begins the folder of a county: a mapping that loads, samples, what they become, and a page that says how to go on."""

import json
from datetime import date
from pathlib import Path
from typing import Final

from adapters.countyit.describing import invented, settingsfile
from adapters.countyit.suggesting import as_toml
from adapters.countyit.suggesting.proposal import Proposal
from adapters.countyit.suggesting.quoting import quoted
from adapters.local.mapping import load_mapping, samples
from adapters.local.mapping.rules import UNFILLED
from certs import files
from schemas.divisions import register
from schemas.divisions.register import Division
from schemas.errors import YunhuobanError, declare

FOLDER_TAKEN = declare("E-MAP-055", "文件夹已经有内容，没有写入任何文件。", "请用 --out 另选一个空的或还没有的文件夹。")

_LINE: Final = "# ---------------------------------------------------------------- "


def division(code: str, today: date) -> Division:
    """The county that a folder is begun for. Raises E-ID-001 to E-ID-005."""
    return register.find_county(code, today)


def begin(folder: Path, county: Division, proposal: Proposal, location: str) -> None:
    """Write the folder of a county whose local system is at `location`.

    Raises E-MAP-055 when anything lies in it; then nothing was written.
    """
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
        if taken:
            raise YunhuobanError(FOLDER_TAKEN, place=folder.name)
        (folder / "samples").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise YunhuobanError(FOLDER_TAKEN, place=folder.name, found=type(error).__name__) from None
    _write(folder / "mapping.toml", mapping(county, proposal))
    files.write_atomically(
        folder / settingsfile.NAME, settingsfile.begin(county, location).encode(), mode=files.PRIVATE
    )
    _write(folder / "README.md", _readme(county))
    _write(folder / "samples" / "records.json", _json(invented.records(proposal, county.code)))
    samples.write_expected(folder, samples.outcomes(load_mapping(folder), samples.sample_records(folder)))


def mapping(county: Division, proposal: Proposal) -> str:
    """The whole `mapping.toml` of a county at its beginning."""
    item = proposal.chosen("service_item")
    here = item is not None and item.column.table is proposal.main
    column = quoted(item.column.name if item is not None and here else UNFILLED)
    ignore = [
        "[[ignore]]",
        f"kind = {quoted(proposal.main.name)}",
        f"when = {{ {column} = {{ starts_with = {quoted('11' + county.code)} }} }}",
        'why = "本县自己的事项，不跨省"',
    ]
    return "\n".join(
        [
            *_head(county),
            f"{_LINE}从哪里读",
            *as_toml.source(proposal),
            "",
            f"{_LINE}写到哪里（收外县来的办件时才需要）",
            *_sink(proposal),
            "",
            f"{_LINE}哪些行与我们无关",
            *(line if here else f"# {line}" for line in ignore),
            "",
            f"{_LINE}读：{proposal.message_type}",
            "# 每一行后面的数字是把握（0–100），其后是理由和别的候选；逐行核对后可以删去。",
            *as_toml.rule(proposal),
            "",
        ]
    )


def _head(county: Division) -> list[str]:
    return [
        f"# {register.full_name(county)}（{county.code}）的字段映射",
        "#",
        "# 左边是标准字段，右边是它从哪里来。改这个文件不需要会编程：",
        '#   "标准字段" = "列名"                                   原样取（去掉首尾空格）',
        '#   "标准字段" = { from = "列名", via = ["函数", …] }      依次经过几个函数',
        '#   "标准字段" = { from = "列名", table = "对照表" }       查代码对照表',
        '#   "标准字段" = { from = "表.列" }                        取同一办件在所属表中的那一行',
        '#   "标准字段" = { const = "值" }                          固定值',
        '#   加上 empty = ""      表示该列可以为空；不写则为空时报错',
        '#   加上 otherwise = ""  表示对照表中没有的代码一律算作它',
        '#   "标准字段" = [ { when = { "列" = "值" }, from = "甲" }, { from = "乙" } ]   按条件取，最后一项不带 when',
        '#   "标准字段" = "待填"                                   还不知道；可以装入，但记录都报 E-MAP-030',
        '# 表里说不清的写进 overrides.py，并在下面加一行 overrides = "overrides.py"，才会装入。',
        "# 函数一览见 docs/zh-CN/county.md；写入本地系统（sink、write）的写法，见随附的样例县 adapters/counties/。",
        "",
        f'county = "{county.code}"',
        f"name = {quoted(county.name)}",
        "",
    ]


def _sink(proposal: Proposal) -> list[str]:
    if proposal.main.reading is not None:
        return ["# [sink]", '# type = "待填"      # 写法见 docs/zh-CN/county.md']
    if proposal.main.pattern:
        return [
            "# [sink]",
            f"# type = {quoted(proposal.main.form)}",
            '# folder = "待填"',
            *([f"# encoding = {quoted(proposal.main.encoding)}"] if proposal.main.encoding else []),
        ]
    return ["# [sink]", '# type = "sql"', '# key_column = "待填"      # 同一内容写两遍，只会有一行']


def _readme(county: Division) -> str:
    return f"""# {county.name}（{county.code}）

| 文件 | 内容 |
|---|---|
| `county.toml` | 县节点的设置；“待填”处填好才能加入 |
| `mapping.toml` | 字段映射；“待填”是还不知道的，“待核”是把握不大的 |
| `samples/records.json` | 本地记录样例，内容是虚构的；请照本县的真实写法改，仍用虚构的人 |
| `samples/expected.json` | 每条样例应得的结果，由 `adapter test --update` 写 |
| `overrides.py`（可以没有） | 本县自己的函数：`FUNCTIONS = {{"名称": 函数}}`；`mapping.toml` 写明 `overrides` 才装入 |

1. `adapter test 本文件夹`：现在的通过只表示文件能装入、样例没变；`[source]` 里还有“待填”时不通过。“样例-寻常”的结果是
   `application.submitted`，映射才算写完。
2. 改 `mapping.toml` 的一处，再运行一次：表里列出变了什么；看过无误，用 `--update` 记下。
3. 没有“待填”了，再用 `adapter translate 本文件夹 本地系统 --html 对照.html` 并排看真实的记录。
4. 填好 `county.toml`，用 `adapter join` 凭邀请码加入，用 `adapter up -d 本文件夹` 运行。
5. 别的报文用 `adapter suggest 本地系统 --message 报文` 得到建议，粘贴到 `mapping.toml`。
"""


def _write(path: Path, text: str) -> None:
    files.write_atomically(path, text.encode())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
