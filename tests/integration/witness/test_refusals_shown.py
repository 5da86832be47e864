"""What a county's people are shown of a refusal: the code, its place, and in both languages what and what to do."""

from dataclasses import replace

from sqlalchemy import delete

from adapters.boxes.opening import NOT_FOR_US
from hub.intake.refusals import ITEM_NOT_OFFERED
from hub.registry import trust
from hub.store import tables
from pages.wording import translations
from schemas.errors import Code
from tests.county_world import ISSUING
from tests.witness_world import Stage


def shown(stage: Stage, code: Code) -> tuple[str, str]:
    """The one trouble on the window county's desk is this code, in both languages; its place, and what was found."""
    (trouble,) = stage.counties.window.desk.troubles()
    english = translations("en")
    assert trouble.code == code.code
    assert (trouble.sentence, trouble.remedy) == (code.sentence, code.remedy)
    assert (trouble.sentence_en, trouble.remedy_en) == (english[code.sentence], english[code.remedy])
    return trouble.place, trouble.found


def test_a_refusal_by_the_hub(stage: Stage):
    """It comes in an admission receipt, and names the field of the county's own message."""
    with stage.hub.world.store.write() as tx:
        tx.execute(delete(tables.offers))
        trust.bump(tx, ISSUING)
    stage.application()
    place, found = shown(stage, ITEM_NOT_OFFERED)
    assert place == "application.submitted service_item"
    assert found


def test_a_refusal_by_the_destination(stage: Stage):
    """It comes as that county's signed message, through the hub, which adds and changes nothing."""
    issuing = stage.counties.issuing
    issuing.identity = replace(issuing.identity, encryption_keys={})
    issuing.start()
    stage.application()
    place, found = shown(stage, NOT_FOR_US)
    assert place == "application.submitted encrypted_for"
    assert found
