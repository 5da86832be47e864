"""Writes a proposal as part of a `mapping.toml` that loads at once: every line says how sure it is and why.

What nothing was found for stands there as 待填: the mapping loads, and each record says what is still to be filled in.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.countyit.suggesting import tables, words
from adapters.countyit.suggesting.cells import CellPlan, plan
from adapters.countyit.suggesting.proposal import FieldProposal, ListProposal, Proposal
from adapters.countyit.suggesting.quoting import array, assigned, quoted, remark
from adapters.countyit.suggesting.seen import Table
from adapters.countyit.suggesting.targets import CONSTANTS, targets
from adapters.local.mapping.rules import UNFILLED

_OURS: Final = "data_source"
_RULE_LEVEL: Final = ("case", "trial")


def source(proposal: Proposal) -> list[str]:
    """The `[source]` of a mapping: the table that is read, and the others as comments."""
    main = proposal.main
    if main.reading is not None:
        return ["# 读取方式照 --reading 的文件写，columns 补上了看到的列。", *tables.lines("source", main.reading)]
    if main.pattern:
        lines = ["[source]", f"type = {quoted(main.form)}"]
        lines += [f"folder = {quoted(main.folder)}      # 在本地系统的文件夹里"] if main.folder else []
        lines += [f"encoding = {quoted(main.encoding)}   # 文件自己写明的以文件为准"] if main.encoding else []
        lines += ["patience_seconds = 60     # 没写完的文件等多久才报告", ""]
        written = _file(main, _key(proposal), proposal.children)
        alike = [each for each in proposal.others if (each.folder, each.form) == (main.folder, main.form)]
        others = [_file(each, each.columns[:1], {}) for each in alike]
    else:
        order, kind = _order(main)
        lines = ["[source]", 'type = "sql"', f'order_kind = "{kind}"', ""]
        written = _sql_table(main, _key(proposal), order, proposal.children)
        others = [_sql_table(each, each.key or each.columns[:1], _order(each)[0], {}) for each in proposal.others]
    lines += written
    if others:
        lines += ["", "# 还看到下面这些。要用时去掉行首的 #，核对 key 和 order，再为它写一条 read 或 ignore。"]
        lines += [f"# {line}" for each in others for line in each]
    return lines


def rule(proposal: Proposal) -> list[str]:
    """Code tables and the read rule of one message."""
    plans = {each.target.path: plan(each) for each in proposal.fields}
    inside = [{each.target.path: plan(each) for each in found.fields} for found in proposal.lists]
    lines = [line for some in (plans, *inside) for path, cell in some.items() if cell for line in _table(path, cell)]
    lines += (
        [] if proposal.likely else [f"# 待核：没有一张表像 {proposal.message_type}，{UNFILLED} 的很多；请核对 kind。"]
    )
    lines += [f"[read.{quoted(proposal.message_type)}]", f"kind = {quoted(proposal.main.name)}"]
    national = words.WHEN.get((proposal.message_type, proposal.main.name.lower()), {})
    when = ", ".join(f"{name} = {value}" for name, value in national.items() if name in proposal.main.columns)
    lines += (
        [f"when = {{ {when} }}"]
        if when
        else ['# when = { "列名" = "值" }      待核：这张表里不全是这种记录时，写明是哪些行']
    )
    lines += [_line("case", plans["case"])]
    if proposal.opens:
        item = proposal.chosen("service_item")
        column = quoted(item.column.written if item else UNFILLED)
        lines += [f'destination = {{ from = {column}, via = ["division_of_item"] }}   # 由实施编码看出属地']
        lines += [f'service_item = {{ from = {column}, via = ["item"] }}']
        lines += [_line("trial", plans["trial"]) if plans.get("trial") else '# trial = "待填"      试办标记，可以没有']
    lines += ["", f"[read.{quoted(proposal.message_type)}.fields]"]
    for path, (value, why) in CONSTANTS.get(proposal.message_type, {}).items():
        lines += [f"{quoted(path)} = {{ const = {quoted(value)} }}   # {why}"]
    lines += [_field(path, plans[path], each) for path, each in _by_path(proposal) if path not in _RULE_LEVEL]
    for found, cells in zip(proposal.lists, inside, strict=True):
        lines += ["", *_list(proposal, found, cells)]
    return lines


def _by_path(proposal: Proposal) -> list[tuple[str, FieldProposal]]:
    return [(each.target.path, each) for each in proposal.fields]


def _list(proposal: Proposal, found: ListProposal, cells: Mapping[str, CellPlan | None]) -> list[str]:
    head = f"[read.{quoted(proposal.message_type)}.lists.{quoted(found.path)}"
    lines = [f"# {found.doc}：{remark(found.reason) or '没有找到像的表或列'}", f"{head}]"]
    lines += [f"from = {quoted(found.source or UNFILLED)}"]
    if found.pieces:
        lines += [f"rows = {quoted(found.row_separator)}", f"cells = {quoted(found.cell_separator)}"]
        lines += [f"columns = {array(found.pieces)}"]
    lines += ["", f"{head}.fields]"]
    if found.fields:
        return lines + [_field(each.target.path, cells[each.target.path], each) for each in found.fields]
    wanted = targets(proposal.message_type).lists[found.path]
    return lines + [_field(each.path, plan(FieldProposal(each)), FieldProposal(each)) for each in wanted]


def _field(path: str, cell: CellPlan | None, proposal: FieldProposal) -> str:
    name = path.partition(".")[2] if path.startswith(("materials.", "defects.")) else path
    if cell is None:
        return f"# {quoted(name)} = {quoted(UNFILLED)}   # {proposal.target.leaf.doc}，可以没有"
    return _line(name, cell, quoted(name), path)


def _line(name: str, cell: CellPlan | None, key: str = "", path: str = "") -> str:
    assert cell is not None  # noqa: S101 -- required fields always have one
    text = f"{key or name} = {_right(path or name, cell)}"
    others = [f"{each.column.written}（{each.confidence}）" for each in cell.choices[1:]]
    also = f"；另可：{'、'.join(others)}" if others else ""
    unknown = f"；{cell.unknown} 种代码待填" if cell.unknown else ""
    return f"{text}   # {remark(cell.note + also + unknown)}"


def _right(path: str, cell: CellPlan) -> str:
    if cell.const is not None:
        return f"{{ const = {_value(cell.const)} }}"
    parts = [f"from = {quoted(cell.column)}"]
    parts += [f"via = {array(cell.via)}"] if cell.via else []
    parts += [f"table = {quoted(path)}"] if cell.table is not None else []
    parts += [f"otherwise = {_value(cell.otherwise)}"] if cell.otherwise is not None else []
    parts += [f"empty = {_value(cell.empty)}"] if cell.empty is not None else []
    return quoted(cell.column) if len(parts) == 1 else f"{{ {', '.join(parts)} }}"


def _value(value: str | int) -> str:
    return quoted(value) if isinstance(value, str) else str(value)


def _table(path: str, cell: CellPlan) -> list[str]:
    if cell.table is None:
        return []
    lines = [f"[tables.{quoted(path)}]      # 左：本地代码，右：标准值；请逐行核对"]
    lines += [f"{quoted(code)} = {quoted(value)}" for code, value in cell.table.items()]
    if cell.unknown:
        lines += [f'# "待填" = "标准值"      还有 {cell.unknown} 种代码不知道含义，请在本地系统中查看后补上']
    return [*lines, ""]


def _key(proposal: Proposal) -> Sequence[str]:
    """What tells a row from others; where further sheets belong to it, the column that they name it by."""
    links = set(proposal.children.values())
    if proposal.main.form == "xlsx" and links:
        return sorted(links)[:1]
    case = proposal.chosen("case")
    own = case is not None and case.column.table is proposal.main
    return proposal.main.key or ([case.column.name] if case and own else proposal.main.columns[:1])


def _order(table: Table) -> tuple[str, str]:
    """The column that says when a row was written, and whether it is a time or a number."""
    lower = {name.lower(): name for name in table.columns}
    if known := next((lower[each] for each in words.ORDER if each in lower), None):
        return known, "time"
    numbers = [name for name in table.key if all(isinstance(value, int) for value in table.values[name])]
    if len(table.key) == 1 and numbers and table.values[numbers[0]]:
        return numbers[0], "number"
    return UNFILLED, "time"


def _sql_table(table: Table, key: Sequence[str], order: str, children: Mapping[str, str]) -> list[str]:
    lines = [f"[source.tables.{quoted(table.name)}]", f"key = {array(key)}", f"order = {quoted(order)}"]
    if _OURS in table.columns:
        lines += [f'skip = {{ {_OURS} = "yunhuoban" }}   # 我们自己写进去的行不再读回来']
    if children:
        pairs = ", ".join(f"{quoted(name)} = {quoted(link)}" for name, link in children.items())
        lines += [f"children = {{ {pairs} }}"]
    return lines


def _file(table: Table, key: Sequence[str], children: Mapping[str, str]) -> list[str]:
    lines = [f"[source.files.{quoted(table.name)}]", f"pattern = {quoted(table.pattern)}", f"key = {array(key)}"]
    if table.form == "xlsx":
        lines += [f"sheet = {quoted(table.place)}      # 工作表"]
    elif table.form in ("json", "xml") and table.place != "$":
        lines += [f"rows = {quoted(table.place)}      # 记录在文件里的位置"]
    lines += assigned("columns", table.columns)
    lines += assigned("optional", table.optional, "   # 可以不写的") if table.optional else []
    if children:
        pairs = ", ".join(f"{quoted(name)} = {quoted(link)}" for name, link in children.items())
        said = "另外的工作表 = 其中写着本行编号的列" if table.form == "xlsx" else "属于本条的多行 = 在本条里的位置"
        lines += [f"children = {{ {pairs} }}   # {said}"]
    return lines
