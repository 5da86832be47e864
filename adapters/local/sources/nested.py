"""From a tree of names and values, as JSON and XML are, to records: flat columns, and rows that belong to a row.

A value inside another is the column of both names with a dot between them (企业.名称). A list is no cell; what the
rule's `children` point to becomes rows of their own. Names that nobody asked for may say what they like.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.local.mapping.functions.plain import half_width
from adapters.local.sources import LocalRecord
from adapters.local.sources.cellvalues import CELL_KIND, Unfit, text_problem
from adapters.local.sources.filerows import BEYOND, FileRule, keyed, together
from schemas.errors import YunhuobanError, declare

SEVERAL = declare(
    "E-SRC-058",
    "“{column}”在一条记录里有好几个值。",
    "一列只能有一个值；属于这条记录的多行，请在 mapping.toml 的 children 中说明。",
)
NO_NAME = declare(
    "E-SRC-059",
    "这条记录里没有“{column}”。",
    "请让本地系统写出该项；可以不写的，请在 mapping.toml 的 optional 中说明。",
)
NO_ROWS = declare("E-SRC-061", "文件里没有映射所说的记录。", "请核对 mapping.toml 中的 rows 和文件的内容。")

_MOST_DEPTH: Final = 20
_MOST_NAMES: Final = 1000
_SHOWN: Final = 60


class Several(tuple[Any, ...]):
    """The values of one name that stands more than once where it may stand once."""

    __slots__ = ()


class _Wrong(Exception):  # noqa: N818 -- carries an error on its way out of the tree
    def __init__(self, error: YunhuobanError) -> None:
        super().__init__()
        self.error = error


def at_path(tree: Any, path: str) -> list[Any]:
    """What stands at a path of names joined by dots, in every list on the way. Raises E-SRC-058 for a name twice."""
    found = [tree]
    for name in path.split(".") if path else ():
        found = [each[name] for each in _spread(found) if isinstance(each, dict) and name in each]
        if any(isinstance(each, Several) for each in found):
            raise YunhuobanError(SEVERAL, column=name)
    return _spread(found)


def _spread(values: Sequence[Any]) -> list[Any]:
    return [inner for each in values for inner in (each if isinstance(each, list) else [each])]


def record(tree: Any, rule: FileRule, encoding: str, place: str) -> LocalRecord | YunhuobanError:
    """The record of one row, or what is wrong with it."""
    try:
        if isinstance(tree, Unfit) or not isinstance(tree, dict):
            return YunhuobanError(CELL_KIND, place=place, found=type(tree).__name__, expected="一条记录")
        flat = _Flat(rule, encoding, place)
        row, problems = flat.row(tree), flat.problems
        asked = [each for each in rule.columns if each not in rule.optional]
        missing = [each for each in asked if each not in row and each not in flat.wrong]
        problems += [YunhuobanError(NO_NAME, place=place, expected=each, column=each) for each in missing]
        children = {
            name: _children(tree, name, path, rule, encoding, place, problems) for name, path in rule.children.items()
        }
    except _Wrong as wrong:
        return wrong.error
    if problems:
        return together(problems, place)
    return keyed(rule, {**dict.fromkeys(rule.columns), **row}, place, children)


def _children(
    tree: Any, name: str, path: str, rule: FileRule, encoding: str, place: str, problems: list[YunhuobanError]
) -> list[Mapping[str, object]]:
    try:
        found = [each for each in at_path(tree, path) if each not in (None, "")]
    except YunhuobanError as error:
        error.place = place
        problems.append(error)
        return []
    inner = FileRule(kind=rule.kind, pattern="", columns=(), key=())
    rows: list[Mapping[str, object]] = []
    for at, each in enumerate(found, 1):
        flat = _Flat(inner, encoding, f"{place} {name} 第 {at} 条")
        rows.append(flat.row(each if isinstance(each, dict) else {name: each}))
        problems += flat.problems
    return rows


class _Flat:
    """One tree on its way to a flat row."""

    def __init__(self, rule: FileRule, encoding: str, place: str) -> None:
        self._names = {half_width(column): column for column in rule.columns}
        self._asked = set(rule.columns)
        self._apart = set(rule.children.values())
        self._encoding = encoding
        self._place = place
        self._row: dict[str, object] = {}
        self.problems: list[YunhuobanError] = []
        self.wrong: set[str] = set()
        """Columns that are there, but wrong."""

    def row(self, tree: Mapping[str, Any]) -> dict[str, object]:
        """The cells that are in order; what is wrong is in `problems`. Raises _Wrong for a tree beyond its bounds."""
        self._walk(tree, "", 1)
        return self._row

    def _walk(self, tree: Mapping[str, Any], path: str, depth: int) -> None:
        if depth > _MOST_DEPTH:
            raise _Wrong(YunhuobanError(BEYOND, place=self._place, found="层", expected=f"最多 {_MOST_DEPTH}"))
        for name, value in tree.items():
            self._text(name, self._place)
            at = ".".join(filter(None, (path, name)))
            if at in self._apart:
                continue
            if isinstance(value, dict):
                self._walk(value, at, depth + 1)
            else:
                self._cell(half_width(at), value)

    def _cell(self, at: str, value: Any) -> None:
        column = self._names.get(at, at)
        place = f"{self._place} “{column[:_SHOWN]}”列"
        several = isinstance(value, Several | list) or column in self._row
        if several and column in self._asked:
            self._note(YunhuobanError(SEVERAL, place=place, column=column[:_SHOWN]), column)
        if several:
            return
        if isinstance(value, Unfit):
            self._note(value.at(place), column)
            return
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, str):
            self._text(value, place)
        self._row[column] = value
        if len(self._row) > _MOST_NAMES:
            raise _Wrong(YunhuobanError(BEYOND, place=self._place, found="列", expected=f"最多 {_MOST_NAMES}"))

    def _text(self, text: str, place: str) -> None:
        problem = text_problem(text, self._encoding, place)
        if problem is not None:
            self.problems.append(problem)

    def _note(self, problem: YunhuobanError, column: str) -> None:
        self.problems.append(problem)
        self.wrong.add(column)
