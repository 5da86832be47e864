"""Templates of licenses: data in TOML, one file per template and version, drawn by one generic Typst source.

A template has two layers: what the pre-printed stock bears, and what is filled in. A template once used never
changes: files already sealed name their version, and sheets of stock fit exactly one.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from schemas.errors import YunhuobanError, declare

TEMPLATE_UNKNOWN: Final = declare(
    "E-LIC-003", "没有这个证照模板或版本。", "请核对模板编号和版本；新版空白证照需要先安装对应的模板。"
)
FACE_INCOMPLETE: Final = declare(
    "E-LIC-004", "照面内容与模板的项目不一致。", "请按模板补齐项目：每个项目恰好一行，顺序相同，内容不得为空。"
)

ORIGINAL: Final = ("business-license-original", "2019.1")
DUPLICATE: Final = ("business-license-duplicate", "2019.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One version of one template."""

    id: str
    version: str
    name: str
    """What the license is called, 营业执照."""
    copy_kind: str
    """`original` (正本) or `duplicate` (副本)."""
    stock_kind: str
    """The kind of pre-printed stock that the fill layer fits."""
    media: str
    """IPP name of the sheet (PWG 5101.1)."""
    font: str
    """The one font family; there is no fallback."""
    labels: tuple[str, ...]
    """The labels of the lines, in order."""
    number_label: str
    """What the license calls its number."""
    drawing: dict[str, Any]
    """Page and layers, as the Typst source reads them."""

    def require_lines(self, lines: tuple[tuple[str, str], ...]) -> None:
        """Demand exactly the template's lines, none empty. Raises FACE_INCOMPLETE, which names the label."""
        labels = tuple(label for label, _ in lines)
        if labels != self.labels:
            differing = [label for label in (*self.labels, *labels) if label not in labels or label not in self.labels]
            raise YunhuobanError(
                FACE_INCOMPLETE, place=self.id, found=" ".join(differing), expected=" ".join(self.labels)
            )
        for label, value in lines:
            if not value.strip():
                raise YunhuobanError(FACE_INCOMPLETE, place=f"{self.id} {label}", expected=label)


@cache
def load(template_id: str, version: str) -> Template:
    """Read a template of this package, once per process. Raises TEMPLATE_UNKNOWN."""
    if not re.fullmatch(r"[a-z0-9-]{1,60}", template_id) or not re.fullmatch(r"[0-9]{4}\.[0-9]{1,3}", version):
        raise YunhuobanError(TEMPLATE_UNKNOWN)  # it becomes a path: nothing but these shapes
    file = resources.files("adapters.licenses").joinpath("templates", template_id, version, "template.toml")
    if not file.is_file():
        raise YunhuobanError(TEMPLATE_UNKNOWN, place=f"{template_id} {version}")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return Template(
        id=data["id"],
        version=data["version"],
        name=data["name"],
        copy_kind=data["copy_kind"],
        stock_kind=data["stock_kind"],
        media=data["media"],
        font=data["font"],
        labels=tuple(data["labels"]),
        number_label=data["number_label"],
        drawing={key: data[key] for key in ("page", "font", "stock", "fill")},
    )
