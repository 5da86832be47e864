"""Takes the bytes of one JSON file apart: a list of objects, or what stands at the rule's path, is its rows.

A file that does not end as JSON does is not finished, or broken as a whole: nothing says where its next row begins.
"""

import json
from typing import Any, Final

from adapters.local.sources.cellvalues import DIGITS_LOST, MOST_DIGITS, Unfit, number
from adapters.local.sources.encodings import decoded, marked
from adapters.local.sources.filerows import MOST_ROWS, Content, FileRule, beyond, not_well_formed
from adapters.local.sources.nested import NO_ROWS, Several, at_path, record
from schemas.errors import YunhuobanError

_LONGEST_NUMBER: Final = 400


def parse(data: bytes, rule: FileRule, encoding: str, place: str) -> Content:
    """Take a file apart; the place of each row is `place` and its path."""
    try:
        tree, encoding = tree_of(data, encoding)
    except json.JSONDecodeError as error:
        return not_well_formed("JSON", place, f"第 {error.lineno} 行第 {error.colno} 个字符")
    except RecursionError:
        return beyond(place, "层", 1000)
    try:
        rows = at_path(tree, rule.rows)
    except YunhuobanError as error:
        error.place = place
        return Content([error], finished=True)
    if not rows and not is_list(tree, rule.rows):
        return Content([YunhuobanError(NO_ROWS, place=place, expected=rule.rows or "[ … ]")], finished=True)
    if len(rows) > MOST_ROWS:
        return beyond(place, f"{len(rows)} 条", MOST_ROWS)
    path = ".".join(filter(None, ("$", rule.rows)))
    return Content(
        [record(row, rule, encoding, f"{place} 路径 {path}[{at}]") for at, row in enumerate(rows)], finished=True
    )


def tree_of(data: bytes, encoding: str) -> tuple[Any, str]:
    """The values of a JSON text, and the encoding that it has. Raises json.JSONDecodeError or RecursionError."""
    data, said = marked(data)
    encoding = said or encoding
    return json.loads(
        decoded(data, encoding),
        object_pairs_hook=_object, parse_int=_whole, parse_float=_real, parse_constant=_constant,
    ), encoding  # fmt: skip


def is_list(tree: Any, path: str) -> bool:
    """Whether a list stands at the path, be it an empty one."""
    for name in path.split(".") if path else ():
        tree = tree.get(name) if isinstance(tree, dict) else None
    return isinstance(tree, list)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = Several((found[name], value)) if name in found else value
    return found


def _whole(text: str) -> int | Unfit:
    return int(text) if len(text.lstrip("-")) <= MOST_DIGITS else Unfit(DIGITS_LOST, f"{len(text)} 位数字")


def _real(text: str) -> Any:
    return number(float(text)) if len(text) <= _LONGEST_NUMBER else Unfit(DIGITS_LOST, f"{len(text)} 位数字")


def _constant(text: str) -> Unfit:
    return Unfit(DIGITS_LOST, text)
