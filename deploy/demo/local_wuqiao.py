"""The system of 吴桥县's service hall, as far as the demonstration needs one; it knows its own database only.

`submit` is the window taking applications; `run` plays the clerks: hands over what was printed, and accepts and decides
what came in from elsewhere. Each step is one transaction that asks first whether it was already done, so the process
may be killed at any moment. `document` issues one document more for a case, and the clerks heed it.
"""

import argparse
import random
import signal
import sqlite3
import threading
from datetime import datetime, timedelta
from pathlib import Path

import invented
import paperwork
from wuqiao_papers import accept_one, decide_one, document
from wuqiao_register import HUB, US, guid, insert, now, open_database, stamp

REGION = "130928"
OTHER_ITEM = "11140881MB0000000U4000131127004"
OTHER_CITY = "永济市"
POLL_SECONDS = 0.1

# What a case waits for, or why it goes no further; the clerks leave it alone then.
ENDED = """EXISTS (SELECT 1 FROM wq_document d WHERE d.project_no = a.project_no AND d.wszl IN ('45', '98'))
  OR EXISTS (SELECT 1 FROM up_pro_process p
     WHERE p.project_no = a.project_no AND p.process_name = '撤回' AND p.data_source = :hub)"""
BY_HAND = f"""EXISTS (SELECT 1 FROM up_pro_accept h
     WHERE h.project_no = a.project_no AND h.project_name LIKE '%{paperwork.BY_HAND}')"""
SUPPLEMENT_AWAITED = """EXISTS (SELECT 1 FROM wq_document d WHERE d.project_no = a.project_no AND d.wszl = '40')
  AND NOT EXISTS (SELECT 1 FROM up_pro_process p
     WHERE p.project_no = a.project_no AND p.process_name = '补正材料' AND p.data_source = :hub)"""
PROCEDURE_OPEN = """0 <> (SELECT coalesce(sum(CASE WHEN s.end_time IS NULL THEN 1 ELSE -1 END), 0)
     FROM up_pro_special_procedure s WHERE s.project_no = a.project_no AND s.data_source = :us)"""

PRINTED_NOT_HANDED_OVER = """
SELECT l.project_no, min(l.certificate_source_id), max(l.certificate_holder) FROM up_lic_data l
WHERE l.data_source = :hub AND NOT EXISTS (SELECT 1 FROM wq_handover h WHERE h.project_no = l.project_no)
AND EXISTS (SELECT 1 FROM up_pro_accept a
     WHERE a.project_no = l.project_no AND a.data_source = :us AND a.cd_operation = 'I')
AND (SELECT count(*) FROM up_pro_process p
     WHERE p.project_no = l.project_no AND p.process_name = '打印合格' AND p.data_source = :hub)
 >= max(1, (SELECT count(*) FROM up_pro_process p
     WHERE p.project_no = l.project_no AND p.process_name = '打印授权' AND p.data_source = :hub
     AND coalesce(p.remark, '') = ''))
GROUP BY l.project_no LIMIT 200
"""
NEW_FROM_ELSEWHERE = f"""
SELECT a.project_no, a.applyer_name FROM up_pro_accept a
WHERE a.data_source = :hub AND a.cd_operation = 'I' AND NOT EXISTS (
  SELECT 1 FROM up_pro_accept b WHERE b.project_no = a.project_no AND b.accept_date IS NOT NULL)
AND NOT ({ENDED}) AND NOT ({SUPPLEMENT_AWAITED}) AND NOT ({BY_HAND})
LIMIT 200
"""
ACCEPTED_NOT_DECIDED = f"""
SELECT a.project_no, (SELECT r.qymc FROM wq_register r WHERE r.project_no = a.project_no),
  EXISTS (SELECT 1 FROM up_pro_material m WHERE m.project_no = a.project_no AND m.material_name LIKE '%章程%')
FROM up_pro_accept a
WHERE a.data_source = :us AND a.accept_date IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM up_pro_result r WHERE r.project_no = a.project_no)
AND NOT ({ENDED}) AND NOT ({PROCEDURE_OPEN}) AND NOT ({BY_HAND})
LIMIT 200
"""


def submit(
    connection: sqlite3.Connection,
    count: int,
    chance: random.Random,
    *,
    flawed: bool,
    trial: bool = False,
    by_hand: bool = False,
    item: str = OTHER_ITEM,
    city: str = OTHER_CITY,
) -> list[str]:
    """Take `count` applications at the window, each in one transaction; returns their numbers."""
    numbers: list[str] = []
    for _ in range(count):
        connection.execute("BEGIN IMMEDIATE")
        moment = now()
        prefix = f"WQ{moment:%Y%m%d}"
        last = connection.execute(
            "SELECT max(project_no) FROM up_pro_accept WHERE project_no LIKE ? AND data_source = ?", (prefix + "%", US)
        ).fetchone()[0]
        number = f"{prefix}{int(last[len(prefix) :]) + 1 if last else 1:06}"
        take_application(
            connection, number, moment, chance, flawed=flawed, trial=trial, by_hand=by_hand, item=item, city=city
        )
        connection.execute("COMMIT")
        numbers.append(number)
    return numbers


def take_application(
    connection: sqlite3.Connection,
    number: str,
    moment: datetime,
    chance: random.Random,
    *,
    flawed: bool,
    trial: bool,
    by_hand: bool,
    item: str,
    city: str,
) -> None:
    """Write one application: the application itself, the company's form, and its materials."""
    person, company = invented.person(chance, REGION), invented.company(chance, city)
    insert(
        connection, "up_pro_accept", row_guid=guid("accept", number), project_no=number,
        project_name=f"{company['name']}设立登记{paperwork.BY_HAND if by_hand else ''}",
        catalog_code=item[19:], task_code=item, task_name="公司登记注册",
        project_type="1", apply_type="1", applyer_name=person["name"], applyer_type="1",
        applyer_page_type="111", applyer_page_code=person["number"], contact_name=person["name"],
        contact_mobile=person["mobile"], handle_user_name="吴桥窗口张",
        apply_date=stamp(moment - timedelta(minutes=12)), data_source=US, cd_operation="I", cd_time=stamp(moment),
    )  # fmt: skip
    insert(
        connection, "wq_register", row_guid=guid("register", number), project_no=number, qymc=company["name"],
        qylx=company["kind"], fddbr=person["name"], fddbr_zjhm=person["number"], zczb=f"{company['capital']}万元",
        zs=company["address"], jyfw=company["scope"], window_no="07", receive_time=stamp(moment),
        shiban="1" if trial else "0", data_source=US,
    )  # fmt: skip
    materials = ["公司登记（备案）申请书", "住所使用证明"] + ([] if flawed else ["公司章程"])
    for name in materials:
        insert(
            connection, "up_pro_material", row_guid=guid("material", number, name), project_no=number,
            material_name=name, get_type="1", get_name="1", remark="", data_source=US, cd_time=stamp(moment),
        )  # fmt: skip


def hand_over(connection: sqlite3.Connection) -> int:
    """Hand over every license of an application of this window of which all sheets are printed."""
    rows = connection.execute(PRINTED_NOT_HANDED_OVER, {"hub": HUB, "us": US}).fetchall()
    for number, license_no, holder in rows:
        person = connection.execute(
            "SELECT contact_name FROM up_pro_accept WHERE project_no = ? AND cd_operation = 'I'", (number,)
        ).fetchone()
        moment = stamp(now())
        insert(
            connection, "wq_handover", row_guid=guid("handover", number), project_no=number, zzbs=license_no,
            sdsj=moment, sdfs="1", qsr=person[0] if person else holder, ydh="", jbr="吴桥窗口张", data_source=US,
            cd_time=moment,
        )  # fmt: skip
    return len(rows)


def accept(connection: sqlite3.Connection) -> int:
    """Accept every application that came from elsewhere."""
    rows = connection.execute(NEW_FROM_ELSEWHERE, {"hub": HUB}).fetchall()
    for number, applicant in rows:
        accept_one(connection, number, applicant, working_day_after(now(), 3))
    return len(rows)


def decide(connection: sqlite3.Connection) -> int:
    """Decide every accepted application: granted, unless the articles of association are missing."""
    rows = connection.execute(ACCEPTED_NOT_DECIDED, {"us": US, "hub": HUB}).fetchall()
    for number, company, complete in rows:
        decide_one(connection, number, company, "" if complete else "申请材料缺少公司章程。")
    return len(rows)


def working_day_after(moment: datetime, days: int) -> str:
    """Return the n-th working day after a day; Saturdays and Sundays do not count."""
    day = moment.date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day.isoformat()


def run(connection: sqlite3.Connection, stopped: threading.Event) -> None:
    """Play the clerks until told to stop. Decisions come first: an application is never decided as it is accepted."""
    looks = (
        (ACCEPTED_NOT_DECIDED, decide),
        (NEW_FROM_ELSEWHERE, accept),
        (PRINTED_NOT_HANDED_OVER, hand_over),
    )
    while not stopped.wait(POLL_SECONDS):
        for query, step in looks:
            # Looking takes no lock; only work does.
            if connection.execute(query, {"us": US, "hub": HUB}).fetchone() is None:
                continue
            connection.execute("BEGIN IMMEDIATE")
            done = step(connection)
            connection.execute("COMMIT")
            print(f"吴桥县本地系统：{step.__name__} {done}", flush=True)


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description="吴桥县政务大厅本地系统（演示用）")
    parser.add_argument("--database", type=Path, required=True, help="SQLite 文件")
    commands = parser.add_subparsers(dest="command", required=True)
    taking = commands.add_parser("submit", help="窗口收件")
    taking.add_argument("--count", type=int, default=1)
    taking.add_argument("--seed", type=int, default=None, help="同一种子给出同样的人和公司")
    taking.add_argument("--flawed", action="store_true", help="缺公司章程，属地将不予许可")
    taking.add_argument("--trial", action="store_true", help="试办：打样张，不动空白证照")
    taking.add_argument("--by-hand", action="store_true", help="专人办理：属地由人逐份出具文书")
    taking.add_argument("--item", default=OTHER_ITEM, help="外县事项的实施编码")
    taking.add_argument("--city", default=OTHER_CITY, help="公司将设在哪里")
    papers = paperwork.add_command(commands)
    commands.add_parser("init", help="只建表")
    commands.add_parser("run", help="扮演窗口和审批人员，直到收到 SIGTERM")
    given = parser.parse_args()
    connection = open_database(given.database)
    if given.command == "submit":
        chance = random.Random(given.seed)
        said = {name: getattr(given, name) for name in ("flawed", "trial", "by_hand", "item", "city")}
        for number in submit(connection, given.count, chance, **said):
            print(number)
    elif given.command == "document":
        print(document(connection, paperwork.asked_for(papers, given, now().date())))
    elif given.command == "run":
        stopped = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopped.set())
        run(connection, stopped)
    connection.close()


if __name__ == "__main__":
    main()
