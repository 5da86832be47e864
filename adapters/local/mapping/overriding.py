"""The county's own functions: one `overrides.py` beside the mapping, loaded only when the mapping names it.

It is code and runs with the rights of the node, so a file that merely lies there is never run: `overrides =
"overrides.py"` in `mapping.toml` says that the county means it. `FUNCTIONS` is a dict of name to a pure function of one
cell; `BACK`, which may be missing, a dict of the same names to what undoes them.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from adapters.local.mapping.functions import Function
from adapters.local.mapping.named import NAMED, Named
from schemas.errors import YunhuobanError, declare

BAD_OVERRIDES = declare(
    "E-MAP-053", "县自己的 overrides.py 不能装入。", "请检查所指的行；FUNCTIONS 和 BACK 应是名称到函数的字典。"
)
NAME_TAKEN = declare("E-MAP-054", "overrides.py 中的函数“{name}”与已有函数重名。", "请换一个名称。")
NOT_NAMED = declare(
    "E-MAP-049",
    "文件夹里的 overrides.py 与映射所写的不一致。",
    '要用它，请在 mapping.toml 的开头写 overrides = "overrides.py"，并让文件在同一文件夹；不用，请删去文件和这一项。',
)

FILE: Final = "overrides.py"
_NO_WAY: Final = "overrides.py 的 BACK 里没有它"


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the file adds, and its bytes, which belong to the identity of the mapping."""

    named: Mapping[str, Named] = field(default_factory=dict)
    data: bytes = b""


def load(folder: Path, named: object) -> Overrides:
    """Load the file that the mapping names. Raises E-MAP-049, E-MAP-053 or E-MAP-054."""
    path = folder / FILE
    place = f"{folder.name}/{FILE}"
    there = path.exists()
    if not there and named == "":
        return Overrides()
    if not there or named != FILE:
        raise YunhuobanError(NOT_NAMED, place=place, found=FILE if there else "", expected=str(named)[:60] or "—")
    module: dict[str, Any] = {"__name__": "overrides", "__file__": str(path)}
    try:
        data = path.read_bytes()
        exec(compile(data, str(path), "exec"), module)  # noqa: S102 -- the county's own file, named in its mapping
    except Exception as error:  # noqa: BLE001 -- whatever the county's own file raises: its kind and its line
        raise YunhuobanError(BAD_OVERRIDES, place=_line(place, path, error), found=type(error).__name__) from None
    functions, back = _dict(module, "FUNCTIONS", place), _dict(module, "BACK", place) if "BACK" in module else {}
    for name in functions:
        if name in NAMED:
            raise YunhuobanError(NAME_TAKEN, place=place, found=name, name=name)
    if strangers := [name for name in back if name not in functions]:
        raise YunhuobanError(BAD_OVERRIDES, place=place, found=strangers[0], expected="、".join(functions))
    return Overrides(
        {name: Named(apply=each, zh=name, back=back.get(name), refuses=_NO_WAY) for name, each in functions.items()},
        data,
    )


def _dict(module: Mapping[str, Any], name: str, place: str) -> dict[str, Function]:
    found = module.get(name)
    if not isinstance(found, dict) or not all(isinstance(k, str) and callable(v) for k, v in found.items()):
        raise YunhuobanError(BAD_OVERRIDES, place=place, found=name, expected=f'{name} = {{"名称": 函数}}')
    return found


def _line(place: str, path: Path, error: Exception) -> str:
    """Where in the file it went wrong."""
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{place} 第 {error.lineno} 行"
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == str(path)]
    return f"{place} 第 {lines[-1]} 行" if lines else place
