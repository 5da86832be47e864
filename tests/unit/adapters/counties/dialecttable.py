"""The tables of docs/*/dialects.md: where each canonical field is read from, and what each message is written into."""

from adapters.local.mapping import CountyMapping, load_mapping
from adapters.local.mapping.rules import Cell, ReadRule
from deploy.onboarding.dialects import DIALECTS


def table() -> list[str]:
    """The rows, grouped by message."""
    mappings = [load_mapping(each.folder) for each in DIALECTS.values()]
    lines: list[str] = []
    for rule in mappings[0].rules.reads:
        rules = [found(each, rule.message_type) for each in mappings]
        kinds = " | ".join(f"`{each.kind}`" for each in rules)
        lines.append(f"| **`{rule.message_type}`** | {kinds} |")
        for path in rule.cells:
            cells = [each.cells[path] for each in rules]
            if any(each.column for each in cells):
                lines.append(f"| `{path}` | {' | '.join(map(column, cells))} |")
        for number, each in enumerate(rule.lists):
            lists = [other.lists[number] for other in rules]
            lines.append(f"| `{each.target.path}[]` | {' | '.join(f'`{one.source}`' for one in lists)} |")
            for name in each.cells:
                cells = [one.cells[name] for one in lists]
                if any(cell.column for cell in cells):
                    lines.append(f"| `{each.target.path}[].{name}` | {' | '.join(map(column, cells))} |")
    return lines


def written() -> list[str]:
    """Which tables each message is written into."""
    mappings = [load_mapping(each.folder) for each in DIALECTS.values()]
    return [
        f"| `{name}` | {' | '.join(tables(each, name) for each in mappings)} |" for name in mappings[0].rules.writes
    ]


def tables(mapping: CountyMapping, message_type: str) -> str:
    """The tables, each once."""
    return ", ".join(f"`{kind}`" for kind in dict.fromkeys(each.kind for each in mapping.rules.writes[message_type]))


def found(mapping: CountyMapping, message_type: str) -> ReadRule:
    """The rule of a message."""
    return next(each for each in mapping.rules.reads if each.message_type == message_type)


def column(cell: Cell) -> str:
    """A cell of the table; a code table is named behind the column."""
    if not cell.column:
        return "—"
    return f"`{cell.column}`" + (f" → {cell.table.name}" if cell.table else "")
