"""Takes the bytes of one XML file apart: the elements at the rule's path below the root are its rows.

Elements inside a row, and attributes, are its columns; prefixes of namespaces are left out. Document type declarations
are refused, and with them every entity of a file's own: expat then expands nothing and fetches nothing, so the standard
library is enough. A file that is not well-formed is not finished, or broken as a whole.
"""

import re
from typing import Any, Final
from xml.parsers import expat

from adapters.local.sources.encodings import decoded, marked
from adapters.local.sources.filerows import MOST_ROWS, Content, FileRule, Found, bad_bytes, beyond, not_well_formed
from adapters.local.sources.nested import NO_ROWS, record
from schemas.errors import YunhuobanError, declare

FORBIDDEN = declare(
    "E-SRC-052",
    "文件里有文档类型声明（DOCTYPE），已拒绝。",
    "请让本地系统不写 DOCTYPE；实体可以把文件放大或读别的文件。",
)

_DECLARED: Final = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")
_ENCODINGS: Final = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
}  # fmt: skip
_NOT_COLUMNS: Final = re.compile(r"xmlns$|xmlns:|xsi:|xml:")
_MOST_DEPTH: Final = 100


class _End(Exception):  # noqa: N818 -- ends the reading of a file with its answer
    def __init__(self, content: Content) -> None:
        super().__init__()
        self.content = content


def parse(data: bytes, rule: FileRule, encoding: str, place: str) -> Content:
    """Take a file apart; the place of each row is `place` and its line. What a file says of its encoding goes first."""
    data, said = marked(data)
    if said is None and (match := _DECLARED.match(data)):
        said = match[1].decode().lower()
        if said not in _ENCODINGS:
            return Content([bad_bytes(place, said, "UTF-8 / GB18030")], finished=True)
        said = _ENCODINGS[said]
    encoding = said or encoding
    reading = _Reading(rule, encoding, place)
    try:
        reading.read(decoded(data, encoding))
    except _End as end:
        return end.content
    except expat.ExpatError as error:
        return not_well_formed("XML", place, f"第 {error.lineno} 行第 {error.offset + 1} 个字符")
    if not reading.rows and not reading.empty:
        return Content([YunhuobanError(NO_ROWS, place=place, expected=rule.rows or "根元素下的元素")], finished=True)
    return Content(reading.rows, finished=True)


class _Element:
    """One element on its way to a value: a text, or names and values."""

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line
        self.inner: dict[str, Any] = {}
        self.text: list[str] = []

    def add(self, name: str, value: Any) -> None:
        """One that stands there already makes a list."""
        if name not in self.inner:
            self.inner[name] = value
        elif isinstance(self.inner[name], list):
            self.inner[name].append(value)
        else:
            self.inner[name] = [self.inner[name], value]

    def value(self) -> Any:
        """A text beside attributes stands under the empty name: the column of the element itself."""
        text = "".join(self.text)
        if not self.inner:
            return text
        return {**self.inner, "": text} if text.strip() else self.inner


class _Reading:
    """One file on its way through expat."""

    def __init__(self, rule: FileRule, encoding: str, place: str) -> None:
        self.rows: list[Found] = []
        self.empty = False
        """Whether there is nothing but an empty root element."""
        self._rule = rule
        self._path = rule.rows.split(".") if rule.rows else []
        self._encoding = encoding
        self._place = place
        self._above: list[str] = []
        self._open: list[_Element] = []
        self._elements = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, text: str) -> None:
        """Raises _End when the file has its answer before its end, and what expat raises."""
        self._parser.Parse(text, True)  # noqa: FBT003 -- expat takes it by position only
        self.empty = self._elements == 1

    def _refuse(self, *_: object) -> None:
        raise _End(Content([YunhuobanError(FORBIDDEN, place=self._place, found="DOCTYPE")], finished=True))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        name, depth = _local(tag), len(self._above) + len(self._open)
        if depth > _MOST_DEPTH:
            raise _End(beyond(self._place, "层", _MOST_DEPTH))
        below = [*self._above[1:], name]
        if not self._open and not (self._above and (below == self._path or (not self._path and depth == 1))):
            self._above.append(name)
            return
        element = _Element(name, self._parser.CurrentLineNumber)
        for attribute, value in attributes.items():
            if not _NOT_COLUMNS.match(attribute):
                element.add(_local(attribute), value)
        self._open.append(element)

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text.append(text)

    def _end(self, _tag: str) -> None:
        if not self._open:
            self._above.pop()
            return
        element = self._open.pop()
        if self._open:
            self._open[-1].add(element.name, element.value())
            return
        if len(self.rows) == MOST_ROWS:
            raise _End(beyond(self._place, "条", MOST_ROWS))
        # Some files hold several rows in one line.
        place = f"{self._place} 第 {element.line} 行（第 {len(self.rows) + 1} 条）"
        self.rows.append(record(element.value(), self._rule, self._encoding, place))


def _local(name: str) -> str:
    return name.rpartition(":")[2]
