"""网上可办率: of the items that a county handles those that can be done wholly online. Pure.

What a county says of its own item (`item.stated`) counts before the modes of the shared catalogue (全程网办).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from schemas import directory
from schemas.catalogue.model import Implementation, Mode, in_force
from schemas.catalogue.view import CatalogueView
from schemas.statedview import decode


def counted(view: CatalogueView, stated: Iterable[tuple[str, bytes]], on: date) -> Mapping[str, tuple[int, int]]:
    """By county all its items on that day, and those of them that are online."""
    said = {key: bool(decode(key, value)["online"]) for key, value in stated}
    items, online = Counter[str](), Counter[str]()
    for each in view.each(Implementation):
        if not in_force(each, on):
            continue
        items[each.county] += 1
        own = said.get(directory.detail_key(each.county, each.code))
        item = view.item(each.basic)
        online[each.county] += (item is not None and Mode.ONLINE in item.modes) if own is None else own
    return {county: (count, online[county]) for county, count in items.items()}
