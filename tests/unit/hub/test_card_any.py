"""A county's card from anybody: a card that the hub can keep and publish, or one declared error."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from hub.registry import county, directory
from hub.registry.county import CARD_WRONG, Card
from hub.store import tables
from tests.hostile import COSTLY, altered, noise, refusal
from tests.hub_world import WINDOW, World

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1

FOLDED = {
    "division_code": "140881", "name": "永济市", "authority_name": "永济市行政审批服务管理局",
    "authority_code": "11140881MB0000000U", "halls": ["hall-1"], "contact": "信息中心", "telephone": "0359-0000000",
    "signing_certificate": "MIIB", "key_statement": "AAAA", "key_statement_signature": "a..b",
    "offers": [{"service_item": "11140881MB0000000U4000131127004", "name": "公司登记注册（设立）"}],
}  # fmt: skip
GOOD = json.dumps(FOLDED)


def test_the_good_one_is_good():
    """What is damaged below can be parsed undamaged."""
    assert Card.parse(GOOD).name == "永济市"


@given(
    text=noise([GOOD.encode(), json.dumps(FOLDED, ensure_ascii=False).encode()]).map(
        lambda data: data.decode("utf-8", "replace")
    )
    | altered(FOLDED).map(json.dumps)
    | st.text(max_size=200)
)
@example(text="[" * 100_000)
@example(text='{"a":' * 100_000)
@example(text="9" * 5000)
def test_any_text(text: str):
    """E-CONF-010, or the code of the identifier that is wrong; nothing of the card's text in the error but a name."""
    error = refusal(lambda: Card.parse(text))
    assert error is None or error.code is CARD_WRONG or error.code.area == "ID"


@given(
    card=altered({name: FOLDED[name] for name in ("name", "authority_name", "halls", "contact", "telephone", "offers")})
)
@example(card={"name": "名" * 101})
@example(card={"name": "a\0b"})
@example(card={"authority_name": "名" * 200})
@example(card={"halls": ["h" * 31]})
@example(card={"halls": ["一 二"]})
@example(card={"halls": ["h"] * 51})
@example(card={"contact": "x" * 101})
@example(card={"telephone": "\ud800"})
@example(card={"offers": [{"service_item": "11140881MB0000000U4000131127004", "name": "名" * 200}]})
@example(card={"offers": [FOLDED["offers"][0]] * 2})
@COSTLY
@pytest.mark.both_stores
def test_whatever_is_enrolled_can_be_published(world: World, card: dict):
    """One county's card must never stop the directory for all: what is accepted fits store and directory."""
    mine = world.network.counties[WINDOW]
    changes = card if isinstance(card, dict) else {}
    with world.store.write() as tx:
        before = tx.execute(select(tables.counties).where(tables.counties.c.division_code == WINDOW)).one()
        error = refusal(lambda: mine.card(world.network.item, **changes))
        if error is not None:
            assert error.code is CARD_WRONG or error.code.area == "ID"
            return
        made = mine.card(world.network.item, **changes)
        county.enrol(tx, made, chains=world.network.chains(), now=world.now)
        assert directory.publish_if_due(tx, world.network.issuer(), world.now) is not None
        row = tx.execute(select(tables.counties).where(tables.counties.c.division_code == WINDOW)).one()
        assert row.halls.split() == list(made.halls)
        assert before.enrolled_at == row.enrolled_at
        tx.rollback()
