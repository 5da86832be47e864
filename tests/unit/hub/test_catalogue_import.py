"""The catalogue in the hub's store: what does not change moves nothing, what changes is one entry of the directory."""

from pathlib import Path

import pytest
from sqlalchemy import select

from hub.catalogue import importing, state, workbook
from hub.catalogue.importing import Imported
from hub.catalogue.troubles import Troubles
from hub.registry import directory, trust
from hub.registry.trust import Trust
from hub.store import tables
from schemas import codec
from schemas import directory as form
from schemas.catalogue import offering, records
from schemas.catalogue.model import Entity
from schemas.errors import YunhuobanError
from tests.catalogue_world import ALLIANCE, CODE, DAY, ISSUING, WINDOW, agreed, implementation, item, member, small
from tests.hub_world import World


def put(world: World, entities: dict[str, Entity], *, whole: bool = False) -> Imported:
    """As an import does."""
    return world.store.redo(lambda tx: importing.put(tx, records.entries(entities.values()), whole=whole))


def published(world: World) -> dict[str, object] | None:
    """The next directory, if there is one."""
    world.later(seconds=1)
    with world.store.write() as tx:
        if directory.publish_if_due(tx, world.network.issuer(), world.now) is None:
            return None
        return codec.decode(directory.newest(tx).body, "Directory")


def counter(world: World) -> int:
    """The counter `trust`."""
    with world.store.read() as tx:
        return trust.counter(tx)


@pytest.mark.both_stores
def test_an_import_that_changes_nothing_bumps_no_serial(world: World):
    """Twice the same file: the counter stands, nothing is published."""
    first = put(world, small())
    assert (first.added, first.changed, first.removed) == (6, 0, 0)
    assert published(world) is not None
    before = counter(world)
    again = put(world, small())
    assert (again.added, again.changed, again.removed, again.same) == (0, 0, 0, 6)
    assert again.serial is None
    assert counter(world) == before
    assert published(world) is None


@pytest.mark.both_stores
def test_one_changed_implementation_is_one_entry(world: World):
    """However large the catalogue is; the record is what every inbox gets."""
    put(world, small())
    published(world)
    put(world, small(implementation(link_way="0359-1111111")))
    record = published(world)
    assert record is not None
    assert [each["key"] for each in record["entries"]] == [form.implementation_key(ISSUING, CODE)]  # type: ignore[attr-defined]
    assert record["removed"] == []


@pytest.mark.both_stores
def test_what_a_partial_file_does_not_hold_stays_and_a_whole_one_removes_it(world: World):
    """Removal reaches the directory; what comes back is there again."""
    put(world, small())
    published(world)
    mine = implementation(county=WINDOW, code=f"11130928MB00000005{CODE[18:]}")
    assert put(world, {mine.key: mine}).added == 1
    with world.store.read() as tx:
        assert len(state.entries(tx)) == 7
    record = published(world)
    assert record is not None
    gone = put(world, small(), whole=True)
    assert (gone.removed, gone.same) == (1, 6)
    record = published(world)
    assert record is not None
    assert record["removed"] == [mine.key]
    assert put(world, small(mine)).added == 1
    record = published(world)
    assert record is not None
    assert [each["key"] for each in record["entries"]] == [mine.key]  # type: ignore[attr-defined]
    with world.store.read() as tx:
        assert state.entities(tx) == small(mine)


def test_counties_and_the_rest_of_the_directory_stay_as_they_are(world: World):
    """The catalogue goes beside them."""
    published(world)
    put(world, small())
    record = published(world)
    assert record is not None
    kinds = {form.kind_of(each["key"]) for each in record["entries"]}  # type: ignore[attr-defined]
    assert kinds == set(form.CATALOGUE)
    table = tables.directory_entries.c
    owners = dict(world.rows(select(table.key, table.owner)))
    assert owners[form.implementation_key(ISSUING, CODE)] == ISSUING
    assert owners[form.member_key("YUNHUOBAN", WINDOW)] == ""


def test_the_view_follows_by_what_changed(world: World):
    """Admission reads only changed rows, and keeps the view itself while there are none."""
    put(world, small())
    with world.store.read() as tx:
        since, first = trust.counter(tx), state.view(tx)
        assert state.view(tx, since=since, before=first) is first
    put(world, small(implementation(link_way="0359-1111111")))
    put(world, {each.key: each for each in small().values() if each.key != member(WINDOW).key}, whole=True)
    with world.store.read() as tx:
        second = state.view(tx, since=since, before=first)
        assert dict(second.entries) == state.entries(tx)
    assert second.member("YUNHUOBAN", WINDOW) is None
    assert first.member("YUNHUOBAN", WINDOW) is not None


def test_admissions_snapshot_holds_the_catalogue_and_follows_it(world: World):
    """Read with everything else that is trusted; the check is a look-up in it."""
    item = world.network.item
    put(world, agreed(item, [WINDOW, ISSUING]))
    asked = {
        "service_item": item, "issuing": ISSUING, "window": WINDOW, "alliance": ALLIANCE, "mode": "joint",
        "material_codes": [], "on": DAY,
    }  # fmt: skip

    def load(last: Trust | None) -> Trust:
        with world.store.read() as tx:
            anchors, issuing = [world.network.authority.root], [world.network.authority.issuing]
            return trust.load(tx, anchors=anchors, intermediates=issuing, trial=True, last=last)

    before = load(None)
    assert offering.problem(before.catalogue, **asked) is None
    assert load(before).catalogue is before.catalogue
    put(world, {each.key: each for each in [member(WINDOW, valid_to=DAY.replace(day=1))]})
    problem = offering.problem(load(before).catalogue, **asked)
    assert problem is not None
    assert problem.code is offering.NOT_A_MEMBER


def test_a_file_with_one_mistake_changes_nothing(world: World, tmp_path: Path):
    """All of it or none."""
    put(world, small())
    before = counter(world)
    workbook.write(tmp_path / "a.xlsx", small(item(name="改名"), implementation(promise_day=99)))
    troubles = Troubles()
    raw = workbook.read(tmp_path / "a.xlsx", troubles)
    with pytest.raises(YunhuobanError) as caught:
        importing.prepare(raw, troubles, known=())
    assert caught.value.code.code == "E-CAT-021"
    assert counter(world) == before


def test_what_another_import_removed_meanwhile_cannot_be_referred_to(world: World):
    """Checked again inside the transaction."""
    mine = implementation()
    with pytest.raises(YunhuobanError) as caught:
        put(world, {mine.key: mine})
    assert (caught.value.code.code, caught.value.found) == ("E-CAT-009", "item/000131127004")
