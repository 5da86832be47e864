"""From `mapping.toml` to rules: every name is looked up, every required field must be there, all mistakes at once."""

from collections.abc import Mapping
from typing import Any

from adapters.local.mapping.document.directions import WRITABLE
from adapters.local.mapping.document.reads import ReadParser
from adapters.local.mapping.document.vocabulary import Vocabulary
from adapters.local.mapping.document.writes import WriteParser
from adapters.local.mapping.named import Named
from adapters.local.mapping.records import MappingFailed
from adapters.local.mapping.rules import Rules
from adapters.local.mapping.strict import Problems, Section


def parse(data: Mapping[str, Any], named: Mapping[str, Named], place: str) -> Rules:
    """Check a mapping and return its rules. Raises MappingFailed with every problem of the file."""
    problems = Problems()
    rules = _rules(Section(data, place, problems), named)
    if problems.found:
        raise MappingFailed(problems.found, place=place)
    return rules


def _rules(root: Section, named: Mapping[str, Named]) -> Rules:
    root.only("county", "name", "overrides", "source", "sink", "tables", "ignore", "read", "write")
    vocabulary = Vocabulary(root, named)
    reads, writes = ReadParser(vocabulary, root.place), WriteParser(vocabulary)
    return Rules(
        county=root.text("county"),
        name=root.text("name"),
        reads=[r for name, section in root.inner("read").sections() if (r := reads.read(name, section))],
        ignores=[reads.ignore(section) for section in vocabulary.each(root, "ignore")],
        writes={
            name: [writes.write(name, section) for section in vocabulary.each(root.inner("write"), name)]
            for name in root.inner("write").data
            if root.problems.known(name, WRITABLE, f"{root.place}.write")
        },
        source=root.inner("source").data,
        sink=root.inner("sink").data,
    )
