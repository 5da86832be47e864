"""Amounts and dates read as banks and registrars write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.licenses.amounts import LARGEST_FEN, amount_in_words, chinese_date
from schemas.errors import YunhuobanError


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (5, "伍分"),
        (10, "壹角"),
        (56, "伍角陆分"),
        (100, "壹元整"),
        (1_000, "壹拾元整"),
        (10_005, "壹佰元零伍分"),
        (10_050, "壹佰元伍角"),
        (140_950, "壹仟肆佰零玖元伍角"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (100_000_000, "壹佰万元整"),
        (1_000_500, "壹万零伍元整"),
        (1_010_000, "壹万零壹佰元整"),
        (1_000_000_000, "壹仟万元整"),
        (10_000_000_000, "壹亿元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (10_001_000_000, "壹亿零壹万元整"),
        (10_010_000_000, "壹亿零壹拾万元整"),
        (12_000_000_000, "壹亿贰仟万元整"),
        (1_000_000_000_000, "壹佰亿元整"),
        (100_000_000_000_000, "壹万亿元整"),
        (100_010_000_000_000, "壹万零壹亿元整"),
    ],
)
def test_examples(fen, words):
    """The examples of the banks' rules, and every place where a zero may hide."""
    assert amount_in_words(fen) == words


VALUES = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_back(words: str) -> int:
    """An independent reading: sections at 亿, then 万, then places."""

    def section(text: str) -> int:
        total, digit = 0, 0
        for character in text:
            if character in UNITS:
                total += digit * UNITS[character]
                digit = 0
            else:
                digit = VALUES[character]
        return total + digit

    def below_hundred_million(text: str) -> int:
        high, _, low = text.rpartition("万")
        return section(high) * 10_000 + section(low)

    words = words.removesuffix("整")
    yuan, _, rest = words.rpartition("元")
    high, _, low = yuan.rpartition("亿")
    fen = (below_hundred_million(high) * 10**8 + below_hundred_million(low)) * 100
    jiao, _, _ = rest.rpartition("角")
    fen += VALUES[jiao[-1]] * 10 if jiao else 0
    return fen + (VALUES[rest[-2]] if rest.endswith("分") else 0)


@given(st.integers(min_value=0, max_value=LARGEST_FEN))
def test_words_read_back_to_the_same_amount(fen):
    """No two amounts are written alike, and none is written wrong."""
    assert read_back(amount_in_words(fen)) == fen
    assert "零零" not in amount_in_words(fen)


@pytest.mark.parametrize("fen", [-1, LARGEST_FEN + 1])
def test_out_of_range(fen):
    """What cannot be written is refused."""
    with pytest.raises(YunhuobanError) as caught:
        amount_in_words(fen)
    assert caught.value.code.code == "E-LIC-001"


def test_dates():
    """Months and days have two digits."""
    assert chinese_date(date(2026, 11, 22)) == "2026年11月22日"
    assert chinese_date(date(2026, 1, 2)) == "2026年01月02日"
