"""How sure a column is the right one for a field: what its name says, corrected by what its values are."""

from collections.abc import Mapping
from typing import Final

from adapters.countyit.suggesting import names
from adapters.countyit.suggesting.evidence import CHECKED, SAID, Evidence
from adapters.countyit.suggesting.proposal import Choice, Column
from adapters.countyit.suggesting.targets import Target

_VALUES_ALONE: Final[Mapping[str, int]] = {
    "item": 62, "license_identifier": 62, "citizen": 50, "document_no": 48, "credit": 50, "phone": 52,
}  # fmt: skip
"""How sure values are without any word in the name."""
_MOST: Final = 0.5
_NEARLY_ALL: Final = 0.8


def weigh(message_type: str, target: Target, column: Column) -> Choice:
    """Weigh one column for one field."""
    name = names.match(message_type, target.path, column.table, column.name)
    sure, said = _judged(target, name.score, column.evidence)
    reason = "；".join(part for part in (name.reason, said) if part)
    return Choice(column, max(0, min(99, round(sure))), reason)


def _judged(target: Target, name: int, found: Evidence) -> tuple[float, str]:
    if not found.rows:
        return name * 0.85, "表中还没有数据，只比较了名称"
    if not found.texts:
        return name * 0.53, "样本中该列全部为空"
    if target.shape:
        return _shaped(target, name, found)
    if not name:
        return 0, ""
    for shape in CHECKED:
        if found.shares[shape] >= _NEARLY_ALL:
            return name * 0.3, f"但值是{SAID[shape]}"
    if found.shares["time"] >= _NEARLY_ALL:
        return name * 0.4, "但值是日期或时间"
    return name, ""


def _shaped(target: Target, name: int, found: Evidence) -> tuple[float, str]:
    share = found.shares[target.shape]
    if share < _MOST:
        return name * 0.35, f"但只有 {share:.0%} 的值是{SAID[target.shape]}"
    said = f"{'全部' if share == 1 else format(share, '.0%') + ' 的'}值是{SAID[target.shape]}"
    if target.shape == "code":
        return name * 0.75 + 22 if name else 0, f"只有 {len(found.codes())} 种短值，像代码"
    if not name:
        return _VALUES_ALONE.get(target.shape, 0) * share, f"只凭值：{said}"
    return name * 0.6 + 40 * share, said
