"""A replay for people: a table in the terminal, and the same as a page in one file that needs no network."""

from importlib import resources
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from rich.table import Table
from rich.text import Text

from adapters.countyit.recording.differences import Change, Difference
from adapters.countyit.recording.replaying import Replay
from certs import files
from pages import wording
from pages.wording import mark as _

CHANGES: Final = {
    Change.ADDED: _("新增"),
    Change.REMOVED: _("不再有"),
    Change.CHANGED: _("值变了"),
    Change.REFUSED: _("原来通过，现在不通过"),
    Change.ACCEPTED: _("原来不通过，现在通过"),
    Change.IGNORED: _("现在不报送了"),
    Change.NO_LONGER_IGNORED: _("现在要报送了"),
}
_COLUMNS: Final = (_("录制"), _("记录"), _("变化"), _("字段"), _("原来"), _("现在"))
SAME: Final = _("{count} 条录制的记录，结果都和录制时一样。")
DIFFERENT: Final = _("{count} 条录制的记录，{different} 条的结果变了，共 {differences} 处。还没有发送任何内容。")


def table(replayed: Replay) -> Table:
    """Every difference, Chinese and English."""
    found = Table(*(f"{column} {wording.say(column, 'en')}" for column in _COLUMNS))
    for each in replayed.differences:
        change = f"{CHANGES[each.change]} {wording.say(CHANGES[each.change], 'en')}"
        found.add_row(*map(Text, (each.recording, each.key, change, each.field, each.before, each.now)))
    return found


def summary(replayed: Replay, language: str) -> str:
    """The replay in one sentence."""
    if replayed.same:
        return wording.say(SAME, language, count=replayed.records)
    different = len({(each.recording, each.key) for each in replayed.differences})
    return wording.say(
        DIFFERENT, language, count=replayed.records, different=different, differences=len(replayed.differences)
    )


def write_page(path: Path, replayed: Replay) -> None:
    """Write the page, both languages in it. Raises E-CERT-002."""
    environment = Environment(
        loader=PackageLoader("adapters.countyit.recording"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    style = resources.files("pages").joinpath("assets", "pages.css").read_text(encoding="utf-8")
    records: dict[tuple[str, str], list[Difference]] = {}
    for each in replayed.differences:
        records.setdefault((each.recording, each.key), []).append(each)
    text = environment.get_template("replay.html").render(
        _=wording.say,
        en=lambda text: wording.say(text, "en"),
        style=style,
        county=replayed.county,
        said=[summary(replayed, language) for language in wording.LANGUAGES],
        records=records,
        changes=CHANGES,
    )
    files.write_atomically(path, text.encode(errors="replace"))
