"""The check as a county's people see it: a line for each table or folder, then what is wrong and what to do."""

from rich.table import Table
from rich.text import Text

from adapters.local.localsystem.findings import WAYS, LocalSystem, Looked
from pages import wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _


def show(local: LocalSystem) -> None:
    """Print all of it."""
    table = Table("", "所见 looked at", "结果 result", "没有试的 untested", title=Text(_both(_("本地系统核对"))))
    for each in local.looked:
        table.add_row(*map(Text, (_both(WAYS[each.way]), each.what, _result(each), _both(each.untested))))
    show_table(table)
    for problem in local.problems:
        show_error(problem)


def _result(looked: Looked) -> str:
    if looked.problems:
        return "✗ 不通过 failed " + " ".join(dict.fromkeys(each.code.code for each in looked.problems))
    return "– 未全试 not all tested" if looked.untested else "✓ 通过 passed"


def _both(text: str) -> str:
    return " / ".join(wording.say(text, language) for language in wording.LANGUAGES) if text else ""
