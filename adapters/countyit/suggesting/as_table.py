"""Shows a proposal in the terminal: one row to a field, with the reason, the other candidates and masked samples."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from adapters.countyit.suggesting.cells import CellPlan, plan
from adapters.countyit.suggesting.masked import samples
from adapters.countyit.suggesting.proposal import FieldProposal, Proposal
from adapters.local.mapping.rules import UNFILLED
from pages import wording
from pages.wording import mark as _


def table(proposal: Proposal) -> Table:
    """The proposal as a table; nothing in it is read as markup."""
    shown = Table(
        "标准字段 canonical", "列 column", "把握 sure", "函数 via", "理由 reason", "另可 others", "样本 samples",
        title=Text(f"{proposal.message_type} ← {proposal.main.name}"),
    )  # fmt: skip
    for column in shown.columns:
        column.overflow = "fold"
    for each in proposal.fields:
        shown.add_row(*map(Text, _row(each)))
    for found in proposal.lists:
        shown.add_section()
        shown.add_row(
            *map(Text, (f"{found.path}[]", found.source or UNFILLED, "", "", found.reason or found.doc, "", ""))
        )
        for each in found.fields:
            shown.add_row(*map(Text, _row(each)))
    return shown


def summary(proposal: Proposal, language: str) -> str:
    """How many fields have a column, how many are to be looked at, and how many are open."""
    fields = list(_all(proposal))
    sure = sum(cell.sure for each in fields if (cell := plan(each)))
    doubtful = sum(each.first is not None for each in fields) - sure
    missing = sum(each.first is None and each.target.required for each in fields)
    text = _("{sure} 个字段有把握，{doubtful} 个待核，{missing} 个必需的没有找到。")
    return wording.say(text, language, sure=sure, doubtful=doubtful, missing=missing)


def _all(proposal: Proposal) -> Iterator[FieldProposal]:
    yield from proposal.fields
    for found in proposal.lists:
        yield from found.fields


def _row(each: FieldProposal) -> tuple[str, ...]:
    cell = plan(each)
    if each.first is None or cell is None:
        return (
            each.target.path,
            UNFILLED if each.target.required else "",
            "",
            "",
            f"{each.target.leaf.doc}：没有找到",
            "",
            "",
        )
    first, others = each.first, [f"{c.column.written}（{c.confidence}）" for c in each.choices[1:]]
    confidence = f"{first.confidence}{'' if cell.sure else ' 待核'}"
    return (
        each.target.path, first.column.written, confidence, _how(cell), cell.reason, "\n".join(others),
        samples(first.column.evidence),
    )  # fmt: skip


def _how(cell: CellPlan) -> str:
    return "对照表 table" if cell.table is not None else " → ".join(cell.via)
