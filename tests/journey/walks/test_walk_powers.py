"""An approver lets another county's window accept; its clerk accepts, and the issuing county answers by itself."""

from collections.abc import Mapping

import pytest

from schemas import codec
from schemas.stating import STATEMENTS
from tests import taking_world
from tests.county_records import ITEM
from tests.county_world import ISSUING, WINDOW, World
from tests.hall_world import Hall
from tests.journey.walks.test_walk_taking import typed
from tests.pages.walking import Walkers
from tests.taking_world import WHOLE
from tests.unit.adapters.stating.test_powers_page import said

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

ACCEPTED: Mapping[str, str] = {
    **{name: text for name, text in WHOLE.items() if text and not name.startswith("m.")},
    "window.acceptance": "accept",
}


def published(world: World) -> None:
    """The hub puts what was said into the next directory."""
    form = STATEMENTS["powers.stated"]
    newest = {form.key(each): codec.encode(form.record, each) for each in said(world)}
    taking_world.publish(world, stated=newest)


def test_a_window_is_given_the_power_to_accept_and_accepts(hall: Hall, walkers: Walkers) -> None:
    """Granted by keyboard at the one county, seen and used at the other; the case stands accepted at both."""
    world = hall.world
    taking_world.publish(world)
    deciding = Hall(world, ISSUING)
    approver_session = deciding.people.enrolled("zhang.san", "approver")
    clerk_session = hall.people.enrolled("li.si")
    with deciding.open() as there, hall.open() as here:
        approver = walkers.at(there.origin, cookies=there.cookies(approver_session))
        approver.go("/stating")
        approver.arrives("本县的声明")
        approver.enter("窗口授权")
        approver.arrives("本县授予外县窗口的权限")
        approver.fill("收件地（六位区划代码）", WINDOW)
        approver.fill("", ITEM, css="#service_item")
        approver.tick(css="[value=accept]")
        approver.tick(css="[value=deliver]")
        approver.fill("依据的协议", "吴桥—永济协议第四条")
        approver.looks("granting")
        approver.enter("写进目录")
        approver.reads("已报送，等下一份目录")
        published(world)
        approver.go("/stating/powers")
        approver.reads("已进入目录")
        clerk = walkers.at(here.origin, cookies=here.cookies(clerk_session))
        clerk.go(f"/take/items/{ISSUING}/{ITEM}")
        clerk.arrives("办事指南")
        clerk.enter("开始收件")
        clerk.arrives("材料", css="legend")
        typed(clerk, ACCEPTED)
        typed(clerk, {"m.SQB.taken_as": "original", "m.SQB.trust": "C"})
        clerk.reads("可以报送", "#left")
        clerk.looks("accepting")
        clerk.enter("收件并报送")
        clerk.reads("受理通知书")
        world.settle()
        clerk.reads("异地代收代办：收了原件，请随清单和封签寄给属地，并在往来里登记。")
        clerk.looks("accepted")
        approver.go("/approvals")
        approver.enter(css="ol a")
        approver.reads("申请里的原件还没有收到：拆封签收以后才能作出决定。")
