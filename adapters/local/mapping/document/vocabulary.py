"""What a mapping may name: the columns of its files, the functions, and its own code tables."""

from collections.abc import Mapping

from adapters.local.mapping.functions.plain import half_width
from adapters.local.mapping.named import Named
from adapters.local.mapping.rules import UNFILLED, Step, Table
from adapters.local.mapping.strict import WRONG_VALUE, Section
from schemas.errors import declare

UNKNOWN_COLUMN = declare(
    "E-MAP-046", "映射用到的列“{column}”不在 {kind} 的列名中。", "最接近的是“{nearest}”；请核对列名。"
)
NO_WAY_BACK = declare(
    "E-MAP-047",
    "函数“{function}”不能用在 back 中：{why}。",
    "请从 back 中删去它；要写的内容改从另一个标准字段取，或者用 via 写明怎样写。",
)


class Vocabulary:
    """The names of one file; what is none of them is noted with the nearest."""

    def __init__(self, root: Section, named: Mapping[str, Named]) -> None:
        """`root` is the whole file, `named` are the functions that it may use."""
        self.problems = root.problems
        self._named = named
        self._tables = {name: _table(name, section) for name, section in root.inner("tables").sections()}
        self._forms = " / ".join(
            dict.fromkeys(str(root.inner(side).data.get("type", "")).upper() for side in ("source", "sink"))
        )
        self.columns = {
            name: section.texts("columns")
            for side in ("source", "sink")
            for part in ("files", "records")
            for name, section in root.inner(side).inner(part).sections()
        }
        """By kind of file, as far as the file says them."""

    def each(self, section: Section, key: str) -> list[Section]:
        """The tables of a list, each with its number in its place."""
        values = section.data.get(key, [])
        place = f"{section.place}.{key}"
        if not isinstance(values, list):
            self.problems.add(WRONG_VALUE, place, expected=f"[[{key}]]", key=key)
            return []
        return [Section(each, f"{place} 第 {n} 条", self.problems) for n, each in enumerate(values, start=1)]

    def column(self, column: str, columns: list[str] | None, place: str) -> None:
        """Note a column that is not among those of its file, with the nearest; a database's are not known here."""
        if columns and column and column not in (UNFILLED, *columns):
            before = len(self.problems.found)
            self.problems.known(column, columns, place)
            problem = self.problems.found.pop()
            assert len(self.problems.found) == before  # noqa: S101 -- exactly the one just noted
            self.problems.add(
                UNKNOWN_COLUMN, place, found=column, expected=problem.expected, column=column,
                nearest=problem.params["nearest"], kind=self._forms,
            )  # fmt: skip

    def steps(self, names: list[str], place: str) -> list[Step]:
        """The functions of these names; one that is unknown is noted."""
        return [Step(n, self._named[n].apply) for n in names if self.problems.known(n, self._named, place)]

    def back(self, names: list[str], place: str) -> list[Step]:
        """What undoes these functions, the last of them first."""
        steps: list[Step] = []
        for name in reversed(names):
            if not self.problems.known(name, self._named, place):
                continue
            function = self._named[name]
            if function.back is None:
                self.problems.add(NO_WAY_BACK, place, found=name, function=name, why=function.refuses)
            else:
                steps.append(Step(f"back {name}", function.back))
        return steps

    def table(self, section: Section) -> Table | None:
        """The code table that a section names, if any; one that is unknown is noted."""
        name = section.text("table", "")
        return self._tables[name] if name and self.problems.known(name, self._tables, section.place) else None


def _table(name: str, section: Section) -> Table:
    forward = {half_width(local): section.text(local) for local in section.data}
    backward: dict[str, str] = {}
    for local in section.data:
        backward.setdefault(section.text(local), local)
    return Table(name, forward, backward)
