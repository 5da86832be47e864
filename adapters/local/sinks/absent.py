"""Tables and columns that a mapping names and the county's database does not have: with the near names and all columns.

Nearness alone misleads when the name is another altogether, so whoever mends the mapping is given the list to choose
from as well.
"""

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

from schemas.errors import YunhuobanError, declare

NO_TABLE = declare(
    "E-SRC-022",
    "县本地数据库中没有映射所说的表“{table}”。",
    "请核对 mapping.toml 中的表名，以及账号能否看到这张表；相近的表名：{nearest}。",
)
NO_COLUMN = declare(
    "E-SRC-023",
    "表 {table} 中没有映射所说的列“{column}”。",
    "相近的列：{nearest}；该表的列有：{columns}。请核对 mapping.toml 中的列名。",
)

_NEAR: Final = 3
_ALIKE: Final = 0.5
_NONE: Final = "—"
_LONGEST: Final = 250
"""Characters of a list: a trouble keeps 600 of the whole remedy."""


def no_table(name: str, tables: Iterable[str]) -> YunhuobanError:
    """E-SRC-022 for a table, with the tables whose names are near."""
    nearest = "、".join(_near(name, tables)) or _NONE
    return YunhuobanError(NO_TABLE, place=f"表 {name}", found=name, table=name, nearest=nearest)


def no_columns(table: str, missing: Sequence[str], columns: Sequence[str]) -> YunhuobanError:
    """E-SRC-023 for all columns that a table lacks, each with those whose names are near, and with all it has."""
    nearest = (f"{name} → {'、'.join(_near(name, columns)) or _NONE}" for name in missing)  # looked for while it fits
    return YunhuobanError(
        NO_COLUMN,
        place=f"表 {table}",
        found=_listed(missing, len(missing), "、"),
        table=table,
        column=_listed(missing, len(missing), "、"),
        nearest=_listed(nearest, len(missing), "；"),
        columns=_listed(columns, len(columns), "、"),
    )


def _near(name: str, names: Iterable[str]) -> list[str]:
    alike = {each: _alike(name.lower(), each.lower()) for each in names}
    return sorted((each for each in alike if alike[each] >= _ALIKE), key=lambda each: -alike[each])[:_NEAR]


def _alike(one: str, other: str) -> float:
    """How near two names are, as a whole or word by word: cert_no is short for certificate_number."""
    others = other.split("_")
    words = [max(1.0 if each.startswith(word) else _ratio(word, each) for each in others) for word in one.split("_")]
    return max(_ratio(one, other), sum(words) / len(words))


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _listed(names: Iterable[str], count: int, between: str) -> str:
    """As many as fit, and how many there are (`count`) if that is not all of them."""
    said = ""
    for at, each in enumerate(names):
        longer = f"{said}{between}{each}" if at else each
        if len(longer) > _LONGEST:
            return f"{said}…（{count}）"
        said = longer
    return said
