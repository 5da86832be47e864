"""What the county holds of a person is found for a purpose, and handed out by two persons with two roles."""

import pytest

from tests.county_records import IDENTITY_NO, NAME
from tests.hall_world import Hall
from tests.pages.walking import Walkers
from tests.privacy_world import begin

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def test_a_subject_request_is_answered_by_two_persons(hall: Hall, walkers: Walkers) -> None:
    """County IT searches and asks for the file, the auditor grants it, county IT takes it once; nothing unmasked."""
    begin(hall.world)
    hall.people.at = hall.world.now
    sessions = [hall.people.enrolled("it.one", "county_it"), hall.people.enrolled("wang.wu", "auditor")]
    with hall.open() as desk:
        asking, granting = (walkers.at(desk.origin, cookies=desk.cookies(each)) for each in sessions)
        asking.go("/subject")
        asking.arrives("本人信息查询")
        asking.fill("公民身份号码或统一社会信用代码", IDENTITY_NO)
        asking.fill("目的", "subject")
        asking.enter("查询")
        asking.arrives("谁看过，为什么")
        text = asking.page.locator("main").inner_text()
        assert IDENTITY_NO not in text
        assert NAME not in text
        asking.enter("申请导出 XLSX")
        asking.arrives("申请导出一份清单")
        granting.go("/exports")
        granting.arrives("导出")
        granting.enter(css="form[action$='/approve'] button")
        granting.arrives("导出")
        asking.go("/exports")
        asking.arrives("导出")
        with asking.page.expect_download() as loading:
            asking.enter(css="form[action$='/file'] button")
        assert loading.value.suggested_filename.endswith(".xlsx")
        asking.go("/exports")
        asking.arrives("导出")
        assert asking.page.locator("form[action$='/file']").count() == 0
