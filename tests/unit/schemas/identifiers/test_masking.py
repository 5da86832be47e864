"""Masked forms of names, telephone numbers and addresses. All persons and places of living are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers.masking import masked_address, masked_name, masked_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳小明", "欧阳**"),
        ("歐陽明", "歐陽*"),
        ("欧阳", "欧*"),  # surname 欧, given name 阳
        ("买买提·艾力", "买**·**"),
        ("John Smith", "J*** *****"),
        ("𠮷田", "𠮷*"),  # outside the basic plane
        ("葛\U000e0100明", "葛*"),  # with a variation selector
        (" 张三 ", "张*"),
        ("张", "*"),
        ("", ""),
    ],
)
def test_names_keep_the_surname_only(name, masked):
    """A list shows 张* and 欧阳**; who has one character shows none."""
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800005678", "138****5678"),
        ("+86 138-0000-5678", "138****5678"),
        ("１３８００００５６７８", "138****5678"),
        ("0317-12345678", "****5678"),
        ("12345", "****"),
        ("无", "****"),
        ("", "****"),
    ],
)
def test_phones_keep_too_little_to_be_called(phone, masked):
    """A list shows 138****5678."""
    assert masked_phone(phone) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("河北省沧州市吴桥县桑园镇长江路18号", "河北省沧州市吴桥县桑园镇***"),
        ("山西省永济市城东街道舜都大道1号", "山西省永济市城东街道***"),
        ("河北省沧州市吴桥县于集镇前李村12号", "河北省沧州市吴桥县于集镇***"),
        ("吴桥县长江路18号", "吴桥县***"),
        ("东莞市虎门镇金洲社区3号", "东莞市虎门镇***"),
        ("济宁市市中区阜桥街道1号", "济宁市市中区阜桥街道***"),
        ("湖北省荆州市沙市区中山街道1号", "湖北省荆州市沙市区中山街道***"),
        ("江西省景德镇市珠山区1号", "江西省景德镇市珠山区***"),
        ("河南省新乡市新乡县小冀镇9号", "河南省新乡市新乡县小冀镇***"),
        ("内蒙古自治区锡林郭勒盟东乌珠穆沁旗乌里雅斯太镇1号", "内蒙古自治区锡林郭勒盟东乌珠穆沁旗乌里雅斯太镇***"),
        ("北京市海淀区中关村街道1号", "北京市海淀区***"),
        ("吴桥县长江路镇北小区5号", "吴桥县***"),
        ("张三家", "***"),
        ("18号", "***"),
        ("", ""),
    ],
)
def test_addresses_end_at_the_township_or_before(address, masked):
    """Road, village, house and room are never shown; where the township is not recognised, less is shown."""
    assert masked_address(address) == masked


@given(st.text(min_size=2), st.text())
def test_any_text_is_masked(name, other):
    """No text makes masking fail, and no name with two characters is shown whole."""
    if len(name.strip()) >= 2 and masked_name(name) == name.strip():
        assert set(name.strip()[1:]) <= set("*·•・‧ ")
    masked_phone(other)
    assert masked_address(other) == "" or masked_address(other).endswith("***")
