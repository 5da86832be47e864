"""How well the name of a column fits a field: 0 to 100, with the reason in Chinese.

The ladder, best first: the column of a national table, the field's own name, a usual word, the database's own comment,
the word in pinyin, its initials, a part of the word, common Latin parts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from adapters.countyit.suggesting import words
from adapters.countyit.suggesting.seen import Table
from adapters.local.mapping.functions.plain import half_width
from schemas.catalogue import initials

_BRACKETS: Final = re.compile(r"\([^()]*\)")
_PARTS: Final = re.compile(r"[_\-\s./]+|(?<=[a-z0-9])(?=[A-Z])")
UNIT_TAIL: Final = re.compile(r"[_\-\s](wan|wanyuan|wy|yuan)$", re.IGNORECASE)
"""What stands behind the name of an amount: zczb_wan, reg_capital_wanyuan; the unit is no part of what is meant."""
_CHINESE: Final = re.compile("[\u3400-\u9fff]")
_LONGEST: Final = 60
_REMEMBERED: Final = 20_000  # names; a large hall has fewer columns
# What stands behind the initials of a word instead of its last characters: gzs_no for 告知书编号.
_TAILS: Final = {
    "no": ("编号", "号码", "号"),
    "code": ("代码", "编码", "号码"),
    "time": ("时间",),
    "date": ("日期", "日"),
}


@dataclass(frozen=True, slots=True)
class Match:
    """How well a name fits, and why."""

    score: int
    reason: str


NONE: Final = Match(0, "")


def match(message_type: str, path: str, table: Table, column: str) -> Match:
    """The best reason to take a column for a field (`materials.name` for one of a list), by their names."""
    known = table.name.lower() if table.name.lower() in words.NATIONAL.get(message_type, {}) else ""
    return _match(message_type, path, known, UNIT_TAIL.sub("", column), bare(table.comments.get(column) or ""))


@lru_cache(maxsize=_REMEMBERED * 10)
def _match(message_type: str, path: str, table: str, column: str, comment: str) -> Match:
    reasons = _reasons(message_type, path, table, column, comment)
    best = max(reasons, key=lambda each: each.score, default=NONE)
    return best if best.score > 0 else NONE


def national(message_type: str, path: str, table: str, column: str) -> Match:
    """Whether the national exchange tables keep the field in a column of this name; `table` is one of them or empty."""
    tables = words.NATIONAL.get(message_type, {})
    here = tables.get(table, {}).get(column.lower())
    if here == path:
        return Match(96, f"国家交换表 {table} 的列")
    joined = column.lower().replace("_", "")
    named = {(name.replace("_", ""), field) for columns in tables.values() for name, field in columns.items()}
    if here is None and (joined, path) in named:
        return Match(70, "国家交换表的列名")
    return NONE


def _reasons(message_type: str, path: str, table: str, column: str, comment: str) -> Iterator[Match]:
    plain = bare(column)
    if not plain:
        return
    yield national(message_type, path, table, column)
    joined = "".join(_parts(column))
    own = path.rpartition(".")[2]
    if plain in (path.replace(".", "_"), path):
        yield Match(94, "与标准字段同名")
    elif plain == own:
        yield Match(90 if "_" in own else 62, "与标准字段同名")
    for place, word in enumerate(words.of(message_type, path)):
        less = min(place, 10)
        if bare(word) in (plain, joined) or word.replace("_", "") == joined:
            yield Match(93 - less, f"列名就是“{word}”")
        if comment:
            yield _comment(word, comment, less)
        if _CHINESE.search(word):
            yield _spelled(word, column, joined, less)
            yield _partly(word, plain, less)
        else:
            yield _alike(word, column, less)
    yield _alike(path.replace(".", "_"), column, 0)


@lru_cache(maxsize=_REMEMBERED)
def bare(name: str) -> str:
    """A name in small half-width letters, without what stands in brackets and without blanks."""
    return "".join(_BRACKETS.sub("", half_width(name[:_LONGEST])).lower().split())


@lru_cache(maxsize=_REMEMBERED)
def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.lower() for part in _PARTS.split(half_width(name[:_LONGEST])) if part)


def _comment(word: str, comment: str, less: int) -> Match:
    if comment == bare(word):
        return Match(91 - less, f"列的注释就是“{word}”")
    return Match(60 - less, f"列的注释提到“{word}”") if len(word) > 1 and bare(word) in comment else NONE


def _spelled(word: str, column: str, joined: str, less: int) -> Match:
    """Pinyin: shiban, qymc, fddbr_zjhm, gzs_no; a county's own prefix before it (wq_qymc) is passed over."""
    if not joined.isascii():
        return NONE
    parts = _parts(column)
    forms = {joined: 0} | ({"".join(parts[1:]): 4} if len(parts) > 1 else {})
    whole, short = _pinyin(word)
    for form, cost in forms.items():
        if form == whole and len(form) > 3:
            return Match(85 - less - cost, f"列名是“{word}”的拼音")
        if form == short and len(form) > 1:
            return Match({2: 66, 3: 76}.get(len(form), 83) - less - cost, f"列名是“{word}”的拼音首字母")
    for tail in _TAILS.get(parts[-1], ()) if len(parts) > 1 else ():
        if word.endswith(tail) and len(stem := word.removesuffix(tail)) > 1 and parts[-2] == _pinyin(stem)[1]:
            return Match(72 - less, f"列名是“{stem}”的拼音首字母加 {parts[-1]}")
    return NONE


def _partly(word: str, plain: str, less: int) -> Match:
    short, long = sorted((bare(word), plain), key=len)
    if len(short) < 2 or not _CHINESE.search(plain) or short == long or short not in long:
        return NONE
    share = len(short) / len(long)
    said = "列名含有" if long == plain else "列名是其中一部分："
    return Match(round(48 + 28 * share) - less, f"{said}“{word}”")


def _alike(word: str, column: str, less: int) -> Match:
    mine, other = _roots(word), _roots(column)
    if not mine or not other:
        return NONE
    share = len(mine & other) / len(mine | other)
    return Match(round(30 + 40 * share) - less, f"列名与 {word} 相近") if share >= 0.5 else NONE


@lru_cache(maxsize=_REMEMBERED)
def _roots(name: str) -> frozenset[str]:
    """The English roots of a name, applyertype like applyer_type; what is no root stands for itself."""
    found: set[str] = set()
    for part in _parts(name):
        roots = _cut(part)
        found |= {same for root in roots for same in words.ROOTS[root]} if roots else {part}
    return frozenset(found)


def _cut(part: str) -> list[str]:
    """The roots that a part is put together from; none when something is left over."""
    roots: list[str] = []
    while part:
        root = max((each for each in words.ROOTS if part.startswith(each)), key=len, default="")
        if not root:
            return []
        roots.append(root)
        part = part[len(root) :]
    return roots


@cache
def _pinyin(word: str) -> tuple[str, str]:
    return initials.spelled(word), initials.usual(word)
