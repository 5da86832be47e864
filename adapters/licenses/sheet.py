"""What a template file and a stock file may say, and the words that name a fault in one of them.

Both are TOML: lengths in millimetres from the upper left corner of the sheet, sizes of type in points. A key that
nobody knows is refused like one that is missing: a mistyped `heigth` would otherwise be found on paper.
"""

import tomllib
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from schemas.errors import YunhuobanError, declare

TEMPLATE_FAULTY: Final = declare(
    "E-LIC-012", "证照模板文件有误。", "请按提示修改所指文件中的这一项；已经用过的版本不要改，另立新版本。"
)
_LONGEST_SHOWN: Final = 60
_KINDS: Final = frozenset({"frame", "ground", "emblem", "text", "items", "qr", "seal", "photo"})

Length = Annotated[float, Field(ge=0, le=600)]
Positive = Annotated[float, Field(gt=0, le=600)]
Points = Annotated[float, Field(ge=4, le=120)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
Rule = Literal["text", "amount", "date", "period", "masked", "before_bracket", "in_bracket"]
Source = Literal[
    "enterprise_name",
    "enterprise_kind",
    "legal_representative",
    "registered_capital_fen",
    "address",
    "business_scope",
    "established_on",
    "food.operator_name",
    "food.credit_code",
    "food.representative",
    "food.domicile",
    "food.premises",
    "food.business_form",
    "food.business_items",
    "drug.enterprise_name",
    "drug.credit_code",
    "drug.legal_representative",
    "drug.principal",
    "drug.quality_head",
    "drug.registered_address",
    "drug.business_mode",
    "drug.business_scope",
    "drug.warehouse_address",
    "performance.unit_name",
    "performance.legal_representative",
    "performance.principal",
    "performance.domicile",
    "performance.economic_kind",
    "performance.registered_fund",
    "performance.business_scope",
    "performance.performers",
    "residence.name",
    "residence.sex",
    "residence.nation",
    "residence.born_on",
    "residence.identity_no",
    "residence.household_address",
    "residence.residence_address",
    "elder.name",
    "elder.sex",
    "elder.born_on",
    "elder.identity_no",
    "elder.address",
    "valid_until",
    "validity",
    "complaint_phone",
]
"""What application, decision and county.toml can say of a license's lines: of a registration by the field's name, of
another license by its part and field (`particulars`). `validity` is the day of issue and `valid_until`."""


File = TypeVar("File", "TemplateFile", "Stock")


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Element(_Part):
    model_config = ConfigDict(alias_generator=_hyphens)


class Frame(_Element):
    """A border of waves with a rosette in each corner."""

    kind: Literal["frame"]
    margin: Length
    band: Positive
    period: Annotated[float, Field(ge=2, le=600)]
    """Of one wave; a finer one would take minutes to draw."""


class Ground(_Element):
    """A pale rosette behind the text."""

    kind: Literal["ground"]
    x: Length
    y: Length
    radius: Positive
    rings: Annotated[int, Field(ge=1, le=40)]
    step: Positive


class Emblem(_Element):
    """A plain ring where a real license bears the national emblem, which is never drawn."""

    kind: Literal["emblem"]
    x: Length
    y: Length
    radius: Positive


class Text(_Element):
    """One piece of text: constant, or a field of the face. With `height` it shrinks through `sizes` to fit."""

    kind: Literal["text"]
    x: Length
    y: Length
    width: Positive
    size: Points
    weight: Literal["regular", "bold"] = "regular"
    tracking: Annotated[float, Field(ge=0, le=2)] = 0
    align: Literal["left", "center", "right"] = "left"
    colour: Literal["ink", "red", "gold", "grey"] = "ink"
    text: Annotated[str, StringConstraints(min_length=1)] | None = None
    field: Label | None = None
    height: Positive | None = None
    sizes: Annotated[list[Points], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if (self.text is None) == (self.field is None):
            raise ValueError("text | field")
        if (self.height is None) != (self.sizes is None):
            raise ValueError("height + sizes")
        return self


class Item(_Element):
    """Where one line of the face stands, and how much room its content has."""

    label: Label
    y: Length
    height: Positive


class Items(_Element):
    """A column of labels with their contents."""

    kind: Literal["items"]
    x: Length
    label_width: Positive
    gap: Length
    value_width: Positive
    label_size: Points
    sizes: Annotated[list[Points], Field(min_length=1)]
    """The sizes a content may have, largest first; the last is the least: what does not fit then is not drawn."""
    items: Annotated[list[Item], Field(min_length=1)]

    @model_validator(mode="after")
    def _falling(self) -> Self:
        if self.sizes != sorted(self.sizes, reverse=True):
            raise ValueError("sizes: largest first")
        return self


class Qr(_Element):
    """The code that leads to the hub's page of this license."""

    kind: Literal["qr"]
    x: Length
    y: Length
    side: Positive


class Seal(_Element):
    """The issuing authority's round seal, by its centre."""

    kind: Literal["seal"]
    x: Length
    y: Length
    radius: Positive


class Photo(_Element):
    """A box in which a photograph is pasted: no message carries one."""

    kind: Literal["photo"]
    x: Length
    y: Length
    width: Positive
    height: Positive
    size: Points
    text: str


Element = Annotated[Frame | Ground | Emblem | Text | Items | Qr | Seal | Photo, Field(discriminator="kind")]


class Page(_Part):
    """The sheet, as it lies when read."""

    width: Positive
    height: Positive


class Stock(_Part):
    """One kind of pre-printed stock. Its layer is drawn for the complete page and for specimens."""

    kind: Name
    media: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.]{1,30}x?[a-z0-9_.]*$", max_length=60)]
    page: Page
    layer: list[Element]


class Mask(_Part):
    """Which characters of a number are hidden, counted from 1."""

    first: Annotated[int, Field(ge=1)]
    last: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("first <= last")
        return self


class LineForm(_Part):
    """One line of the face: its label, how its content is written, and where that content comes from."""

    model_config = ConfigDict(populate_by_name=True)

    label: Label
    rule: Rule = "text"
    source: Annotated[Source | None, Field(alias="from")] = None
    """None: neither application nor decision of the contract carries it, and nothing is issued from the template."""
    mask: Mask | None = None

    @model_validator(mode="after")
    def _mask_with_its_rule(self) -> Self:
        if (self.rule == "masked") != (self.mask is not None):
            raise ValueError("rule = masked + mask")
        return self


class TemplateFile(_Part):
    """One version of one template."""

    id: Name
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}\.[0-9]{1,3}$")]
    license: Name
    """The license that it is a copy of; the templates of one license differ by copy and by kind of body."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    type_code: Annotated[str, StringConstraints(pattern=r"^([0-9A-Z]{21})?$")]
    """证照类型代码 (GB/T 36903); empty where it is not publicly known: then county.toml states it."""
    bodies: list[Label]
    """The ends of the kinds of body that it is for, as 公司; empty: for whoever holds the license."""
    copy_kind: Literal["original", "duplicate"]
    stock: Name
    font: Annotated[str, StringConstraints(min_length=1)]
    number_label: Label
    number_rule: Literal["plain", "with_copy_no"] = "plain"
    """`with_copy_no`: the copy's number follows the license's, `…-1`."""
    date_style: Literal["digits", "characters"] = "digits"
    blank: str = ""
    """What stands in an item that has no content; empty: every item has to have one."""
    page_source: Annotated[int, Field(ge=1)] = 1
    """The version of the Typst source that draws it, `templates/page-1.typ`: the same source, the same page."""
    lines: Annotated[list[LineForm], Field(min_length=1)]
    fill: list[Element]


def parsed(kind: type[File], text: str, place: str) -> tuple[File, dict[str, Any]]:
    """A file as it was meant, and the plain data that it is drawn from. Raises TEMPLATE_FAULTY."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise YunhuobanError(TEMPLATE_FAULTY, place=place, found=str(error)[:_LONGEST_SHOWN]) from error
    try:
        return kind.model_validate(data), data
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(_steps(first["loc"])) or str(first.get("ctx", {}).get("error", ""))
        raise YunhuobanError(
            TEMPLATE_FAULTY,
            place=f"{place}: {field}",
            found="" if first["type"] == "missing" else str(first["input"])[:_LONGEST_SHOWN],
            expected=first["msg"],
        ) from None


def _steps(place: tuple[int | str, ...]) -> Iterator[str]:
    """A place for people: counted from 1, without the name of the element's kind, which the file says itself."""
    for before, step in zip((None, *place), place, strict=False):
        if isinstance(step, int):
            yield str(step + 1)
        elif not (isinstance(before, int) and step in _KINDS):
            yield step
