"""The system of 吴桥县's service hall, as far as the demonstration needs one; it knows its own database only.

`submit` is the window taking applications; `run` plays the clerks: hands over what was printed, and accepts and decides
what came in from elsewhere. Each step is one transaction that asks first whether it was already done, so the process
may be killed at any moment. The tables are those that provinces exchange with the national platform, and three of the
county's own whose names begin with `wq_`.
"""

import argparse
import random
import signal
import sqlite3
import threading
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import invented

REGION = "130928"
OTHER_ITEM = "11140881MB0000000U4000131127004"
POLL_SECONDS = 0.1
BEIJING = timezone(timedelta(hours=8))
US = "wuqiao"
HUB = "yunhuoban"

TABLES = """
CREATE TABLE IF NOT EXISTS up_pro_accept (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), project_name VARCHAR(200), catalog_code VARCHAR(12),
  task_code VARCHAR(36), task_handle_item VARCHAR(36), task_name VARCHAR(200), task_version VARCHAR(10),
  project_type VARCHAR(2), apply_type VARCHAR(2), applyer_name VARCHAR(200), applyer_type VARCHAR(2),
  applyer_page_type VARCHAR(3), applyer_page_code VARCHAR(40), legal VARCHAR(100), contact_name VARCHAR(100),
  contact_type VARCHAR(3), contact_code VARCHAR(40), contact_mobile VARCHAR(20), address VARCHAR(400),
  zip_code VARCHAR(6), org_code VARCHAR(18), org_name VARCHAR(200), handle_user_name VARCHAR(100),
  apply_date DATETIME, accept_date DATETIME, accept_doc_no VARCHAR(100), promise_date DATE,
  local_catalog_code VARCHAR(36), local_task_code VARCHAR(36), data_source VARCHAR(20), cd_operation VARCHAR(1),
  cd_time DATETIME, cd_batch VARCHAR(50));
CREATE TABLE IF NOT EXISTS up_pro_material (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), material_name VARCHAR(200),
  material_attach_name VARCHAR(200), get_type VARCHAR(30), get_name VARCHAR(20), remark VARCHAR(500),
  data_source VARCHAR(20), cd_time DATETIME);
CREATE TABLE IF NOT EXISTS up_pro_process (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), process_name VARCHAR(100), event_name VARCHAR(2),
  event_start_time DATETIME, event_end_time DATETIME, handle_explain VARCHAR(4000), handle_user_name VARCHAR(100),
  remark VARCHAR(500), data_source VARCHAR(20), cd_time DATETIME);
CREATE TABLE IF NOT EXISTS up_pro_result (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), result_type VARCHAR(2), result_date DATETIME,
  result_explain VARCHAR(4000), result_cetr_name VARCHAR(200), result_cetr_no VARCHAR(128),
  is_delivery_results VARCHAR(1), satisfaction VARCHAR(2), data_source VARCHAR(20), cd_time DATETIME);
CREATE TABLE IF NOT EXISTS up_lic_data (
  row_guid VARCHAR(64) PRIMARY KEY, certificate_source_id VARCHAR(128), project_no VARCHAR(50),
  certificate_name VARCHAR(200), certificate_number VARCHAR(128), certificate_type_code VARCHAR(21),
  certificate_holder VARCHAR(200), certificate_holder_code VARCHAR(40), issue_dept VARCHAR(200),
  issue_dept_code VARCHAR(18), issue_date DATE, certificate_area_code VARCHAR(6), data_source VARCHAR(20),
  cd_time DATETIME);
CREATE TABLE IF NOT EXISTS wq_register (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), qymc VARCHAR(200), qylx VARCHAR(100), fddbr VARCHAR(100),
  fddbr_zjhm VARCHAR(40), zczb VARCHAR(60), zs VARCHAR(400), jyfw VARCHAR(4000), window_no VARCHAR(30),
  receive_time DATETIME, data_source VARCHAR(20));
CREATE TABLE IF NOT EXISTS wq_decision (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), jdws_no VARCHAR(100), liyou VARCHAR(4000),
  jiuji VARCHAR(2000), pzr VARCHAR(100), pzr_gh VARCHAR(40), clrq DATE);
CREATE TABLE IF NOT EXISTS wq_handover (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), zzbs VARCHAR(128), sdsj DATETIME, sdfs VARCHAR(1),
  qsr VARCHAR(100), ydh VARCHAR(60), jbr VARCHAR(100), data_source VARCHAR(20), cd_time DATETIME);
CREATE INDEX IF NOT EXISTS accept_by_time ON up_pro_accept (cd_time);
CREATE INDEX IF NOT EXISTS accept_by_no ON up_pro_accept (project_no);
CREATE INDEX IF NOT EXISTS material_by_no ON up_pro_material (project_no);
CREATE INDEX IF NOT EXISTS process_by_no ON up_pro_process (project_no, process_name);
CREATE INDEX IF NOT EXISTS result_by_time ON up_pro_result (cd_time);
CREATE INDEX IF NOT EXISTS result_by_no ON up_pro_result (project_no);
CREATE INDEX IF NOT EXISTS register_by_no ON wq_register (project_no);
CREATE INDEX IF NOT EXISTS decision_by_no ON wq_decision (project_no);
CREATE INDEX IF NOT EXISTS handover_by_time ON wq_handover (cd_time);
CREATE INDEX IF NOT EXISTS handover_by_no ON wq_handover (project_no);
CREATE INDEX IF NOT EXISTS license_by_no ON up_lic_data (project_no);
"""

PRINTED_NOT_HANDED_OVER = """
SELECT l.project_no, min(l.certificate_source_id), max(l.certificate_holder) FROM up_lic_data l
WHERE l.data_source = :hub AND NOT EXISTS (SELECT 1 FROM wq_handover h WHERE h.project_no = l.project_no)
AND (SELECT count(*) FROM up_pro_process p
     WHERE p.project_no = l.project_no AND p.process_name = '打印合格' AND p.data_source = :hub)
 >= max(1, (SELECT count(*) FROM up_pro_process p
     WHERE p.project_no = l.project_no AND p.process_name = '打印授权' AND p.data_source = :hub
     AND coalesce(p.remark, '') = ''))
GROUP BY l.project_no LIMIT 200
"""
NEW_FROM_ELSEWHERE = """
SELECT a.project_no, a.applyer_name FROM up_pro_accept a
WHERE a.data_source = :hub AND a.cd_operation = 'I' AND NOT EXISTS (
  SELECT 1 FROM up_pro_accept b WHERE b.project_no = a.project_no AND b.accept_date IS NOT NULL)
LIMIT 200
"""
ACCEPTED_NOT_DECIDED = """
SELECT a.project_no, (SELECT r.qymc FROM wq_register r WHERE r.project_no = a.project_no),
  EXISTS (SELECT 1 FROM up_pro_material m WHERE m.project_no = a.project_no AND m.material_name LIKE '%章程%')
FROM up_pro_accept a
WHERE a.data_source = :us AND a.accept_date IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM up_pro_result r WHERE r.project_no = a.project_no)
LIMIT 200
"""


def now() -> datetime:
    """Beijing time without a zone, as hall systems keep it."""
    return datetime.now(BEIJING).replace(tzinfo=None)


def stamp(moment: datetime) -> str:
    """Write a time as the tables hold it."""
    return moment.isoformat(sep=" ", timespec="microseconds")


def open_database(path: Path) -> sqlite3.Connection:
    """Open the database and make what tables are missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(TABLES)
    return connection


def insert(connection: sqlite3.Connection, table: str, **row: object) -> None:
    """Insert one row; one that is already there stays."""
    columns, places = ", ".join(row), ", ".join("?" for _ in row)
    connection.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})", list(row.values()))


def guid(*parts: str) -> str:
    """Return the same identifier for the same step of the same case."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("wuqiao", *parts))).hex


def submit(connection: sqlite3.Connection, count: int, chance: random.Random, *, flawed: bool) -> list[str]:
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
        take_application(connection, number, moment, chance, flawed=flawed)
        connection.execute("COMMIT")
        numbers.append(number)
    return numbers


def take_application(
    connection: sqlite3.Connection, number: str, moment: datetime, chance: random.Random, *, flawed: bool
) -> None:
    """Write one application: the application itself, the company's form, and its materials."""
    person, company = invented.person(chance, REGION), invented.company(chance, "永济市")
    insert(
        connection, "up_pro_accept", row_guid=guid("accept", number), project_no=number,
        project_name=f"{company['name']}设立登记", catalog_code=OTHER_ITEM[19:], task_code=OTHER_ITEM,
        task_name="公司登记注册", project_type="1", apply_type="1", applyer_name=person["name"], applyer_type="1",
        applyer_page_type="111", applyer_page_code=person["number"], contact_name=person["name"],
        contact_mobile=person["mobile"], handle_user_name="吴桥窗口张",
        apply_date=stamp(moment - timedelta(minutes=12)), data_source=US, cd_operation="I", cd_time=stamp(moment),
    )  # fmt: skip
    insert(
        connection, "wq_register", row_guid=guid("register", number), project_no=number, qymc=company["name"],
        qylx=company["kind"], fddbr=person["name"], fddbr_zjhm=person["number"], zczb=f"{company['capital']}万元",
        zs=company["address"], jyfw=company["scope"], window_no="07", receive_time=stamp(moment), data_source=US,
    )  # fmt: skip
    materials = ["公司登记（备案）申请书", "住所使用证明"] + ([] if flawed else ["公司章程"])
    for name in materials:
        insert(
            connection, "up_pro_material", row_guid=guid("material", number, name), project_no=number,
            material_name=name, get_type="1", get_name="1", remark="", data_source=US, cd_time=stamp(moment),
        )  # fmt: skip


def hand_over(connection: sqlite3.Connection) -> int:
    """Hand over every license of which all sheets are printed."""
    rows = connection.execute(PRINTED_NOT_HANDED_OVER, {"hub": HUB}).fetchall()
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
        moment, serial = now(), next_serial(connection, "up_pro_accept", "accept_doc_no IS NOT NULL")
        insert(
            connection, "up_pro_accept", row_guid=guid("accepted", number), project_no=number, applyer_name=applicant,
            accept_date=stamp(moment), accept_doc_no=f"吴审受字〔{moment:%Y}〕{serial:06}号",
            promise_date=working_day_after(moment, 3), handle_user_name="吴桥审批李", data_source=US,
            cd_operation="U", cd_time=stamp(moment),
        )  # fmt: skip
    return len(rows)


def decide(connection: sqlite3.Connection) -> int:
    """Decide every accepted application: granted, unless the articles of association are missing."""
    rows = connection.execute(ACCEPTED_NOT_DECIDED, {"us": US}).fetchall()
    for number, company, complete in rows:
        moment, serial = now(), next_serial(connection, "wq_decision", "1")
        insert(
            connection, "wq_decision", row_guid=guid("decision", number), project_no=number,
            jdws_no=f"吴审决字〔{moment:%Y}〕{serial:06}号", liyou="" if complete else "申请材料缺少公司章程。",
            jiuji="" if complete else "可在收到决定之日起六十日内申请行政复议，或者六个月内提起行政诉讼。",
            pzr="吴桥批准王", pzr_gh="WQ0012", clrq=moment.date().isoformat() if complete else None,
        )  # fmt: skip
        insert(
            connection, "up_pro_result", row_guid=guid("result", number), project_no=number,
            result_type="10" if complete else "20", result_date=stamp(moment),
            result_explain=f"{company or ''}设立登记{'准予' if complete else '不予'}许可",
            result_cetr_name="营业执照" if complete else "",
            result_cetr_no=invented.credit_code(REGION, serial) if complete else "",
            is_delivery_results="0", data_source=US, cd_time=stamp(moment),
        )  # fmt: skip
    return len(rows)


def next_serial(connection: sqlite3.Connection, table: str, condition: str) -> int:
    """Return the next number of a series; the caller holds the write lock."""
    return int(connection.execute(f"SELECT count(*) + 1 FROM {table} WHERE {condition}").fetchone()[0])


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
    commands.add_parser("init", help="只建表")
    commands.add_parser("run", help="扮演窗口和审批人员，直到收到 SIGTERM")
    given = parser.parse_args()
    connection = open_database(given.database)
    if given.command == "submit":
        for number in submit(connection, given.count, random.Random(given.seed), flawed=given.flawed):
            print(number)
    elif given.command == "run":
        stopped = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopped.set())
        run(connection, stopped)
    connection.close()


if __name__ == "__main__":
    main()
