"""Which file holds the catalogue: a workbook, or a folder with one CSV file per sheet; and the bounds of both."""

from pathlib import Path
from typing import Final

from schemas.errors import YunhuobanError, declare

FILE_UNREADABLE: Final = declare(
    "E-CAT-030", "读不出这个目录文件。", "请检查路径与权限；应为 .xlsx 工作簿，或放 CSV 文件的文件夹。"
)
TOO_LARGE: Final = declare("E-CAT-031", "目录文件超过上限，未予读取。", "请删去多余的行与工作表，或分成几次导入。")
ENCODING_UNKNOWN: Final = declare(
    "E-CAT-032", "CSV 文件的编码既不是 UTF-8 也不是 GB18030。", "请用电子表格另存为 CSV UTF-8。"
)
FORMULA: Final = declare("E-CAT-033", "这一格是公式。", "请粘贴为值：目录只收文字、数字与日期。")
CELL_KIND: Final = declare(
    "E-CAT-034", "这一格的类型不对：错误值、时刻或带小数的数。", "请把这一格改为文本格式后重新填写。"
)
FILE_EXISTS: Final = declare("E-CAT-035", "要写的文件已经存在。", "请另取一个名字，或先移走原来的。")

MOST_BYTES: Final = 64 * 2**20
"""Of a workbook, or of one CSV file."""
MOST_ROWS: Final = 100_000
"""Of one sheet; the full catalogue of the larger alliances has some 17,000."""
MOST_CELL: Final = 10_000
"""Characters of one cell; the longest field takes 1,000 Chinese characters."""


def demand_size(path: Path) -> None:
    """Raise E-CAT-030 for what is no file, -031 for one that is too large."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise YunhuobanError(FILE_UNREADABLE, place=path.name, found=type(error).__name__) from error
    if size > MOST_BYTES:
        raise YunhuobanError(TOO_LARGE, place=path.name, found=f"{size} bytes", expected=f"<= {MOST_BYTES}")


def too_large(place: str, what: str, most: int) -> YunhuobanError:
    """E-CAT-031 for more than `most` of something."""
    return YunhuobanError(TOO_LARGE, place=place, found=f"> {most} {what}", expected=f"<= {most} {what}")


def demand_free(*paths: Path) -> None:
    """Raise E-CAT-035 when one of them is there."""
    for path in paths:
        if path.exists():
            raise YunhuobanError(FILE_EXISTS, place=path.name)
