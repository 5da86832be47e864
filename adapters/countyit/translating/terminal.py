"""Both sides of a record as a table in the terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.countyit.translating.sides import Line, Problem, Sides
from pages.wording import SOURCE_LANGUAGE, say
from pages.wording import mark as _


def shown(each: Sides) -> RenderableType:
    """One record; nothing in it is read as markup."""
    if each.why_not:
        return Text(f"– {each.place}：{say(_('与跨省办件无关'))} not ours · {each.why_not}", style="dim")
    good = f"✓ {each.message_type} {say(each.name)}"
    wrong = f"✗ {each.message_type} · {each.wrong} 处问题 problems"
    title = Text(f"{each.place} → {wrong if each.wrong else good}", style="red" if each.wrong else "")
    table = Table(
        "本地字段 local",
        "本地值 found",
        "规则 rule",
        "标准字段 canonical",
        "标准值 value",
        title=title,
        show_lines=False,
    )
    for column in table.columns:
        column.overflow = "fold"
    for line in each.lines:
        table.add_row(*map(Text, _row(line)), style="red" if line.problems else "")
        for problem in line.problems:
            table.add_row("", "", "", "", Text(_told(problem), style="red"))
    below: list[Text] = [Text(_told(one), style="red") for one in each.problems]
    if each.unused:
        below.append(Text(f"{say(_('没有用到的列'))} unused: {'、'.join(each.unused)}", style="dim"))
    return Group(table, *below) if each.lines else Group(title, *below)


def summary(found: Sequence[Sides], language: str, *, more: bool) -> str:
    """How many records became messages, how many are none of ours or have problems, and whether these were all."""
    ours = [each for each in found if not each.why_not]
    wrong = sum(bool(each.wrong) for each in ours)
    text = _("{good} 条可以报出，{wrong} 条有问题，{others} 条与跨省办件无关。")
    counted = say(text, language, good=len(ours) - wrong, wrong=wrong, others=len(found) - len(ours))
    if not more:
        return counted
    rest = say(_("只看了前 {count} 条，后面还有；用 --limit 多看。"), language, count=len(found))
    return f"{counted}{'' if language == SOURCE_LANGUAGE else ' '}{rest}"


def _row(line: Line) -> Sequence[str]:
    rule = line.spoken if line.spoken == line.rule else f"{line.spoken}\n{line.rule}"
    return (line.local_field, line.found, rule, f"{line.doc}\n{line.canonical_field}", line.value)


def _told(problem: Problem) -> str:
    zh, en = problem.zh, problem.en
    details = " · ".join(part for part in (zh.found, zh.expected and f"→ {zh.expected}") if part)
    return "\n".join(
        part for part in (f"{zh.code} {zh.sentence}{zh.remedy}", f"{en.sentence} {en.remedy}", details) if part
    )
