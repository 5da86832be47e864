"""Texts as TOML writes them."""

from collections.abc import Iterable


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
