"""What a person is shown of a cell: the text, but never one that is personal or looks it."""

import re
from typing import Final

from adapters.local.mapping.functions.plain import half_width, text_of
from schemas.errors import YunhuobanError

_SHOWN: Final = 60
# A telephone or identity number in the wrong column is still one.
_PERSONAL_LOOK: Final = re.compile(r"(?<![0-9A-Za-z])(?:1[3-9][0-9]{9}|[0-9]{15}|[0-9]{17}[0-9Xx])(?![0-9A-Za-z])")


def personal_look(text: str) -> bool:
    """Whether a text has a telephone or identity number in it."""
    return _PERSONAL_LOOK.search(half_width(text)) is not None


def shown(value: object, *, personal: bool) -> str:
    """Say what was found: the text itself, or only its length when it is or looks personal."""
    try:
        text = text_of(value)
    except YunhuobanError:
        return type(value).__name__
    if personal or personal_look(text):
        return f"（{len(text)} 个字符，不显示内容）" if text else ""
    text = text.encode(errors="replace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}……（共 {len(text)} 个字符）"
