"""Reading a table of settings strictly: an unknown key is an error that names the nearest known one.

All problems of a file are collected, because a person who writes a mapping wants to see them together.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.errors import Code, YunhuobanError, declare

UNKNOWN_KEY = declare("E-MAP-041", "映射中有不认识的项“{key}”。", "最接近的是“{nearest}”；请改正拼写，或删去该项。")
MISSING_KEY = declare("E-MAP-042", "映射中缺少“{key}”。", "请补上该项。")
WRONG_VALUE = declare("E-MAP-043", "映射中“{key}”的写法不对。", "请按“应为”一栏的写法改正。")


class Problems:
    """The problems found so far in one file."""

    def __init__(self) -> None:
        self.found: list[YunhuobanError] = []

    def add(self, code: Code, place: str, *, found: str = "", expected: str = "", **params: str) -> None:
        """Note one problem."""
        self.found.append(YunhuobanError(code, place=place, found=found, expected=expected, **params))

    def known(self, key: str, names: Iterable[str], place: str) -> bool:
        """Say whether a key is one of the known ones; if not, note it with the nearest."""
        known = list(names)
        if key in known:
            return True
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
        expected = "、".join(known[:40])
        self.add(UNKNOWN_KEY, place, found=key, expected=expected, key=key, nearest=near[0] if near else "")
        return False


class Section:
    """One TOML table with its place in the file; everything must be asked for by name and type."""

    def __init__(self, data: Any, place: str, problems: Problems) -> None:
        self.place = place
        self.problems = problems
        if isinstance(data, Mapping):
            self.data: Mapping[str, Any] = data
        else:
            self.data = {}
            problems.add(WRONG_VALUE, place, found=type(data).__name__, expected="一张表 { … }", key=place)

    def only(self, *names: str) -> None:
        """Refuse every key but these."""
        for key in self.data:
            self.problems.known(key, names, f"{self.place}.{key}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        found: str = self._get(key, str, "文字", default, "")
        return found

    def number(self, key: str, default: int | None = None) -> int:
        """Return a whole number that is not negative."""
        value: int = self._get(key, int, "不为负的整数", default, 0)
        if value < 0:
            self.problems.add(WRONG_VALUE, f"{self.place}.{key}", found=str(value), expected="不为负的整数", key=key)
        return value

    def flag(self, key: str) -> bool | None:
        """Return true, false, or None when it is not there."""
        return None if key not in self.data else self._get(key, bool, "true 或 false", None, fallback=False)

    def texts(self, key: str, default: list[str] | None = None) -> list[str]:
        """Return a list of texts; one text counts as a list of one."""
        if isinstance(self.data.get(key), str):
            return [self.data[key]]
        value: list[Any] = self._get(key, list, "一组文字 [ … ]", default, [])
        if any(not isinstance(each, str) for each in value):
            self.problems.add(WRONG_VALUE, f"{self.place}.{key}", expected="一组文字 [ … ]", key=key)
            return []
        return value

    def inner(self, key: str) -> "Section":
        """Return a table inside; an absent one is empty."""
        return Section(self.data.get(key, {}), f"{self.place}.{key}", self.problems)

    def sections(self) -> Iterable[tuple[str, "Section"]]:
        """Return all tables inside, by name."""
        return [(key, self.inner(key)) for key in self.data]

    def _get(self, key: str, kind: type[Any], words: str, default: Any, fallback: Any) -> Any:
        if key not in self.data:
            if default is None:
                self.problems.add(MISSING_KEY, self.place, expected=words, key=key)
            return fallback if default is None else default
        value = self.data[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problems.add(WRONG_VALUE, f"{self.place}.{key}", found=type(value).__name__, expected=words, key=key)
            return fallback
        return value
