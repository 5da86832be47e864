"""The encodings of files that are read as text, and what a county may write in their place in its mapping."""

from typing import Final

from adapters.local.mapping.strict import WRONG_VALUE, Section

_BOMS: Final = {
    b"\xef\xbb\xbf": "utf-8", b"\x84\x31\x95\x33": "gb18030", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be",
}  # fmt: skip


def chosen(section: Section, default: str) -> str:
    """The `encoding` of a section; a name that Python does not know is noted."""
    encoding = section.text("encoding", default)
    try:
        "".encode(encoding)
    except LookupError:
        section.problems.add(WRONG_VALUE, section.place, found=encoding, expected="gb18030 / utf-8", key="encoding")
    return encoding


def marked(data: bytes) -> tuple[bytes, str | None]:
    """The bytes behind a mark at their beginning, and the encoding that the mark says."""
    for bom, name in _BOMS.items():
        if data.startswith(bom):
            return data[len(bom) :], name
    return data, None


def decoded(data: bytes, encoding: str) -> str:
    """The text; a byte that is not of the encoding becomes U+FFFD and spoils its own cell only."""
    return data.decode(encoding, "replace")
