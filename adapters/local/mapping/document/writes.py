"""`[write]`: what a message leaves in the local system, column by column."""

import re
from typing import Final

from adapters.local.mapping import canonical
from adapters.local.mapping.document.vocabulary import Vocabulary
from adapters.local.mapping.rules import MISSING, Entry, Joined, Placeholder, WriteRule
from adapters.local.mapping.strict import Section

_CONTEXT: Final = (
    "case_no", "local_case", "source", "source_name", "written_at", "trial", "local_field", "local_said",
)  # fmt: skip
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


class WriteParser:
    """Reads the rules for local rows, by the names of one file."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """What is wrong is noted with the file's problems."""
        self._vocabulary = vocabulary
        self._problems = vocabulary.problems

    def write(self, name: str, section: Section) -> WriteRule:
        """The rule for one row, or one of each item of a list, that a message leaves."""
        section.only("kind", "key", "each", "when", "row")
        each = section.text("each", "")
        shape = canonical.shape(name)
        if each:
            self._problems.known(each, shape.repeated, section.place)
        paths = self._paths(shape, each)
        kind = section.text("kind")
        row: dict[str, Entry] = {}
        inner = section.inner("row")
        for column in inner.data:
            self._vocabulary.column(column, self._vocabulary.columns.get(kind), inner.place)
            row[column] = self._entry(inner, column, paths, shape)
        when = section.inner("when")
        for path in when.data:
            self._problems.known(path, self._paths(shape, ""), when.place)
        return WriteRule(
            kind=kind,
            key=self._template(section.text("key"), paths, section.place),
            each=each,
            when={path: when.texts(path) for path in when.data},
            row=row,
        )

    def _paths(self, shape: canonical.Shape, each: str) -> list[str]:
        paths = [*shape.leaves, *(f"context.{name}" for name in _CONTEXT)]
        if each in shape.repeated:
            paths += [*(f"item.{name}" for name in shape.repeated[each].leaves), "item.number"]
        return paths

    def _entry(self, section: Section, column: str, paths: list[str], shape: canonical.Shape) -> Entry:
        if isinstance(section.data[column], str):
            self._problems.known(section.text(column), paths, f"{section.place}.{column}")
            return Entry(path=section.text(column))
        inner = section.inner(column)
        inner.only(
            "from", "const", "text", "via", "table", "otherwise", "back", "each", "items", "rows", "cells", "instead"
        )
        if "const" in inner.data:
            return Entry(const=inner.data["const"])
        if "text" in inner.data:
            return Entry(text=self._template(inner.text("text"), paths, inner.place))
        if "each" in inner.data:
            return Entry(joined=self._joined(inner, shape))
        self._problems.known(inner.text("from"), paths, inner.place)
        steps = self._vocabulary.steps(inner.texts("via", []), inner.place)
        return Entry(
            path=inner.text("from"),
            steps=steps,
            table=self._vocabulary.table(inner),
            otherwise=inner.data.get("otherwise", MISSING),
            back=self._vocabulary.back(inner.texts("back", []), inner.place),
        )

    def _joined(self, section: Section, shape: canonical.Shape) -> Joined:
        path = section.text("each")
        self._problems.known(path, shape.repeated, section.place)
        paths = self._paths(shape, path)
        pieces = section.texts("items")
        for piece in pieces:
            self._problems.known(piece, paths, section.place)
        instead = section.inner("instead")
        return Joined(
            path=path,
            pieces=[Entry(path=piece) for piece in pieces],
            row_separator=section.text("rows"),
            cell_separator=section.text("cells"),
            instead={separator: instead.text(separator) for separator in instead.data},
        )

    def _template(self, text: str, paths: list[str], place: str) -> list[str | Placeholder]:
        parts: list[str | Placeholder] = []
        for index, part in enumerate(_PLACEHOLDER.split(text)):
            if index % 2 == 0:
                if part:
                    parts.append(part)
                continue
            path, *names = part.split("|")
            if self._problems.known(path, paths, place):
                parts.append(Placeholder(path, self._vocabulary.steps(names, place)))
        return parts
