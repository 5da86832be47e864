"""What a scan shows of a license: enough to compare with the paper, less than stands on it, never too long."""

import json
from datetime import date
from typing import Any

import pytest

from adapters.scanning.face import masked_face, masked_holder, masked_identifier
from schemas import shapes
from schemas.identifiers.license import LicenseIdentifier
from schemas.scanning import FACE_BYTES

IDENTIFIER = str(LicenseIdentifier.build("11100000MB0143028R001", "11140881MB0000000U", "13092820261122000017K"))
LICENSE: dict[str, Any] = {
    "name": "营业执照", "holder": "永济市惠民餐饮有限公司", "holder_code_kind": "001", "identifier": IDENTIFIER,
    "issuing_authority": "永济市行政审批服务管理局", "issued_on": date(2026, 11, 22), "valid_from": None,
    "valid_until": date(2031, 11, 21), "number": "91140881MA0000000X", "holder_code": "130928198807169415",
}  # fmt: skip


@pytest.mark.parametrize(
    ("holder", "kind", "shown"),
    [
        ("永济市惠民餐饮有限公司", "001", "永济*****有限公司"),
        ("李四面馆", "001", "李***"),
        ("张三丰大药房连锁", "001", "张*******"),
        ("欧阳小明", "111", "欧阳**"),
        ("王", "111", "*"),
        ("买买提·艾力买买提·艾力", "111", "买**·*****·**"),
    ],
)
def test_holders_are_masked(holder: str, kind: str, shown: str):
    """A person by the surname, an organisation by place and kind; a short name may be a person's."""
    assert masked_holder(holder, kind) == shown
    assert len(shown) == len(holder)


def test_the_middle_of_the_identifier_is_hidden():
    """Issuer and serial could lead to the holder; type, last characters, version and check are on the paper."""
    shown = masked_identifier(IDENTIFIER)
    assert shown == f"1.2.156.3005.2.11100000MB0143028R001.****.****017K.001.{IDENTIFIER[-1]}"


def test_the_face_holds_nothing_else():
    """No number, no code, no address, no line of the page; days as they are written, an open end as none."""
    face = json.loads(masked_face(LICENSE, trial=True))
    assert face == {
        "v": 1, "name": "营业执照", "holder": "永济*****有限公司", "identifier": masked_identifier(IDENTIFIER),
        "authority": "永济市行政审批服务管理局", "issued_on": "2026-11-22", "valid_from": None,
        "valid_until": "2031-11-21", "trial": True,
    }  # fmt: skip


def test_the_longest_license_that_the_contract_allows_has_room():
    """Names as long as their caps: no license is stopped for its face."""
    caps = {each["name"]: each.get("max_bytes", 0) for each in shapes.raw()["License"]["fields"]}
    longest = LICENSE | {
        "name": "证" * (caps["name"] // 3),
        "issuing_authority": "局" * (caps["issuing_authority"] // 3),
    }
    longest |= {"holder": "司" * (caps["holder"] // 3)}
    longest |= {"identifier": str(LicenseIdentifier.build("11100000MB0143028R001", "11140881MB0000000U", "9" * 32))}
    assert len(masked_face(longest, trial=False)) <= FACE_BYTES
