"""Texts as TOML writes them."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

_WIDEST: Final = 110
_BARE: Final = re.compile("[A-Za-z0-9_-]+")


def quoted(text: str) -> str:
    """A text as TOML writes it: control characters and broken characters cannot harm the file."""
    plain = text.encode("utf-8", "replace").decode()
    written = plain.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in written) + '"'


def remark(text: str) -> str:
    """A text as it may stand in a comment."""
    return "".join(c if c.isprintable() else " " for c in text.encode("utf-8", "replace").decode())


def array(texts: Iterable[str]) -> str:
    """A list of texts as TOML writes it."""
    return "[" + ", ".join(quoted(each) for each in texts) + "]"


def key(name: str) -> str:
    """A name as TOML writes it on the left, without quotation marks where none are needed."""
    return name if _BARE.fullmatch(name) else quoted(name)


def assigned(name: str, texts: Sequence[str], behind: str = "") -> list[str]:
    """`name = [ … ]`, in several lines where one would be too long; `behind` is a comment."""
    if len(whole := f"{key(name)} = {array(texts)}{behind}") <= _WIDEST:
        return [whole]
    lines = [f"{key(name)} = [{behind}"]
    line = " "
    for text in texts:
        if len(line) + len(text) + 4 > _WIDEST:
            lines, line = [*lines, line], " "
        line += f" {quoted(text)},"
    return [*lines, line, "]"]
