"""Versions of the contract for tests: made out of the working one by taking something away, released in a folder.

What today's contract has more than yesterday's is thus always something that is really there, and nothing here has to
be written anew when the contract grows.
"""

import copy
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from schemas import codec, releasefile, releases, releasing, shapes
from schemas.releasefile import Contract

DROP: Mapping[str, Sequence[str]] = {"Decision": ["established_on"]}
"""What the county of yesterday does not have: a field of a payload that may be null."""
BRANCHES: Sequence[str] = ("CountersignatureFacts",)
"""And a kind of facts, so that its envelope is another record, too; with all that came after it, as kinds come last."""


def later(branches: Sequence[str] = BRANCHES) -> list[str]:
    """The kinds of facts from the first of these on."""
    union = next(each["type"] for each in shapes.raw()["Envelope"]["fields"] if each["name"] == "facts")
    names = [kind.rsplit(".", 1)[-1] for kind in union]
    return names[min(map(names.index, branches)) :] if branches else []


def contract(types: Mapping[str, Any], version: str) -> Contract:
    """A contract of these types, with the records that there are."""
    return releasing._contract(types, [name for name in shapes.MESSAGE_RECORDS if name in types], version)


def older(
    version: str = "1.0", *, drop: Mapping[str, Sequence[str]] = DROP, branches: Sequence[str] = BRANCHES
) -> Contract:
    """The working contract without some fields and some kinds of facts."""
    types = copy.deepcopy(shapes.raw())
    for record, names in drop.items():
        types[record]["fields"] = [each for each in types[record]["fields"] if each["name"] not in names]
    for each in types["Envelope"]["fields"]:
        if each["name"] == "facts":
            each["type"] = [kind for kind in each["type"] if kind.rsplit(".", 1)[-1] not in later(branches)]
    for name in later(branches):
        del types[name]
    return contract(types, version)


def write(folder: Path, *contracts: Contract) -> None:
    """The files of these versions, as releases leave them."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for each in contracts:
        body = releasefile.render(each)
        (folder / f"{each.version}.json").write_bytes(body)
        lines.append(f"{hashlib.sha256(body).hexdigest()}  {each.version}.json\n")
    (folder / releases.SUMS).write_text("".join(lines), encoding="ascii")


@contextmanager
def released(folder: Path, *contracts: Contract) -> Iterator[None]:
    """While this lasts, these versions are the released ones, and no others."""
    write(folder, *contracts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releases, "files", lambda: folder)
        _forget()
        try:
            yield
        finally:
            patch.undo()
            _forget()


@contextmanager
def working(types: Mapping[str, Any]) -> Iterator[None]:
    """While this lasts, these types are the working contract."""
    caches = (shapes.expanded, shapes.digest, shapes.dataschema, codec._records, codec._by_header)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "raw", lambda: types)
        for each in caches:
            each.cache_clear()
        _forget()
        try:
            yield
        finally:
            patch.undo()
            for each in caches:
                each.cache_clear()
            _forget()


def more(record: str, **field: Any) -> dict[str, Any]:
    """The working contract's types with a field added at the end of a record."""
    types = copy.deepcopy(shapes.raw())
    types[record]["fields"].append({"doc": "后来加的", "pii": "none", **field})
    return types


def _forget() -> None:
    for each in (releases.released, releases.current, codec._older_headers, codec._older, codec.versions_of):
        each.cache_clear()
