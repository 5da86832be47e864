"""The mapping of one county: from its own records to canonical ones and back, as a table that a person can read.

`mapping.toml` says it all; one `overrides.py` beside it, if the table names it, adds functions. Translating touches
nothing: sources read, sinks write.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from adapters.local.mapping import document, reading, writing
from adapters.local.mapping.named import NAMED
from adapters.local.mapping.overriding import FILE as OVERRIDES
from adapters.local.mapping.overriding import load as load_overrides
from adapters.local.mapping.records import FieldSeen, Lineage, MappingFailed, Seen, Translation, WriteContext
from adapters.local.mapping.rules import Rules
from adapters.local.sinks import LocalWrite
from adapters.local.sources import LocalRecord
from schemas.errors import YunhuobanError, declare

__all__ = [
    "CountyMapping",
    "FieldSeen",
    "Lineage",
    "MappingFailed",
    "Seen",
    "Translation",
    "WriteContext",
    "load_mapping",
    "version",
]

NO_FILE = declare("E-MAP-051", "读不到县的映射文件。", "请检查该县文件夹中是否有 mapping.toml，以及是否有读取权限。")
NOT_TOML = declare(
    "E-MAP-052", "映射文件的写法不对。", "请检查所指的行：中文名称要加英文双引号，引号要成对，文件要用 UTF-8 编码。"
)


class CountyMapping:
    """One county's mapping, checked and ready; `load_mapping` makes one."""

    def __init__(self, rules: Rules, place: str, version: str = "") -> None:
        """Keep the rules, the name of the file that they come from, and the digest of all that they come from."""
        self.rules = rules
        self.place = place
        self.version = version
        self.county = rules.county
        self.name = rules.name

    def read(self, record: LocalRecord) -> Translation | None:
        """Translate a local record; None when it is none of ours. Raises MappingFailed with every problem."""
        return reading.read(self.rules, record, self.version)

    def see(self, record: LocalRecord) -> Seen:
        """The record beside what becomes of it, field by field, with every problem at its field."""
        return reading.see(self.rules, record)

    def write(self, message_type: str, canonical: Mapping[str, Any], context: WriteContext) -> Sequence[LocalWrite]:
        """Make the local writes that a message leaves behind. Raises MappingFailed."""
        return writing.write(self.rules, message_type, canonical, context)


def load_mapping(folder: Path) -> CountyMapping:
    """Read a county's folder. Raises MappingFailed with every problem of the file, or E-MAP-049 to E-MAP-054."""
    path = folder / "mapping.toml"
    place = f"{folder.name}/mapping.toml"
    try:
        text = path.read_bytes()
        data = tomllib.loads(text.decode("utf-8-sig"))
    except OSError as error:
        raise YunhuobanError(NO_FILE, place=place, found=type(error).__name__) from None
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits
        raise YunhuobanError(NOT_TOML, place=place, found=str(error)[:200]) from None
    overrides = load_overrides(folder, data.get("overrides", ""))
    named = MappingProxyType({**NAMED, **overrides.named})
    return CountyMapping(document.parse(data, named, place), place, _version(text, overrides.data))


def version(folder: Path) -> str:
    """The version of a folder's mapping without loading it; of a table that is no TOML, its own alone.

    Raises OSError for a file that cannot be read.
    """
    text = (folder / "mapping.toml").read_bytes()
    try:
        named = tomllib.loads(text.decode("utf-8-sig")).get("overrides") == OVERRIDES
    except (ValueError, RecursionError):
        named = False
    return _version(text, (folder / OVERRIDES).read_bytes() if named else b"")


def _version(mapping: bytes, overrides: bytes) -> str:
    """The digest of the table and of the county's own functions: either changed is another mapping."""
    both = hashlib.sha256(mapping).digest() + hashlib.sha256(overrides).digest()
    return hashlib.sha256(both).hexdigest()
