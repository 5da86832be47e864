"""What is wrong with a file of the catalogue: everything at once, each with sheet, row and column."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hub.catalogue.sheets import letter
from schemas.errors import YunhuobanError, declare

CATALOGUE_UNFIT: Final = declare("E-CAT-021", "目录文件有误，没有导入任何内容。", "请按下列各处逐一改正后重新导入。")
TOO_MANY: Final = declare(
    "E-CAT-022", "错误过多，此处只列出前面的。", "请先改正已列出的；多半是同一原因，例如整列错位。"
)
MOST_SHOWN: Final = 500


class CatalogueUnfit(YunhuobanError):  # noqa: N818 -- named like MappingFailed, which also holds several
    """A file that is not imported, with all that is wrong with it."""

    def __init__(self, problems: Sequence[YunhuobanError]) -> None:
        """Show `problems` one by one."""
        first = problems[0]
        super().__init__(CATALOGUE_UNFIT, place=first.place, found=str(len(problems)))
        self.problems = tuple(problems)


@dataclass(slots=True)
class Troubles:
    """Collects what is wrong, one thing to a cell; only so much is kept."""

    found: list[YunhuobanError] = field(default_factory=list)
    count: int = 0
    _cells: set[tuple[str, int, int]] = field(default_factory=set)

    def add(self, error: YunhuobanError, sheet: str, row: int = 0, position: int | None = None, head: str = "") -> None:
        """Note an error at a place like `事项!B5 事项名称`; row 0 is the sheet itself."""
        if position is not None and (sheet, row, position) in self._cells:
            return
        self.count += 1
        if len(self.found) >= MOST_SHOWN:
            return
        if position is not None:
            self._cells.add((sheet, row, position))
        column = "" if position is None else letter(position)
        place = f"{sheet}!{column}{row or ''} {head}".strip().removesuffix("!")
        self.found.append(
            YunhuobanError(error.code, place=place, found=error.found, expected=error.expected, **error.params)
        )

    def demand_none(self) -> None:
        """Raise E-CAT-021 with everything that was noted."""
        if not self.count:
            return
        left = self.count - len(self.found)
        more = [YunhuobanError(TOO_MANY, found=str(self.count), expected=f"<= {MOST_SHOWN}")] if left else []
        raise CatalogueUnfit([*self.found, *more])
