"""What a mapping needs of a county's database: the columns of each table, as its rules name them."""

from collections.abc import Mapping, Sequence

from adapters.local.mapping.rules import UNFILLED, Rules
from adapters.local.sources.sql import SqlSource

Needs = Mapping[str, Sequence[str]]
"""Table to columns, both in the order of the mapping."""


def read(rules: Rules, source: SqlSource) -> Needs:
    """What [source], [[read]] and [[ignore]] name. A column that is still 待填 is the mapping's own affair."""
    needs: dict[str, dict[str, None]] = {}
    for asked in source.asked:
        for table, columns in asked.items():
            needs.setdefault(table, {}).update(dict.fromkeys(columns))
        kind, *children = asked
        for path in _paths(rules, kind):
            table, dot, column = path.partition(".")
            if dot and table in children:
                needs[table][column] = None
            elif path not in children:
                needs[kind][path] = None
    return {table: [each for each in columns if each != UNFILLED] for table, columns in needs.items()}


def written(rules: Rules) -> Needs:
    """What [[write]] names, with the key column that each table it writes has to have."""
    needs: dict[str, dict[str, None]] = {}
    for rule in (each for several in rules.writes.values() for each in several):
        columns = [str(key)] if (key := rules.sink.get("key_column")) else []
        needs.setdefault(rule.kind, dict.fromkeys(columns)).update(dict.fromkeys(rule.row))
    return {table: list(columns) for table, columns in needs.items()}


def _paths(rules: Rules, kind: str) -> Sequence[str]:
    """What rules for this table ask for: a column of its own, or of a table below as table.column."""
    paths: list[str] = []
    for rule in (each for each in rules.reads if each.kind == kind):
        paths += sorted(rule.columns)
        for several in rule.lists:
            if not several.columns:  # rows of a table, not pieces of a cell
                paths += [f"{several.source}.{column}" for cell in several.cells.values() for column in cell.columns]
    paths += [each.column for rule in rules.ignores if rule.kind == kind for each in rule.when]
    return paths
