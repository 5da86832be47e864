"""Templates of licenses: data in TOML, one file per template and version, drawn by one generic Typst source.

A template has two layers: what the pre-printed stock bears, a file of its own because several licenses are printed
onto one kind of stock, and what is filled in. A template once used never changes: files already sealed name their
version, and sheets of stock fit exactly one. Nor does the Typst source, whose version each template names: a license
can be drawn again as it was. `templates/SHA256SUMS` holds all three kinds of file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from adapters.licenses import agreement
from adapters.licenses.sheet import TEMPLATE_FAULTY, Items, LineForm, Stock, TemplateFile, parsed
from schemas.errors import YunhuobanError, declare

TEMPLATE_UNKNOWN: Final = declare(
    "E-LIC-003", "没有这个证照模板或版本。", "请核对模板编号和版本；新版空白证照需要先安装对应的模板。"
)
FACE_INCOMPLETE: Final = declare(
    "E-LIC-004", "照面内容与模板的项目不一致。", "请按模板补齐项目：每个项目恰好一行，顺序相同，内容不得为空。"
)
NOT_MASKED: Final = declare(
    "E-LIC-016", "照面上的号码没有按模板遮盖：{label}。", "请用本系统按模板生成照面；不要在本地系统中自行拼写这一项。"
)

ORIGINAL: Final = ("business-license-original", "2019.1")
DUPLICATE: Final = ("business-license-duplicate", "2019.1")
_FILE: Final = "template.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The room that a line's content has: millimetres, and the sizes of type it may shrink through, largest first."""

    width: float
    height: float
    sizes: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One version of one template."""

    id: str
    version: str
    license: str
    """The license that it is a copy of."""
    name: str
    """What the license is called, 营业执照."""
    type_code: str
    """证照类型代码; empty where it is not publicly known."""
    bodies: tuple[str, ...]
    """The ends of the kinds of body that it is for; none: for whoever holds it."""
    copy_kind: str
    """`original` (正本) or `duplicate` (副本)."""
    stock_kind: str
    """The kind of pre-printed stock that the fill layer fits."""
    media: str
    """IPP name of the sheet (PWG 5101.1)."""
    font: str
    """The one font family; there is no fallback."""
    lines: tuple[LineForm, ...]
    """The lines, in order."""
    number_label: str
    """What the license calls its number."""
    number_rule: str
    date_style: str
    blank: str
    """What stands in an item without content; empty: none may be without."""
    rooms: Mapping[str, Room]
    """By label."""
    drawing: dict[str, Any]
    """Page and layers, as the Typst source reads them."""
    page_source: bytes
    """That source."""

    @property
    def issuable(self) -> bool:
        """Whether a license can be made out of what the contract carries; where it has no type, county.toml has one."""
        return all(line.source is not None for line in self.lines)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the lines, in order."""
        return tuple(line.label for line in self.lines)

    def require_lines(self, lines: tuple[tuple[str, str], ...]) -> None:
        """Demand exactly the template's lines, none empty, each masked that has to be.

        Raises FACE_INCOMPLETE or NOT_MASKED, which name the label.
        """
        labels = tuple(label for label, _ in lines)
        if labels != self.labels:
            differing = [label for label in (*self.labels, *labels) if label not in labels or label not in self.labels]
            raise YunhuobanError(
                FACE_INCOMPLETE, place=self.id, found=" ".join(differing), expected=" ".join(self.labels)
            )
        for form, (label, value) in zip(self.lines, lines, strict=True):
            if not value.strip():
                raise YunhuobanError(FACE_INCOMPLETE, place=f"{self.id} {label}", expected=label)
            if form.mask is not None and set(value[form.mask.first - 1 : form.mask.last]) != {"*"}:
                raise YunhuobanError(NOT_MASKED, place=self.id, label=label)


@cache
def load(template_id: str, version: str) -> Template:
    """Read a template of this package, once per process. Raises TEMPLATE_UNKNOWN or TEMPLATE_FAULTY."""
    if not re.fullmatch(r"[a-z0-9-]{1,60}", template_id) or not re.fullmatch(r"[0-9]{4}\.[0-9]{1,3}", version):
        raise YunhuobanError(TEMPLATE_UNKNOWN)  # it becomes a path: nothing but these shapes
    file = _folder().joinpath(template_id, version, _FILE)
    if not file.is_file():
        raise YunhuobanError(TEMPLATE_UNKNOWN, place=f"{template_id} {version}")
    return _read(file, f"{template_id}/{version}/{_FILE}", _folder().joinpath("stock"))


def read(path: Path) -> Template:
    """A template that somebody is writing; its stock lies beside it, or is one of the package's.

    Raises TEMPLATE_UNKNOWN or TEMPLATE_FAULTY.
    """
    if not path.is_file():
        raise YunhuobanError(TEMPLATE_UNKNOWN, place=path.name)
    return _read(path, path.name, path.parent)


@cache
def all_templates() -> tuple[Template, ...]:
    """Every template of this package, each in all its versions, the newest last. Raises TEMPLATE_FAULTY."""
    found = [
        (each.name, tuple(int(part) for part in version.name.split(".")), version.name)
        for each in _folder().iterdir()
        if each.is_dir() and each.name != "stock"
        for version in each.iterdir()
    ]
    return tuple(load(template_id, version) for template_id, _, version in sorted(found))


def newest_templates() -> tuple[Template, ...]:
    """Every template in its newest version, as licenses are made with it today."""
    return tuple({each.id: each for each in all_templates()}.values())


def newest(template_id: str) -> Template:
    """The newest version of a template. Raises TEMPLATE_UNKNOWN."""
    versions = [each for each in all_templates() if each.id == template_id]
    if not versions:
        known = " ".join(dict.fromkeys(each.id for each in all_templates()))
        raise YunhuobanError(TEMPLATE_UNKNOWN, found=template_id[:60], expected=known)
    return versions[-1]


def _folder() -> Traversable:
    return resources.files("adapters.licenses").joinpath("templates")


def _read(file: Traversable | Path, place: str, stocks: Traversable | Path) -> Template:
    form, data = parsed(TemplateFile, _text(file, place), place)
    stock_file = stocks.joinpath(f"{form.stock}.toml")
    if not stock_file.is_file():
        stock_file = _folder().joinpath("stock", f"{form.stock}.toml")
    if not stock_file.is_file():
        raise YunhuobanError(TEMPLATE_FAULTY, place=f"{place}: stock", found=form.stock, expected="stock/….toml")
    stock, stock_data = parsed(Stock, _text(stock_file, stock_file.name), stock_file.name)
    agreement.require(form, stock, place, stock_file.name)
    page_file = _folder().joinpath(f"page-{form.page_source}.typ")
    if not page_file.is_file():
        raise YunhuobanError(
            TEMPLATE_FAULTY, place=f"{place}: page_source", found=str(form.page_source), expected="page-….typ"
        )
    return Template(
        id=form.id,
        version=form.version,
        license=form.license,
        name=form.name,
        type_code=form.type_code,
        bodies=tuple(form.bodies),
        copy_kind=form.copy_kind,
        stock_kind=stock.kind,
        media=stock.media,
        font=form.font,
        lines=tuple(form.lines),
        number_label=form.number_label,
        number_rule=form.number_rule,
        date_style=form.date_style,
        blank=form.blank,
        rooms={
            item.label: Room(width=each.value_width, height=item.height, sizes=tuple(each.sizes))
            for each in form.fill
            if isinstance(each, Items)
            for item in each.items
        },
        drawing={
            "page": stock_data["page"],
            "font": form.font,
            "stock": stock_data["layer"],
            "fill": data["fill"],
        },
        page_source=page_file.read_bytes(),
    )


def _text(file: Traversable | Path, place: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise YunhuobanError(TEMPLATE_FAULTY, place=place, found=error.reason, expected="UTF-8") from None
