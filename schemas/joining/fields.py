"""What a request's fields alone say of it: the county hears it before a file is carried, the hub looks again."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

from schemas import shapes
from schemas.divisions import register
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.credit import CreditCode
from schemas.identifiers.item import ItemCode
from schemas.joining.files import Request

FINDINGS: Final = declare(
    "E-JOIN-016", "加入申请没有通过机器检查，尚未受理。", "请县里按下列各处改正，用同一邀请码重新生成申请。"
)
FIELD_WRONG: Final = declare(
    "E-JOIN-025", "申请中有一项为空、过长或含有不可见字符。", "请改正 county.toml 中的这一项，再重新生成申请。"
)
_CAPS: Final = {each["name"]: each for each in shapes.raw()["CountyEntry"]["fields"]}
_OFFER_CAP: Final = next(each["max_bytes"] for each in shapes.raw()["Offer"]["fields"] if each["name"] == "name")


class RequestUnfit(YunhuobanError):  # noqa: N818 -- named like MappingFailed, which also holds several
    """A request that the machine checks stopped, with all that they found."""

    def __init__(self, problems: Sequence[YunhuobanError]) -> None:
        """Show `problems` one by one, after what they mean together."""
        super().__init__(FINDINGS, found=str(len(problems)))
        self.problems = (YunhuobanError(FINDINGS, found=str(len(problems))), *problems)


def problems(request: Request, day: date) -> list[YunhuobanError]:
    """Everything wrong with texts and codes on a day (Beijing date)."""
    return [*_texts(request), *_codes(request, day)]


def _texts(request: Request) -> Iterator[YunhuobanError]:
    """What store and directory could not take, or people could not read."""
    for place in ("name", "authority_name", "contact", "telephone"):
        yield from _text(getattr(request, place), place, _CAPS[place]["max_bytes"])
    if not 1 <= len(request.halls) <= _CAPS["halls"]["max_items"]:
        yield YunhuobanError(FIELD_WRONG, place="halls", found=str(len(request.halls)))
    for hall in request.halls:
        yield from _text(hall, "halls", _CAPS["halls"]["item_max_bytes"])
        if len(hall.split()) != 1:
            yield YunhuobanError(FIELD_WRONG, place="halls", expected="no spaces")
    for _item, name in request.offers:
        yield from _text(name, "offers", _OFFER_CAP)


def _text(value: str, place: str, most: int) -> Iterator[YunhuobanError]:
    if not value.strip() or not value.isprintable() or len(value.encode()) > most:
        yield YunhuobanError(FIELD_WRONG, place=place, found=f"{len(value)} characters", expected=f"1 … {most} bytes")


def _codes(request: Request, day: date) -> Iterator[YunhuobanError]:
    yield from _refused("division_code", lambda: register.find_county(request.division_code, day))
    yield from _refused("authority_code", lambda: CreditCode.parse(request.authority_code))
    items = [item for item, _name in request.offers]
    for item in items:
        yield from _refused("offers", lambda item=item: ItemCode.parse(item))  # type: ignore[misc]  # the loop's own
    if len(set(items)) != len(items):
        yield YunhuobanError(FIELD_WRONG, place="offers", found="an item twice")


def _refused(place: str, check: Callable[[], object]) -> Iterator[YunhuobanError]:
    try:
        check()
    except YunhuobanError as error:
        yield YunhuobanError(error.code, place=place, found=error.found, expected=error.expected)
