"""What journeys over the real pages share: browser windows on them, and applications in the words of a known person."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from playwright.sync_api import Browser, Page

from deploy.demo.world import YONGJI
from tests.journey.pages_fakes import PATIENCE_MILLISECONDS
from tests.journey.road import Road

SCREEN = {"width": 1366, "height": 768}
BEIJING = timezone(timedelta(hours=8))


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """A page in a browser of its own, at the size of a clerk's screen; an error in the browser fails the test."""
    context = browser.new_context(viewport=SCREEN)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security" in line.text else None)
    page.goto(address)
    yield page
    context.close()
    assert failures == []


@dataclass(frozen=True, kw_only=True)
class Words:
    """Everything personal in one application: invented, and unlike anything else on this machine."""

    applicant: str = "欧阳㐂娃"
    number: str = "130928198807169415"
    mobile: str = "19948731605"
    representative: str = "司马䶮泰"
    representative_number: str = "130928197511230833"
    company: str = "永济市𠮷祥鹳雀楼机械配件有限公司"
    address: str = "永济市舜都大道八千七百六十五号"
    scope: str = "鹳雀楼牌机械零部件加工、销售；金属制品修理。"
    applied_at: str = ""

    def personal(self) -> list[str]:
        """What nobody but the two counties may see."""
        return [
            self.applicant, self.number, self.mobile, self.representative, self.representative_number,
            self.company, self.address, self.scope,
        ]  # fmt: skip


def flawed(words: Words) -> Words:
    """The same person with an identity number, a telephone and a day that cannot be."""
    return replace(
        words,
        representative_number=words.representative_number[:17] + "A",
        mobile=words.mobile + "7777",
        applied_at="2026-11-31 09:00:00",
    )


def write_application(road: Road, project_no: str, words: Words) -> None:
    """Take an application at 吴桥's window, as its own program does: rows in its own tables, one transaction."""
    moment = datetime.now(BEIJING).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    ours = {"project_no": project_no, "data_source": "wuqiao"}
    rows = [
        ("up_pro_accept", {
            "row_guid": f"accept-{project_no}", "project_name": f"{words.company}设立登记", "task_code": YONGJI.item,
            "task_name": "公司登记注册", "project_type": "1", "apply_type": "1", "applyer_name": words.applicant,
            "applyer_type": "1", "applyer_page_type": "111", "applyer_page_code": words.number,
            "contact_name": words.applicant, "contact_mobile": words.mobile, "handle_user_name": "吴桥窗口张",
            "apply_date": words.applied_at or moment, "cd_operation": "I", "cd_time": moment,
        }),
        ("wq_register", {
            "row_guid": f"register-{project_no}", "qymc": words.company, "qylx": "有限责任公司（自然人独资）",
            "fddbr": words.representative, "fddbr_zjhm": words.representative_number, "zczb": "100万元",
            "zs": words.address, "jyfw": words.scope, "window_no": "07", "receive_time": moment,
        }),
    ]  # fmt: skip
    rows += [
        ("up_pro_material", {
            "row_guid": f"{project_no}-{name}", "material_name": name, "get_type": "1", "get_name": "1", "remark": "",
            "cd_time": moment,
        })
        for name in ("公司登记（备案）申请书", "住所使用证明", "公司章程")
    ]  # fmt: skip
    with closing(sqlite3.connect(road.world.wuqiao_database, timeout=30)) as connection, connection:
        for table, row in rows:
            values = row | ours
            marks = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))
