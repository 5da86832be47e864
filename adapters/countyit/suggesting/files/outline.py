"""The outline of an XML file: which elements stand in which, how often, and which hold only text.

Document type declarations are refused, as the reader of the rows refuses them (`adapters.local.sources.xml_rows`).
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from adapters.local.sources.encodings import decoded, marked

_MOST_DEPTH: Final = 12
_MOST_PATHS: Final = 2000


@dataclass(slots=True)
class Outline:
    """All elements at one path below the root."""

    count: int = 0
    most: int = 0
    """How many of them stand in one parent."""
    inner: set[str] = field(default_factory=set)
    """Names of what is inside: elements and attributes."""
    leaves: set[str] = field(default_factory=set)
    """Those of `inner` that hold only text."""


class _Refused(Exception):  # noqa: N818 -- ends the reading
    pass


def outline(data: bytes) -> dict[tuple[str, ...], Outline] | None:
    """The outline by path, the root left out; None for what is no XML, has a DOCTYPE or is beyond all bounds."""
    reading = _Reading()
    try:
        reading.read(data)
    except (expat.ExpatError, _Refused, LookupError, ValueError):
        return None
    return reading.found


class _Reading:
    def __init__(self) -> None:
        self.found: dict[tuple[str, ...], Outline] = {}
        self._path: list[str] = []
        self._inside: list[Counter[str]] = []
        """Of each open element, how often each name stood in it."""

    def read(self, data: bytes) -> None:
        data, said = marked(data)
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        head = data[:200].decode("latin-1").lower()
        wide = said or ("gb18030" if "gb" in head.partition("?>")[0] else "")
        try:
            text = data.decode(wide or "utf-8")
        except UnicodeDecodeError:
            text = decoded(data, wide or "gb18030")
        parser.Parse(text, True)  # noqa: FBT003 -- expat takes it by position only

    def _refuse(self, *_: object) -> None:
        raise _Refused

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if self._inside:
            self._inside[-1][name] += 1
            self._path.append(name)
            here = self.found.setdefault(tuple(self._path), Outline())
            here.count += 1
            here.most = max(here.most, self._inside[-1][name])
            names = {each.rpartition(":")[2] for each in attributes if not each.startswith(("xmlns", "xsi:", "xml:"))}
            here.inner |= names
            here.leaves |= names
        self._inside.append(Counter())
        if len(self._path) > _MOST_DEPTH or len(self.found) > _MOST_PATHS:
            raise _Refused

    def _end(self, _tag: str) -> None:
        within = self._inside.pop()
        if not self._path:
            return
        path = tuple(self._path)
        self.found[path].inner |= set(within)
        parent = self.found.get(path[:-1])
        if parent is not None and not self.found[path].inner:
            parent.leaves.add(path[-1])
        self._path.pop()
