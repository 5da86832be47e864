"""Looks through the names, codes and guides of all counties: any words, pinyin initials, fragments of codes.

Everything in memory and independent of any store. Of some 17,000 implementations most share their item's name and
guide, so that those are looked through once per item, and only what a county says itself once per implementation.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from schemas.catalogue import initials
from schemas.catalogue.model import AllianceMember, Entity, Implementation, ServiceItem

MOST_WORDS: Final = 12
_BETWEEN: Final = re.compile(r"[\s,，、;；。]+")
_CODE: Final = re.compile(r"[0-9A-Z]{2,33}")
# What a word is worth by where it stands; of several places the best one counts.
_IS_NAME, _BEGINS_NAME, _IN_NAME = 100, 60, 45
_IS_CODE, _IN_CODE = 100, 40
_COUNTY, _INITIALS, _OTHER_READING, _GUIDE, _OWN = 35, 30, 15, 8, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing found: an item at a county, or an item that no county implements."""

    item: ServiceItem
    implementation: Implementation | None
    county_name: str
    score: int


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits, and how many there are in all."""

    hits: Sequence[Hit]
    total: int


class _Names:
    """Names and codes of one kind, with a further text each, ready to be asked for a word."""

    def __init__(self, names: Sequence[str], codes: Sequence[str], texts: Sequence[str]) -> None:
        self._names = [plain(each) for each in names]
        self._codes = codes
        self._texts = [plain(each) for each in texts]
        self._usual = [initials.usual(each) for each in self._names]
        self._readings = initials.readings(self._names)

    def scores(self, word: str, *, worth: Sequence[int]) -> list[int]:
        """For each what the word is worth there; 0: it does not stand there."""
        whole, begins, within = worth
        upper = word.upper()
        code = upper if _CODE.fullmatch(upper) else None
        reading = initials.pattern(word, self._readings)
        found: list[int] = []
        for at, name in enumerate(self._names):
            score = 0
            if word in name:
                score = whole if word == name else begins if name.startswith(word) else within
            elif code is not None and code in self._codes[at]:
                score = _IS_CODE if code == self._codes[at] else _IN_CODE
            elif reading is not None and reading.search(name):
                score = _INITIALS if word in self._usual[at] else _OTHER_READING
            elif word in self._texts[at]:
                score = _GUIDE
            found.append(score)
        return found


class Index:
    """A catalogue to be searched. Safe to share between threads."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        """Reads everything; the full catalogue takes a second or so."""
        kept = list(entities)
        self._items = sorted((each for each in kept if isinstance(each, ServiceItem)), key=lambda each: each.code)
        place = {each.code: at for at, each in enumerate(self._items)}
        done = [each for each in kept if isinstance(each, Implementation) and each.basic in place]
        offered = {each.basic for each in done}
        self._done: list[Implementation | None] = [*done]
        self._item_of = [place[each.basic] for each in done]
        county_names = {each.county: each.name for each in kept if isinstance(each, AllianceMember)}
        self._counties = [*sorted({each.county for each in done}), ""]
        county_place = {code: at for at, code in enumerate(self._counties)}
        self._county_of = [county_place[each.county] for each in done]
        for at, item in enumerate(self._items):
            if item.code not in offered:
                self._done.append(None)
                self._item_of.append(at)
                self._county_of.append(county_place[""])
        self._county_names = [county_names.get(code, code) for code in self._counties]
        self._own = [plain(_own_text(each)) if each else "" for each in self._done]
        self._codes = [each.code if each else "" for each in self._done]
        self._of_items = _Names(
            [each.name for each in self._items], [each.code for each in self._items], [*map(_guide, self._items)]
        )
        self._of_counties = _Names(self._county_names, self._counties, [""] * len(self._counties))
        # Of equal hits the one with the shorter name first, then by the codes of county and item.
        self._order = sorted(
            range(len(self._done)),
            key=lambda at: (
                len(self._items[self._item_of[at]].name),
                self._items[self._item_of[at]].code,
                self._counties[self._county_of[at]],
            ),
        )
        self._worse = [0] * len(self._order)
        for rank, at in enumerate(self._order):
            self._worse[at] = rank

    def search(self, text: str, *, limit: int = 20) -> Found:
        """The best matches of all words together; each word must stand somewhere in a hit."""
        words = [each for each in _BETWEEN.split(plain(text)) if each][:MOST_WORDS]
        if not words:
            return Found((), 0)
        scores = [0] * len(self._done)
        alive: Sequence[int] = range(len(self._done))
        for word in words:
            alive = self._narrow(word, alive, scores)
        count, worse = len(self._done), self._worse
        best = nlargest(limit, [scores[at] * count - worse[at] for at in alive])
        places = [self._order[-each % count] for each in best]
        return Found([self._hit(at, scores[at]) for at in places], len(alive))

    def _narrow(self, word: str, alive: Sequence[int], scores: list[int]) -> list[int]:
        """Those in which the word stands too; their scores are raised."""
        by_item = self._of_items.scores(word, worth=(_IS_NAME, _BEGINS_NAME, _IN_NAME))
        by_county = self._of_counties.scores(word, worth=(_COUNTY, _COUNTY, _COUNTY))
        item_of, county_of, own, codes = self._item_of, self._county_of, self._own, self._codes
        upper = word.upper()
        code = upper if _CODE.fullmatch(upper) else None
        left: list[int] = []
        for at in alive:
            score = max(by_item[item_of[at]], by_county[county_of[at]])
            if code is not None and score < _IS_CODE and code in codes[at]:
                score = _IS_CODE if code == codes[at] else _IN_CODE
            if not score and word in own[at]:
                score = _OWN
            if score:
                scores[at] += score
                left.append(at)
        return left

    def _hit(self, at: int, score: int) -> Hit:
        return Hit(
            item=self._items[self._item_of[at]],
            implementation=self._done[at],
            county_name=self._county_names[self._county_of[at]],
            score=score,
        )


def plain(text: str) -> str:
    """As it is compared: full-width forms and capitals make no difference."""
    return unicodedata.normalize("NFKC", text).casefold()


def _guide(item: ServiceItem) -> str:
    texts = (item.item_type, item.power_source, item.accept_condition, item.handle_flow, item.result_name)
    return "\n".join((*texts, *(each.name for each in item.materials)))


def _own_text(done: Implementation) -> str:
    texts = (
        done.name, done.special_procedure, done.accept_condition, done.handle_flow, done.transact_addr,
        done.transact_time, done.link_way, done.supervise_way, done.license_template,
    )  # fmt: skip
    return "\n".join((*texts, *(each.name for each in done.business_items)))
