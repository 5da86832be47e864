"""The face of a license: everything that varies on its page, and the statement of it that is sealed into the file.

The statement is canonical JSON (sorted keys, no blanks) in the PDF's document information, written in the same run
that draws the page and covered by the seal. A verifier compares it byte for byte with the one it makes from the
message. It was preferred to reading the text back from the page: extraction depends on fonts and on a tool outside
(poppler), orders lines as it likes, and is what published shadow attacks deceive; an attachment would need PDF/A-3.
That the page shows what the statement says is a property of the renderer, held by its tests.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from schemas.errors import YunhuobanError, declare

FACE_CHARACTER: Final = declare(
    "E-LIC-002", "照面内容里有不能印在证照上的控制字符：{character}。", "请在登记内容中删去该字符后重新生成。"
)

# Control, format (bidirectional overrides, zero width) and surrogate: invisible, or they reorder a name. Unassigned
# ones pass: new ideographs are unassigned to an older Python, and the font decides whether they can be printed.
_FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseFace:
    """What one copy of a license says. Personal data: never logged."""

    identifier: str
    """电子证照标识."""
    number: str
    """The number printed on the license; for a business license the 统一社会信用代码."""
    lines: tuple[tuple[str, str], ...]
    """Label and content of each line, in order."""
    issuing_authority: str
    """Name of the 发证机关, written along the rim of its seal."""
    issuing_authority_code: str
    issued_on: date
    copy_no: int
    """From 1."""
    copies: int
    """How many copies of this kind there are."""
    verification_url: str
    """What the QR code holds."""
    trial: bool
    """Whether every layer is marked 样张."""

    def __post_init__(self) -> None:
        """Refuse characters that nobody can see on paper. Raises FACE_CHARACTER."""
        texts = [self.number, self.issuing_authority, *(text for line in self.lines for text in line)]
        for character in "".join(texts):
            if unicodedata.category(character) in _FORBIDDEN_CATEGORIES and character != "\n":
                raise YunhuobanError(FACE_CHARACTER, character=f"U+{ord(character):04X}")


def statement(face: LicenseFace, *, copy_kind: str, template: str, template_version: str) -> str:
    """The face as it is sealed into the file."""
    return _canonical(
        {
            "identifier": face.identifier,
            "number": face.number,
            "issuing_authority": face.issuing_authority,
            "issuing_authority_code": face.issuing_authority_code,
            "issued_on": face.issued_on,
            "face": [{"label": label, "value": value} for label, value in face.lines],
        },
        {
            "copy_kind": copy_kind,
            "copy_no": face.copy_no,
            "template": template,
            "template_version": template_version,
        },
        trial=face.trial,
    )


def statement_of(record: Mapping[str, Any], file: Mapping[str, Any], *, trial: bool) -> str:
    """The statement that the file of a canonical License record has to bear."""
    return _canonical(record, file, trial=trial)


def _canonical(record: Mapping[str, Any], file: Mapping[str, Any], *, trial: bool) -> str:
    content = {
        "identifier": record["identifier"],
        "number": record["number"],
        "issuing_authority": record["issuing_authority"],
        "issuing_authority_code": record["issuing_authority_code"],
        "issued_on": record["issued_on"].isoformat(),
        "face": [[line["label"], line["value"]] for line in record["face"]],
        "copy_kind": file["copy_kind"],
        "copy_no": file["copy_no"],
        "template": file["template"],
        "template_version": file["template_version"],
        "trial": trial,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
