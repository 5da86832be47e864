"""Keys, passwords and tokens of a county's own systems: each in a file of its own that nobody else may read.

They stand in no mapping and no settings: both are copied, shown and sent to others.
"""

import os
import stat
from pathlib import Path
from typing import Final

from adapters.local.mapping.strict import WRONG_VALUE, Section
from schemas.errors import YunhuobanError, declare

UNREADABLE = declare(
    "E-SRC-075",
    "读不到存放密钥、密码或令牌的文件，或者别人也能读它。",
    "请核对路径，并让只有县节点的账号能读该文件（chmod 600）；文件里只写这一项。",
)
_MOST_BYTES: Final = 64 * 1024
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def named(section: Section, key: str) -> Path | None:
    """The absolute path that a section names, None when it does not; anything else is noted."""
    if key not in section.data:
        return None
    path = Path(section.text(key))
    if not path.is_absolute():
        expected = "绝对路径，例如 /etc/yunhuoban/secret"
        section.problems.add(WRONG_VALUE, f"{section.place}.{key}", found=str(path), expected=expected, key=key)
    return path


def content(path: Path) -> bytes:
    """What the file holds, read anew each time so that it can be changed under a running node. Raises E-SRC-075."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & _OTHERS:
                found = f"{stat.S_IMODE(mode):o}"
                raise YunhuobanError(UNREADABLE, place=str(path), found=found, expected="600")
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise YunhuobanError(UNREADABLE, place=str(path), found=type(error).__name__) from None


def line(path: Path) -> str:
    """The one line of the file: a password or a token. Raises E-SRC-075."""
    try:
        found = content(path).decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise YunhuobanError(UNREADABLE, place=str(path), found=type(error).__name__, expected="UTF-8") from None
    if not found or not found.isprintable():
        raise YunhuobanError(UNREADABLE, place=str(path), found="0" if not found else "…", expected="1")
    return found
