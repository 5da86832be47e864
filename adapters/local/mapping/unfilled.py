"""What a mapping has not said yet of how the local system is read: as a problem of the mapping, not of its rows."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.local.mapping import CountyMapping
from adapters.local.mapping.rules import UNFILLED
from schemas.errors import YunhuobanError, declare

SOURCE_UNFILLED: Final = declare(
    "E-MAP-060",
    "映射还没有说明怎样读本地系统：{places} 还是“待填”。",
    "请在 mapping.toml 中填好；order 写一个新行总比旧行大的列（写入时间或编号），新行靠它找到。",
)


def problem(mapping: CountyMapping) -> YunhuobanError | None:
    """E-MAP-060 with every place under `[source]` where 待填 stands; None when nothing does."""
    places = list(_places(mapping.rules.source, "source"))
    if not places:
        return None
    return YunhuobanError(SOURCE_UNFILLED, place=mapping.place, found=UNFILLED, places="、".join(places))


def _places(value: Any, name: str) -> Iterator[str]:
    if value == UNFILLED:
        yield name
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _places(each, f"{name}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from _places(each, name)
