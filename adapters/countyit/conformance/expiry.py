"""When the county's own result expires: as soon as what runs is not what was tested, and only as far as it is not.

Each part of the mapping is held against its digest, the record's shape in the contract and the version of the program.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.countyit.conformance import parts
from adapters.local.mapping import CountyMapping
from certs import files
from pages import wording
from pages.wording import mark as _
from schemas import shapes
from schemas.conformance.result import WINDOW, Result, SignedResult
from schemas.conformance.standing import message_type
from schemas.errors import YunhuobanError, declare
from schemas.messages import TYPES

EXPIRED: Final = declare(
    "E-CNF-002",
    "本县的自测结果已过期：{parts}。",
    "请运行 adapter test -d 重新自测，把结果交给中枢，再重新启动县节点；等待的申请会自动继续。",
)
FILE: Final = "conformance.json"
WHY: Final = {
    "mapping": _("{part} 的映射改变了"),
    "contract": _("{part} 的标准改变了"),
    "program": _("{part} 由另一版本的程序处理"),
    "new": _("{part} 是新加的，没有自测过"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A part of the mapping that is not what was tested."""

    part: str
    why: str
    """A key of WHY."""

    def said(self, language: str) -> str:
        """In a sentence."""
        return wording.say(WHY[self.why], language, part=self.part)


def held(folder: Path) -> SignedResult | None:
    """The result that a county's folder holds; None before the first. Raises E-CNF-001 or E-CERT-001."""
    path = folder / FILE
    return SignedResult.from_file(files.read(path)) if path.exists() else None


def changes(result: Result, digests: Mapping[str, str]) -> dict[str, Change]:
    """Each part of today's mapping that is not what the result is about."""
    found: dict[str, Change] = {}
    for part, digest in digests.items():
        tested = result.parts.get(part)
        if tested is None:
            found[part] = Change(part, "new")
        elif tested.mapping != digest:
            found[part] = Change(part, "mapping")
        elif tested.shape != shapes.dataschema(TYPES[message_type(part)].record):
            found[part] = Change(part, "contract")
        elif result.program != parts.program():
            found[part] = Change(part, "program")
    return found


def at_window(folder: Path, mapping: CountyMapping, mapping_folder: Path) -> YunhuobanError | None:
    """E-CNF-002 when what the county's own window uses has changed since its result; None without a result.

    A file that cannot be read any more counts as expired, whole: the node is not stopped by it.
    """
    try:
        kept = held(folder)
        result = kept.result if kept is not None else None
    except YunhuobanError as error:
        return YunhuobanError(EXPIRED, place=FILE, found=error.code.code, parts=FILE)
    if result is None:
        return None
    differs = changes(result, parts.digests(mapping, mapping_folder))
    used = parts.items_of(mapping, []).get(WINDOW, ())
    names = [each for each in used if each in differs]
    return YunhuobanError(EXPIRED, place=FILE, parts="、".join(names)) if names else None
