"""The invented catalogue has exactly the sizes of the true one, is the same every time, and nothing in it is wrong."""

import statistics
import time
from datetime import date
from pathlib import Path

import pytest

from deploy.crowd import catalogue as invented
from deploy.crowd.divisions import members
from hub.catalogue import csvfolder, listing, reading, workbook
from hub.catalogue.troubles import Troubles
from schemas import directory as form
from schemas.catalogue import checks, offering, records
from schemas.catalogue.model import AllianceMember, Entity, Implementation
from schemas.catalogue.search import Index
from schemas.catalogue.view import CatalogueView


@pytest.fixture(scope="module")
def whole() -> dict[str, Entity]:
    """All of it."""
    return invented.entities()


def test_its_sizes_are_exactly_those_of_the_true_one(whole: dict[str, Entity]):
    """云伙伴: 25 provinces, 85 cities, 177 counties, 81 items; 京津冀: 1,389 items; an agreement of two."""
    chosen = {key: value for key, value in whole.items() if form.kind_of(key) != form.IMPLEMENTATION}
    view = CatalogueView(records.entries(chosen.values()))
    sizes = {each.alliance.id: each for each in listing.sizes(view, date(2026, 11, 25))}
    partners, capital, two = (sizes[name] for name in ("YUNHUOBAN", "JJJ", "WUQIAO-HEDONG"))
    assert (partners.provinces, partners.prefectures, partners.counties, partners.items) == (25, 85, 177, 81)
    assert capital.items == 1389
    assert capital.provinces == 3
    assert two.counties == 2
    of_partners = {each.county for each in whole.values() if isinstance(each, AllianceMember)}
    assert of_partners == {each.code for each in members()}
    assert {"130928", "140881", "120102"} <= of_partners
    assert len({each.name for each in members()}) > 160


def test_every_county_offers_all_the_partners_items(whole: dict[str, Entity]):
    """And every item of the capital region is offered by somebody there."""
    done = [each for each in whole.values() if isinstance(each, Implementation)]
    per_item: dict[str, set[str]] = {}
    for each in done:
        per_item.setdefault(each.basic, set()).add(each.county)
    assert sum(len(counties) == 177 for counties in per_item.values()) == 81
    assert len(per_item) == 81 + 1389 - 27
    assert len(done) == 177 * 81 + 2 * (1389 - 27)


def test_nothing_in_it_is_wrong(whole: dict[str, Entity]):
    """It can be imported; guides are of a length that people write."""
    assert [fault for each in whole.values() for fault in (*checks.faults(each), *checks.dangling(each, whole))] == []
    lengths = [len(each.handle_flow) for each in whole.values() if form.kind_of(each.key) == form.ITEM]  # type: ignore[union-attr]
    assert min(lengths) >= 150


def test_it_is_the_same_every_time(whole: dict[str, Entity]):
    """Made anew, it is equal: a second import changes nothing."""
    assert invented.entities.__wrapped__() == whole


def test_the_demonstrations_item_may_be_applied_for(whole: dict[str, Entity]):
    """永济's company registration at 吴桥's window, under the alliance."""
    code = "11140881MB0000000U4000131127004"
    wanted = {form.item_key("000131127004"), form.implementation_key("140881", code)}
    some = [each for key, each in whole.items() if key in wanted or "YUNHUOBAN" in key]
    problem = offering.problem(
        CatalogueView({**records.entries(some)}), service_item=code, issuing="140881", window="130928",
        alliance="YUNHUOBAN", mode="relayed", material_codes=["SQB", "SFZ", "CL-1"], on=date(2026, 11, 25),
    )  # fmt: skip
    assert problem is None


def test_search_over_all_of_it_is_quick(whole: dict[str, Entity]):
    """Words, initials and fragments over the guides of all counties: under 50 ms of one processor each."""
    index = Index(whole.values())
    for words, least in (
        ("公司登记注册", 177), ("吴桥 公司", 1), ("gsdj", 177), ("yjs gsdjzc", 1), ("000131127004", 177),
        ("现场核查 河北", 1000), ("MB0000000U4", 1), ("没有这个词", 0),
    ):  # fmt: skip
        taken = []
        for _ in range(5):
            started = time.process_time()
            found = index.search(words)
            taken.append(time.process_time() - started)
        assert found.total >= least, words
        assert statistics.median(taken) < 0.05, words


@pytest.mark.long
@pytest.mark.parametrize("name", ["full", "full.xlsx"])
def test_the_file_that_it_is_written_to_holds_all_of_it(whole: dict[str, Entity], tmp_path: Path, name: str):
    """As a folder of CSV and, what takes longer, as a workbook: what is read from it is equal, in every field."""
    invented.main(tmp_path / name)
    troubles = Troubles()
    raw = (workbook if name == "full.xlsx" else csvfolder).read(tmp_path / name, troubles)
    assert reading.parse(raw, troubles, known=()) == whole
