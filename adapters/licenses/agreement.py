"""What a template file and its stock have to agree in, beyond what each of them says for itself.

Each line of the face is drawn exactly once, nothing is drawn that no face has, and nothing stands outside the sheet.
Whether one text covers another depends on the contents; the tests look at that with the longest that there are.
"""

from collections.abc import Iterator
from typing import Final

from adapters.licenses.sheet import TEMPLATE_FAULTY, Element, Items, Photo, Qr, Stock, TemplateFile, Text
from schemas.errors import YunhuobanError

FACE_FIELDS: Final = ("发证机关", "发证日期", "副本编号", "年", "月", "日")
"""What a fill layer may draw beside the lines and the number."""


def require(form: TemplateFile, stock: Stock, place: str, stock_place: str) -> None:
    """Demand that they agree. Raises TEMPLATE_FAULTY, which names file, field and value."""
    _require_labels(form, place)
    _require_on_the_sheet(stock.layer, stock, f"{stock_place}: layer")
    _require_on_the_sheet(form.fill, stock, f"{place}: fill")


def _require_labels(form: TemplateFile, place: str) -> None:
    """Each line is drawn exactly once, and nothing is drawn that no face has."""
    labels = [line.label for line in form.lines]
    drawn = [item.label for each in form.fill if isinstance(each, Items) for item in each.items]
    for label in (*labels, *drawn):
        if labels.count(label) != 1 or drawn.count(label) != 1:
            raise YunhuobanError(TEMPLATE_FAULTY, place=f"{place}: lines | fill.items", found=label, expected="1 = 1")
    known = {*labels, form.number_label, *FACE_FIELDS}
    for number, each in enumerate(form.fill, 1):
        if isinstance(each, Text) and each.field is not None and each.field not in known:
            raise YunhuobanError(
                TEMPLATE_FAULTY, place=f"{place}: fill.{number}.field", found=each.field, expected=" ".join(known)
            )


def _require_on_the_sheet(layer: list[Element], stock: Stock, place: str) -> None:
    for number, each in enumerate(layer, 1):
        for right, bottom in _corners(each):
            if right > stock.page.width or bottom > stock.page.height:
                raise YunhuobanError(
                    TEMPLATE_FAULTY,
                    place=f"{place}.{number} ({each.kind})",
                    found=f"{right:g} × {bottom:g} mm",
                    expected=f"<= {stock.page.width:g} × {stock.page.height:g} mm",
                )


def _corners(each: Element) -> Iterator[tuple[float, float]]:
    """The lower right corners of an element, as far as the file alone says them."""
    if isinstance(each, Items):
        right = each.x + each.label_width + each.gap + each.value_width
        yield from ((right, item.y + item.height) for item in each.items)
    elif isinstance(each, Text):
        yield each.x + each.width, each.y + (each.height or 0)
    elif isinstance(each, Qr):
        yield each.x + each.side, each.y + each.side
    elif isinstance(each, Photo):
        yield each.x + each.width, each.y + each.height
    elif each.kind != "frame":
        yield each.x + each.radius, each.y + each.radius
