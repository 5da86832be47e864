"""Chooses tables and columns for a message: every column is weighed for every field, the surest pair is taken first.

A column is given away once. Only a required field that is left without one may share the column of another field (one
telephone number for applicant and agent), and the reason says so.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from adapters.countyit.suggesting import names, pieces, relations, words
from adapters.countyit.suggesting.proposal import Choice, Column, FieldProposal, ListProposal, Proposal
from adapters.countyit.suggesting.relations import Relation
from adapters.countyit.suggesting.seen import Table
from adapters.countyit.suggesting.targets import Target, targets
from adapters.countyit.suggesting.weighing import weigh

ENOUGH: Final = 40
"""Less sure than this, a column is no proposal."""
_WORTH_NAMING: Final = 30
_SHARED: Final = 60
_CANDIDATES: Final = 3
_NAME_COUNTS: Final = 60.0
_IN_OTHER_TABLE: Final = 3
_UNPROVEN: Final = 15
_PROVEN: Final = 150
_SAME_NAME: Final = 100
_LIKELY: Final = 3  # fields that a table must hold to look like the message's


def propose(message_type: str, tables: Sequence[Table]) -> Proposal:
    """Propose a mapping of one message. `tables` is not empty. Raises KeyError for an unknown message type."""
    wanted = targets(message_type)
    seen = {id(table): _columns(table) for table in tables}
    whole = [table for table in tables if not table.inside]
    main = max(whole, key=lambda table: _likeness(message_type, table, wanted.fields, seen[id(table)]))
    own = seen[id(main)]
    held = sum(any(weigh(message_type, t, c).confidence >= _SHARED for c in own) for t in wanted.fields)
    case = _best(message_type, wanted.fields[0], own)
    near = {
        table.name: (table, relation)
        for table in tables
        if table is not main and (relation := relations.between(main, table, case.column.name if case else ""))
    }
    if main.form == "xlsx" and near:  # all further sheets are joined by the one key of the row
        link = max(near.values(), key=lambda each: each[1].met)[1].link
        near = {name: each for name, each in near.items() if each[1].link == link}
    related = {name: relation for name, (_, relation) in near.items()}
    beside = [
        Column(table, each.name, f"{table.name}.{each.name}", each.evidence)
        for table, relation in near.values()
        # The mapping writes 表.列; of files it knows the columns of the rows themselves only.
        if relation.single and "." not in table.name and not main.form
        for each in seen[id(table)]
        if each.name != relation.link
    ]
    less = {
        name: round(_IN_OTHER_TABLE + (_UNPROVEN - _IN_OTHER_TABLE) * (1 - relation.met))
        for name, relation in related.items()
    }
    fields = assign(message_type, wanted.fields, [*own, *beside], less)
    lists = [
        _list(message_type, path, fields_of, main, own, list(near.values()), seen)
        for path, fields_of in wanted.lists.items()
    ]
    used = {each.first.column.table.name for each in fields if each.first} | {each.source for each in lists}
    return Proposal(
        message_type=message_type,
        opens=wanted.opens,
        main=main,
        likely=held >= _LIKELY,
        fields=fields,
        lists=lists,
        children={name: relation.link for name, relation in related.items() if name in used},
        others=[t for t in whole if t is not main and not (t.name in used and t is near.get(t.name, (None,))[0])],
    )


def assign(
    message_type: str, wanted: Sequence[Target], columns: Sequence[Column], less: Mapping[str, int] | None = None
) -> list[FieldProposal]:
    """Give each field a column, the surest pairs first, each column once. `less` is taken off by table."""
    off = less or {}
    ranked: dict[str, list[Choice]] = {}
    pairs: list[tuple[int, int, int]] = []
    for place, target in enumerate(wanted):
        weighed = [_weighed(message_type, target, column, off.get(column.table.name, 0)) for column in columns]
        pairs += [(-each.confidence, place, at) for at, each in enumerate(weighed) if each.confidence >= ENOUGH]
        ranked[target.path] = weighed
    taken: dict[int, int] = {}
    for _, place, at in sorted(pairs):
        if place not in taken and at not in taken.values():
            taken[place] = at
    return [
        FieldProposal(target, _choices(target, ranked[target.path], taken.get(place)))
        for place, target in enumerate(wanted)
    ]


def _choices(target: Target, weighed: Sequence[Choice], own: int | None) -> Sequence[Choice]:
    order = sorted(range(len(weighed)), key=lambda at: (-weighed[at].confidence, at))
    others = [weighed[at] for at in order if at != own and weighed[at].confidence >= _WORTH_NAMING]
    if own is not None:
        return [weighed[own], *others][:_CANDIDATES]
    if others and others[0].confidence >= _SHARED and target.required:
        best = others[0]
        return [Choice(best.column, best.confidence, f"{best.reason}；与另一个字段共用这一列"), *others[1:_CANDIDATES]]
    return []


def _weighed(message_type: str, target: Target, column: Column, less: int) -> Choice:
    found = weigh(message_type, target, column)
    return Choice(column, max(0, found.confidence - less), found.reason)


def _columns(table: Table) -> list[Column]:
    return [
        Column(table, name, name, table.evidence[name]) for name in table.columns if name and not _repeated(table, name)
    ]


def _repeated(table: Table, name: str) -> bool:
    """Whether a value inside another only says once more what the row says itself, as the number of the case does."""
    own = name.rpartition(".")[2]
    return own != name and own in table.values and bool(table.values[own]) and table.values[own] == table.values[name]


def _best(message_type: str, target: Target, columns: Sequence[Column]) -> Choice | None:
    found = max((weigh(message_type, target, each) for each in columns), key=lambda c: c.confidence, default=None)
    return found if found and found.confidence >= ENOUGH else None


def _likeness(message_type: str, table: Table, wanted: Sequence[Target], columns: Sequence[Column]) -> float:
    """How much a table looks like the one of the message: its name, and how many fields its columns could hold."""
    fields = sum(max((weigh(message_type, t, c).confidence for c in columns), default=0) / 100 for t in wanted)
    return fields + named(words.TABLES.get(message_type, ()), table.name) / _NAME_COUNTS * 3


@cache
def named(vocabulary: Sequence[str], name: str) -> float:
    """How well the name of a table fits one of the words, 0 to 100; the first words count more."""
    plain = names.bare(name)
    found = [
        (100 if plain == word else 70 if word in plain else 0) - 5 * place
        for place, word in enumerate(vocabulary)
    ]  # fmt: skip
    return max([0, *found])


def _speaks(choice: Choice) -> bool:
    """Whether a column alone says what its table is of; any table may have a `name`."""
    return choice.confidence >= _SHARED and names.bare(choice.column.name) not in words.ANY_TABLE


def _list(
    message_type: str,
    path: str,
    wanted: Sequence[Target],
    main: Table,
    own: Sequence[Column],
    related: Sequence[tuple[Table, Relation]],
    seen: Mapping[int, Sequence[Column]],
) -> ListProposal:
    doc = pieces.doc_of(message_type, path)
    vocabulary = words.LISTS.get(path, ())
    found: list[tuple[float, ListProposal]] = []
    for table, relation in related:
        name, fields = named(vocabulary, table.name), assign(message_type, wanted, seen[id(table)])
        first = next((each.first for each in fields if each.target.required and each.first), None)
        if first is not None and (name or _speaks(first)):
            reason = "所属表，表名相符" if name else "所属表，列名相符"
            sure = name + sum(each.first.confidence for each in fields if each.first)
            # Rows that belong to nothing seen here belong to something else.
            sure += (_PROVEN if relation.proven else -_PROVEN if table.rows else 0) + (
                _SAME_NAME if table.name.startswith(main.name) else 0
            )
            found.append((sure, ListProposal(path, doc, table.name, reason, fields=fields, table=table)))
    for column in own:
        name = named(vocabulary, column.name)
        if name and (cut := pieces.cut(column)):
            called, cells = pieces.fields(wanted, column, cut)
            reason = f"列名相符；每格可用“{cut.shown_rows}”分条、“{cut.cells}”分项"
            of_cell = ListProposal(path, doc, column.name, reason, cut.rows, cut.cells, called, cells)
            found.append((name + 200, of_cell))
    return max(found, key=lambda each: each[0])[1] if found else ListProposal(path, doc)
