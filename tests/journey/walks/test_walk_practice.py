"""Practice: a clerk learns the desk on a trial case; nothing real is there meanwhile."""

import pytest
from playwright.sync_api import expect

from adapters.hall.desk.printdesk import build_app
from pages.access import Access
from pages.people.person import Role
from pages.serving import Serving
from tests.journey.pages_fakes import Desk
from tests.pages.walking import Walkers

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

REAL, TRIAL = "PA-140881-000031", "PA-140881-000032"


def test_a_trial_case_is_printed_in_practice(walkers: Walkers) -> None:
    """Begin, see only what is on trial, print on white paper, confirm without a number, end."""
    desk, access = Desk(), Access(roles=frozenset({Role.CLERK}))
    with Serving(build_app(desk, access)) as serving:
        clerk = walkers.at(f"http://127.0.0.1:{serving.port}", address=access.address(serving.port))
        clerk.arrives("打印授权")
        expect(clerk.page.locator(f"#row-{REAL}")).to_be_visible()
        clerk.enter("练习（只办试办件）")
        clerk.reads("练习：只有试办件，打白纸，不动空白证照", ".practising")
        expect(clerk.page.locator(f"#row-{REAL}")).to_have_count(0)
        clerk.looks("practising")
        clerk.enter(css=f"#row-{TRIAL} a")
        clerk.finds(TRIAL, "#job .facts")
        clerk.reads("练习：只有试办件，打白纸，不动空白证照", ".practising")
        clerk.enter("打印", within=".decide")
        clerk.reads("已打印完", "#progress")
        clerk.enter("确认合格")
        clerk.reads("样张已确认。", "#job")
        clerk.looks("confirmed")
        clerk.enter("结束练习")
        expect(clerk.page.locator(".practising")).to_have_count(0)
        expect(clerk.page.locator(f"#row-{REAL}")).to_be_visible()
    assert desk.actions == [("print", TRIAL), ("confirm", TRIAL, "")]
