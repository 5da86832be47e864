"""The view over entries: the same answers from a store and from a directory, and nothing read twice."""

from dataclasses import replace

import pytest
from hypothesis import given

from schemas import codec
from schemas.catalogue import records
from schemas.catalogue.model import AllianceMember, Implementation
from schemas.catalogue.view import CatalogueView
from schemas.errors import YunhuobanError
from tests.catalogue_world import ALLIANCE, BASIC, CODE, ISSUING, WINDOW, alliance, implementation, item, small, view
from tests.hostile import noise, refusal


def test_every_object_comes_back_as_it_went():
    """Encoded under its key and decoded."""
    entries = records.entries(small().values())
    assert {key: records.decode(key, value) for key, value in entries.items()} == small()


def test_an_entry_under_another_key_is_refused():
    """An implementation under another county's key would be believed to be that county's."""
    value = records.encode(implementation())
    with pytest.raises(ValueError, match="130928"):
        records.decode(f"implementation/130928/{CODE}", value)
    with pytest.raises(YunhuobanError):
        records.decode(f"item/{BASIC}", value)


@given(data=noise([records.encode(implementation()), records.encode(item())]))
def test_any_bytes_under_a_key(data: bytes):
    """Only the codec's errors, or that the key is another's."""
    for key in (f"item/{BASIC}", f"implementation/{ISSUING}/{CODE}", "member/A/1", "alliance-item/A/1", "alliance/A"):
        try:
            error = refusal(lambda key=key: records.decode(key, data))  # type: ignore[misc]
        except ValueError as other:
            assert key in str(other)  # noqa: PT017 -- the one other error, which names nothing but the key
        else:
            assert error is None or error.code.area == "CODEC"


def test_it_answers_by_look_up_and_lists_by_kind():
    """What is not there is None."""
    asked = view(small())
    assert asked.filled
    assert not CatalogueView({}).filled
    assert asked.item(BASIC) == item()
    assert asked.implementation(ISSUING, CODE) == implementation()
    assert asked.implementation(WINDOW, CODE) is None
    assert asked.alliance(ALLIANCE) == alliance()
    assert asked.member("JJJ", WINDOW) is None
    assert [each.county for each in asked.each(AllianceMember)] == [WINDOW, ISSUING]
    assert list(asked.each(Implementation)) == [implementation()]


def test_what_stays_the_same_is_read_once(monkeypatch: pytest.MonkeyPatch):
    """One changed entry of seventeen thousand must not cost all of them again."""
    decoded: list[str] = []
    real = codec.decode
    monkeypatch.setattr(codec, "decode", lambda data, name: decoded.append(name) or real(data, name))
    first = view(small())
    assert first.implementation(ISSUING, CODE)
    assert first.item(BASIC)
    changed = small(implementation(link_way="0359-1111111"))
    second = CatalogueView(records.entries(changed.values()), first)
    assert second.item(BASIC)
    found = second.implementation(ISSUING, CODE)
    assert found is not None
    assert found.link_way == "0359-1111111"
    assert decoded == ["Implementation", "ServiceItem", "Implementation"]
    again = first.implementation(ISSUING, CODE)
    assert again == implementation()


def test_an_empty_list_is_a_list():
    """An item without materials, an implementation without business items."""
    bare = [replace(item(), materials=()), replace(implementation(), business_items=())]
    for each in bare:
        assert records.decode(each.key, records.encode(each)) == each
