"""Search: any words, pinyin initials and fragments of codes over the guides of all counties, the best hits first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue.search import Found, Index
from tests.catalogue_world import BASIC, CODE, ISSUING, WINDOW, implementation, item, member, small

WUQIAO = f"11130928MB00000005{4}{BASIC}"
BANK = "000107111000"
ENTITIES = small(
    member(WINDOW, name="吴桥县"),
    member(ISSUING, name="永济市"),
    implementation(county=WINDOW, code=WUQIAO, transact_addr="河北省沧州市吴桥县政务服务中心", business_items=()),
    item(code=BANK, name="重庆银行网点登记", accept_condition="公司登记注册之后", handle_flow="长期有效 ＥＭＳ 寄递"),
)


@pytest.fixture(scope="module")
def index() -> Index:
    """Two counties with one item, and an item that nobody implements."""
    return Index(ENTITIES.values())


def codes(found: Found) -> list[str]:
    """What was found, in order."""
    return [each.implementation.code if each.implementation else each.item.code for each in found.hits]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("公司登记注册", [WUQIAO, CODE, BANK]),
        ("登记 注册", [WUQIAO, CODE, BANK]),
        ("吴桥 登记", [WUQIAO]),
        ("登记，吴桥", [WUQIAO]),
        ("沧州", [WUQIAO]),
        ("设立", [CODE]),
        ("委托书 永济", [CODE]),
        ("gsdj", [WUQIAO, CODE]),
        ("GSDJZC", [WUQIAO, CODE]),
        ("wqx gs", [WUQIAO]),
        ("yjs", [CODE]),
        ("cqyh", [BANK]),
        ("zqyx", [BANK]),
        ("131127004", [WUQIAO, CODE]),
        ("14088", [CODE]),
        ("mb0000000u", [CODE]),
        ("140881", [CODE]),
        (BANK, [BANK]),
        ("ems", [BANK]),
        ("没有这个", []),
        ("吴桥 银行", []),
        ("", []),
        (" ，、", []),
        ("(", []),
        ("[a-z]+", []),
    ],
)
def test_what_is_found(index: Index, words: str, expected: list[str]):
    """All words must match; names come before guides; a polyphone is found by each of its readings."""
    found = index.search(words)
    assert codes(found) == expected
    assert found.total == len(expected)


def test_the_reading_in_its_word_counts_more(index: Index):
    """重 is chong in 重庆."""
    assert index.search("cqyh").hits[0].score > index.search("zqyx").hits[0].score


def test_only_the_best_are_given_and_all_are_counted(index: Index):
    """A limit of one."""
    found = index.search("登记", limit=1)
    assert (len(found.hits), found.total) == (1, 3)
    assert found.hits[0].county_name == "吴桥县"


def test_an_empty_catalogue_finds_nothing():
    """And does not fail."""
    assert Index([]).search("公司 gs 01").total == 0


@given(words=st.text(max_size=60) | st.from_regex(r"[a-z0-9 ]{0,60}", fullmatch=True))
def test_any_words(index: Index, words: str):
    """Nothing that somebody types fails; what is given is what was counted, best first."""
    found = index.search(words)
    assert len(found.hits) == min(found.total, 20)
    scores = [each.score for each in found.hits]
    assert scores == sorted(scores, reverse=True)
