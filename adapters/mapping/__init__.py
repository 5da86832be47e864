"""The mapping of one county: from its own records to canonical ones and back, as a table that a person can read.

`mapping.toml` says it all; an optional `overrides.py` beside it adds named functions (`FUNCTIONS`, a dict of name to
a pure function of one cell), loaded by path. Translating touches nothing: sources read, sinks write.
"""

import importlib.util
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from adapters.mapping import document, reading, writing
from adapters.mapping.functions import FUNCTIONS, Function
from adapters.mapping.records import Lineage, MappingFailed, Translation, WriteContext
from adapters.mapping.rules import Rules
from adapters.sinks import LocalWrite
from adapters.sources import LocalRecord
from schemas.errors import YunhuobanError, declare

__all__ = ["CountyMapping", "Lineage", "MappingFailed", "Translation", "WriteContext", "load_mapping"]

NO_FILE = declare("E-MAP-051", "读不到县的映射文件。", "请检查该县文件夹中是否有 mapping.toml，以及是否有读取权限。")
NOT_TOML = declare(
    "E-MAP-052", "映射文件的写法不对。", "请检查所指的行：中文名称要加英文双引号，引号要成对，文件要用 UTF-8 编码。"
)
BAD_OVERRIDES = declare(
    "E-MAP-053", "县自己的 overrides.py 不能装入。", "请检查该文件；FUNCTIONS 应是名称到函数的字典。"
)
NAME_TAKEN = declare("E-MAP-054", "overrides.py 中的函数“{name}”与已有函数重名。", "请换一个名称。")


class CountyMapping:
    """One county's mapping, checked and ready; `load_mapping` makes one."""

    def __init__(self, rules: Rules, place: str) -> None:
        """Keep the rules and the name of the file that they come from."""
        self.rules = rules
        self.place = place
        self.county = rules.county
        self.name = rules.name

    def read(self, record: LocalRecord) -> Translation | None:
        """Translate a local record; None when it is none of ours. Raises MappingFailed with every problem."""
        return reading.read(self.rules, record)

    def write(self, message_type: str, canonical: Mapping[str, Any], context: WriteContext) -> Sequence[LocalWrite]:
        """Make the local writes that a message leaves behind. Raises MappingFailed."""
        return writing.write(self.rules, message_type, canonical, context)


def load_mapping(folder: Path) -> CountyMapping:
    """Read a county's folder. Raises MappingFailed with every problem of the file, or E-MAP-051 to E-MAP-054."""
    path = folder / "mapping.toml"
    place = f"{folder.name}/mapping.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise YunhuobanError(NO_FILE, place=place, found=type(error).__name__) from None
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits
        raise YunhuobanError(NOT_TOML, place=place, found=str(error)[:200]) from None
    functions = {**FUNCTIONS, **_overrides(folder / "overrides.py")}
    return CountyMapping(document.parse(data, MappingProxyType(functions), place), place)


def _overrides(path: Path) -> dict[str, Function]:
    if not path.exists():
        return {}
    place = f"{path.parent.name}/overrides.py"
    spec = importlib.util.spec_from_file_location(f"yunhuoban_overrides_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise YunhuobanError(BAD_OVERRIDES, place=place)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # noqa: BLE001 -- whatever the county's own file raises, its name and kind are the answer
        raise YunhuobanError(BAD_OVERRIDES, place=place, found=type(error).__name__) from None
    found = getattr(module, "FUNCTIONS", None)
    if not isinstance(found, dict) or not all(isinstance(k, str) and callable(v) for k, v in found.items()):
        raise YunhuobanError(BAD_OVERRIDES, place=place, expected='FUNCTIONS = {"名称": 函数}')
    for name in found:
        if name in FUNCTIONS:
            raise YunhuobanError(NAME_TAKEN, place=place, found=name, name=name)
    return found
