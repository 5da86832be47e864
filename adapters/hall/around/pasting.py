"""A list pasted from a spreadsheet: one line to a row, its cells apart by tabs.

What is wrong is named by line and column. Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.hall.around.forms import Rows
from adapters.hall.around.values import value_of
from schemas.errors import YunhuobanError, declare

CELL_ODD: Final = declare(
    "E-AROUND-023",
    "粘贴的第 {line} 行第 {column} 列没有填，或者不合要求（{why}）。",
    "请改正这一格；各列之间用制表符（从表格软件复制时自动带有），每行一个人。",
)
COLUMNS_ODD: Final = declare(
    "E-AROUND-024",
    "粘贴的第 {line} 行有 {found} 列，应为 {expected} 列。",
    "请按表头的次序只复制这几列，再整体粘贴。",
)
TOO_MANY: Final = declare("E-AROUND-025", "行数太多：{found} 行，最多 {expected} 行。", "请分成几份清单提交。")


def lines_of(rows: Rows, text: str) -> list[dict[str, Any]]:
    """The rows, numbered from one; empty lines are left out.

    Raises E-AROUND-023 to -025 for the first thing that is wrong.
    """
    typed = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(typed) > rows.most:
        raise YunhuobanError(TOO_MANY, place=rows.path, found=str(len(typed)), expected=str(rows.most))
    return [{"line": row, **_cells(rows, number, line)} for row, (number, line) in enumerate(typed, 1)]


def _cells(rows: Rows, number: int, line: str) -> Mapping[str, Any]:
    cells: Sequence[str] = [each.strip() for each in line.split("\t")]
    wanted, needed = len(rows.columns), sum(each.required for each in rows.columns)
    if not needed <= len(cells) <= wanted:
        raise YunhuobanError(
            COLUMNS_ODD, place=rows.path, line=str(number), found=str(len(cells)), expected=str(wanted)
        )
    found: dict[str, Any] = {}
    for column, ask in enumerate(rows.columns, 1):
        try:
            found[ask.path] = value_of(ask, cells[column - 1] if column <= len(cells) else "")
        except YunhuobanError as error:
            raise YunhuobanError(
                CELL_ODD,
                place=rows.path,
                expected=error.expected,
                line=str(number),
                column=str(column),
                why=error.code.code,
            ) from error
    return found
