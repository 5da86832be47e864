"""The system of 永济市's service hall, as far as the demonstration needs one. It knows its own folder and nothing else.

`submit` is the window taking applications; `run` plays the clerks: takes up the applications that lie in 来件/, accepts
and then decides them, and hands over what was printed. Its own register is a small database inside the folder. What is
to be exported is first committed there and then written to 去件/ as a whole file (.tmp, fsync, rename) under a name
fixed beforehand, so the process may be killed at any moment. `document` issues one document more for a case, and the
clerks heed it.
"""

import argparse
import csv
import io
import json
import os
import random
import signal
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import invented
import paperwork
import yongji_papers
from paperwork import Document

REGION = "140881"
OTHER_ITEM = "11130928MB000000054000131127004"
POLL_SECONDS = 0.1
FILES_PER_LOOK = 200
BEIJING = timezone(timedelta(hours=8))
RECEIVED, ACCEPTED, NOT_ACCEPTED, SUPPLEMENT, GRANTED, DENIED = 1, 3, 4, 6, 11, 12
ENDED = 99

# What a document issued here, or an answer that came, makes of a case; others leave it where it is.
AFTER_DOCUMENT = {"补正告知": SUPPLEMENT, "不予受理": NOT_ACCEPTED, "终止": ENDED}
AFTER_REPLY = {"补正材料": RECEIVED, "撤回": ENDED}

APPLICATION_COLUMNS = [
    "流水号",
    "办理摘要",
    "事项编码",
    "申请人",
    "申请人类型",
    "证件类型",
    "证件号码",
    "手机",
    "经办人",
    "经办人手机",
    "企业名称",
    "企业类型",
    "法定代表人",
    "法定代表人证件号",
    "注册资本（万元）",
    "住所",
    "经营范围",
    "材料清单",
    "申请时间",
    "收件时间",
    "窗口",
    "收件人",
    "试办",
]
STATE_COLUMNS = [
    "流水号",
    "跨省办件号",
    "状态",
    "状态时间",
    "文书编号",
    "承诺办结日",
    "经办人",
    "批准人工号",
    "理由",
    "救济途径",
    "登记号码",
    "成立日期",
    "原证照标识",
]
HAND_OVER_COLUMNS = ["流水号", "证照标识", "送达时间", "送达方式", "签收人", "运单号", "送达人"]
COLUMNS = {
    "办件申请": APPLICATION_COLUMNS,
    "办件状态": STATE_COLUMNS,
    "送达登记": HAND_OVER_COLUMNS,
    "办件文书": yongji_papers.DOCUMENT_COLUMNS,
    "办件补件": yongji_papers.SUPPLEMENT_COLUMNS,
}

TABLES = """
CREATE TABLE IF NOT EXISTS read_files (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS cases (
  hub_no TEXT PRIMARY KEY, serial TEXT UNIQUE, state INTEGER, applicant TEXT, complete INTEGER, by_hand INTEGER);
CREATE TABLE IF NOT EXISTS own_cases (serial TEXT PRIMARY KEY, applicant TEXT, handed_over INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS replies (
  serial TEXT, step TEXT, number TEXT, replaces TEXT, PRIMARY KEY (serial, step, number));
CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, kind TEXT, case_no TEXT);
CREATE TABLE IF NOT EXISTS exports (
  id INTEGER PRIMARY KEY, kind TEXT, rows TEXT, written INTEGER DEFAULT 0, name TEXT);
CREATE INDEX IF NOT EXISTS document_by_case ON documents (case_no);
CREATE INDEX IF NOT EXISTS case_by_state ON cases (state);
CREATE INDEX IF NOT EXISTS unwritten ON exports (written);
CREATE INDEX IF NOT EXISTS waiting_own ON own_cases (handed_over);
"""
PRINTED_NOT_HANDED_OVER = """
SELECT o.serial, o.applicant, (SELECT min(number) FROM replies l WHERE l.serial = o.serial AND l.step = '证照') AS no
FROM own_cases o WHERE o.handed_over = 0 AND no IS NOT NULL
AND (SELECT count(*) FROM replies p WHERE p.serial = o.serial AND p.step = '打印合格')
 >= max(1, (SELECT count(*) FROM replies a WHERE a.serial = o.serial AND a.step = '打印授权' AND a.replaces = ''))
LIMIT 200
"""
# Nothing is decided while a special procedure is open, and what is left to a person waits for that person.
IN_STATE = f"""
SELECT hub_no, serial, complete FROM cases c WHERE state = ? AND by_hand = 0 AND (state <> {ACCEPTED} OR 0 = (
  SELECT coalesce(sum(CASE kind WHEN '特别程序' THEN 1 WHEN '特别程序结束' THEN -1 ELSE 0 END), 0)
  FROM documents d WHERE d.case_no = c.hub_no))
LIMIT 200
"""


def now() -> datetime:
    """Beijing time without a zone."""
    return datetime.now(BEIJING).replace(tzinfo=None)


def stamp(moment: datetime) -> str:
    """Write a time as the files hold it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


class Hall:
    """The hall's folder with its own small register."""

    def __init__(self, folder: Path) -> None:
        """Make what is missing, and write out what a killed process left committed but not exported."""
        self.incoming, self.outgoing = folder / "来件", folder / "去件"
        for each in (self.incoming, self.outgoing):
            each.mkdir(parents=True, exist_ok=True)
        self.register = sqlite3.connect(folder / "永济业务.db", timeout=30, isolation_level=None)
        self.register.execute("PRAGMA journal_mode=WAL")
        self.register.execute("PRAGMA synchronous=FULL")
        self.register.executescript(TABLES)
        self.known = {name for (name,) in self.register.execute("SELECT name FROM read_files")}
        self.write_exports()

    def submit(
        self, count: int, chance: random.Random, *, flawed: bool, trial: bool = False, by_hand: bool = False
    ) -> list[str]:
        """Take `count` applications at the window in one transaction and export them as one file."""
        self.register.execute("BEGIN IMMEDIATE")
        moment = now()
        mark = {"试办": "是" if trial else "否"}
        rows = [self._application(chance, moment, flawed=flawed) | mark for _ in range(count)]
        for row in rows:
            row["办理摘要"] += paperwork.BY_HAND if by_hand else ""
        self._export("办件申请", rows, moment)
        self.register.execute("COMMIT")
        self.write_exports()
        return [row["流水号"] for row in rows]

    def _application(self, chance: random.Random, moment: datetime, *, flawed: bool) -> dict[str, str]:
        person, company = invented.person(chance, REGION), invented.company(chance, "吴桥县")
        serial = self._serial("own_cases", moment, "W")
        self.register.execute("INSERT INTO own_cases (serial, applicant) VALUES (?, ?)", (serial, person["name"]))
        materials = ["公司登记（备案）申请书|1|原件|", "住所使用证明|1|复印件|"] + (
            [] if flawed else ["公司章程|1|原件|"]
        )
        return {
            "流水号": serial, "办理摘要": f"{company['name']}设立登记", "事项编码": OTHER_ITEM,
            "申请人": person["name"],
            "申请人类型": "个人", "证件类型": "身份证", "证件号码": person["number"], "手机": person["mobile"],
            "经办人": person["name"], "经办人手机": person["mobile"], "企业名称": company["name"],
            "企业类型": company["kind"], "法定代表人": person["name"], "法定代表人证件号": person["number"],
            "注册资本（万元）": company["capital"], "住所": company["address"], "经营范围": company["scope"],
            "材料清单": "；".join(materials), "申请时间": stamp(moment - timedelta(minutes=9)),
            "收件时间": stamp(moment),
            "窗口": "A03", "收件人": "永济窗口赵",
        }  # fmt: skip

    def look(self) -> int:
        """Read new files of 来件/ and commit what they say; returns how many there were."""
        there = [path.name for path in self.incoming.glob("[!.]*.csv") if path.name not in self.known]
        # What comes for a case is read after the case itself.
        names = sorted(there, key=lambda name: (not name.startswith("跨省申请_"), name))[:FILES_PER_LOOK]
        if not names:
            return 0
        self.register.execute("BEGIN IMMEDIATE")
        for name in names:
            text = (self.incoming / name).read_bytes().decode("gb18030")
            for row in csv.DictReader(io.StringIO(text, newline="")):
                self._take_up(row) if name.startswith("跨省申请_") else self._note(row)
            self.register.execute("INSERT OR IGNORE INTO read_files VALUES (?)", (name,))
        self.register.execute("COMMIT")
        self.known.update(names)
        return len(names)

    def _take_up(self, row: dict[str, str]) -> None:
        """Give an application that came from elsewhere a number of our own, once."""
        known = self.register.execute("SELECT 1 FROM cases WHERE hub_no = ?", (row["跨省办件号"],)).fetchone()
        if known is None:
            serial = self._serial("cases", now(), "Y")
            by_hand = row["办理摘要"].endswith(paperwork.BY_HAND)
            values = (row["跨省办件号"], serial, RECEIVED, row["申请人"], "章程" in row["材料清单"], by_hand)
            self.register.execute("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?)", values)

    def _note(self, row: dict[str, str]) -> None:
        values = (row["办件号"], row["环节"], row["编号"], row["替代"])
        new = self.register.execute("INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?)", values).rowcount
        if new and row["环节"] in AFTER_REPLY:
            change = "UPDATE cases SET state = ?, complete = complete OR ? WHERE hub_no = ? AND state <> ?"
            after, complete = AFTER_REPLY[row["环节"]], "章程" in row["明细"]
            self.register.execute(change, (after, complete, row["跨省办件号"], ENDED))

    def document(self, wanted: Document) -> str:
        """Issue one document in one transaction, exported as a file of its own; returns its number."""
        self.look()
        self.register.execute("BEGIN IMMEDIATE")
        moment = now()
        query = "INSERT INTO documents (kind, case_no) VALUES (?, ?) RETURNING id"
        serial = int(self.register.execute(query, (wanted.kind, wanted.case)).fetchone()[0])
        if wanted.kind in yongji_papers.OF_THE_WINDOW:
            kind, row = "办件补件", self._at_the_window(wanted, serial, moment)
        elif wanted.kind in yongji_papers.OF_THE_STATE:
            kind, row = "办件状态", self._of_the_state(wanted, moment)
        else:
            kind, row = "办件文书", self._of_the_authority(wanted, serial, moment)
        self._export(kind, [row], moment)
        self.register.execute("COMMIT")
        self.write_exports()
        return row.get("文书编号", "") or str(serial)

    def _at_the_window(self, wanted: Document, serial: int, moment: datetime) -> dict[str, str]:
        person = self._one("SELECT applicant FROM own_cases WHERE serial = ?", wanted.case)
        notice = ""
        if wanted.kind == "补正材料":
            notice = self._one("SELECT number FROM replies WHERE serial = ? AND step = '补正告知'", wanted.case)
        row: dict[str, str] = yongji_papers.supplement_row(wanted, serial, stamp(moment), person, notice)
        return row

    def _of_the_state(self, wanted: Document, moment: datetime) -> dict[str, str]:
        """Accept or decide what a person has looked at, whether or not its turn has come."""
        own = self._one("SELECT serial FROM cases WHERE hub_no = ?", wanted.case)
        if wanted.kind == "受理":
            row = self._acceptance(own, moment, complete=True) | {"承诺办结日": wanted.until}
        else:
            row = self._decision(own, moment, complete=wanted.code != "不予许可")
            row |= {"登记号码": wanted.number or row.get("登记号码", ""), "原证照标识": wanted.license_no}
            row |= {"理由": wanted.reasons} if wanted.reasons else {}
        change = "UPDATE cases SET state = ? WHERE hub_no = ?"
        self.register.execute(change, (int(row["状态"]), wanted.case))
        return {"流水号": own, "跨省办件号": wanted.case, "状态时间": stamp(moment)} | row

    def _of_the_authority(self, wanted: Document, serial: int, moment: datetime) -> dict[str, str]:
        own = self._one("SELECT serial FROM cases WHERE hub_no = ?", wanted.case)
        if wanted.kind in AFTER_DOCUMENT:
            change = "UPDATE cases SET state = ? WHERE hub_no = ?"
            self.register.execute(change, (AFTER_DOCUMENT[wanted.kind], wanted.case))
        row: dict[str, str] = yongji_papers.document_row(wanted, serial, stamp(moment), own)
        return row

    def _one(self, query: str, case: str) -> str:
        found = self.register.execute(query, (case,)).fetchone()
        if found is None:
            raise SystemExit(f"本地系统中没有办件 {case}，或者它还没有收到补正告知。")
        return str(found[0])

    def decide(self) -> int:
        """Decide what was accepted: granted, unless the articles of association are missing."""
        return self._advance(ACCEPTED, self._decision)

    def accept(self) -> int:
        """Accept what was taken up."""
        return self._advance(RECEIVED, self._acceptance)

    def _advance(self, state: int, step: Callable[..., dict[str, str]]) -> int:
        if self.register.execute(IN_STATE, (state,)).fetchone() is None:
            return 0
        self.register.execute("BEGIN IMMEDIATE")
        found, moment, rows = self.register.execute(IN_STATE, (state,)).fetchall(), now(), []
        for hub_no, serial, complete in found:
            row = step(serial, moment, complete=bool(complete))
            rows.append({"流水号": serial, "跨省办件号": hub_no, "状态时间": stamp(moment)} | row)
            self.register.execute("UPDATE cases SET state = ? WHERE hub_no = ?", (int(row["状态"]), hub_no))
        self._export("办件状态", rows, moment)
        self.register.execute("COMMIT")
        return len(found)

    def _acceptance(self, serial: str, moment: datetime, *, complete: bool) -> dict[str, str]:
        del complete  # everything is accepted; what is missing is for the decision
        return {
            "状态": str(ACCEPTED), "文书编号": f"永审受字〔{moment:%Y}〕{serial[-6:]}号",
            "承诺办结日": working_day_after(moment, 3), "经办人": "永济审批钱",
        }  # fmt: skip

    def _decision(self, serial: str, moment: datetime, *, complete: bool) -> dict[str, str]:
        row = {
            "状态": str(GRANTED if complete else DENIED), "文书编号": f"永审决字〔{moment:%Y}〕{serial[-6:]}号",
            "经办人": "永济批准孙", "批准人工号": "YJ0031",
        }  # fmt: skip
        if complete:
            code = invented.credit_code(REGION, int(serial[1:].replace("-", "")) % 31**6)
            return row | {"登记号码": code, "成立日期": moment.date().isoformat()}
        return row | {"理由": "申请材料缺少公司章程。", "救济途径": paperwork.REMEDIES}

    def hand_over(self) -> int:
        """Hand over every license of which all sheets are printed."""
        if self.register.execute(PRINTED_NOT_HANDED_OVER).fetchone() is None:
            return 0
        self.register.execute("BEGIN IMMEDIATE")
        found, moment = self.register.execute(PRINTED_NOT_HANDED_OVER).fetchall(), now()
        rows = [
            {
                "流水号": serial, "证照标识": number, "送达时间": stamp(moment), "送达方式": "自取",
                "签收人": applicant,
                "送达人": "永济窗口赵",
            }
            for serial, applicant, number in found
        ]  # fmt: skip
        self._export("送达登记", rows, moment)
        done = [(serial,) for serial, _, _ in found]
        self.register.executemany("UPDATE own_cases SET handed_over = 1 WHERE serial = ?", done)
        self.register.execute("COMMIT")
        return len(found)

    def _serial(self, table: str, moment: datetime, letter: str) -> str:
        """Return the next number of the day; the caller holds the write lock."""
        prefix = f"{letter}{moment:%Y%m%d}-"
        query = f"SELECT max(serial) FROM {table} WHERE serial LIKE ?"
        last = self.register.execute(query, (prefix + "%",)).fetchone()[0]
        return f"{prefix}{int(last[len(prefix) :]) + 1 if last else 1:06}"

    def _export(self, kind: str, rows: list[dict[str, str]], moment: datetime) -> None:
        query = "INSERT INTO exports (kind, rows) VALUES (?, ?) RETURNING id"
        number = self.register.execute(query, (kind, json.dumps(rows, ensure_ascii=False))).fetchone()[0]
        name = f"{kind}_{moment:%Y%m%d%H%M%S}_{number:08}.csv"
        self.register.execute("UPDATE exports SET name = ? WHERE id = ?", (name, number))

    def write_exports(self) -> None:
        """Write the files that are committed but not written, in their order; the same file twice is the same file."""
        query = "SELECT id, kind, rows, name FROM exports WHERE written = 0 ORDER BY id"
        for number, kind, rows, name in self.register.execute(query).fetchall():
            out = io.StringIO(newline="")
            writer = csv.DictWriter(out, COLUMNS[kind], lineterminator="\r\n", restval="")
            writer.writeheader()
            writer.writerows(json.loads(rows))
            beside = self.outgoing / f"{name}.{os.getpid()}.tmp"
            with beside.open("wb") as file:
                file.write(out.getvalue().encode("gb18030"))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.outgoing / name)
            # Only now: a file written twice is harmless, one never written is not.
            self.register.execute("UPDATE exports SET written = 1, rows = '' WHERE id = ?", (number,))

    def run(self, stopped: threading.Event) -> None:
        """Play the clerks until told to stop. Decisions come first: nothing is decided as it is accepted."""
        while not stopped.wait(POLL_SECONDS):
            for step in (self.decide, self.accept, self.look, self.hand_over):
                done = step()
                self.write_exports()
                if done:
                    print(f"永济市本地系统：{step.__name__} {done}", flush=True)


def working_day_after(moment: datetime, days: int) -> str:
    """Return the n-th working day after a day; Saturdays and Sundays do not count."""
    day = moment.date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day.isoformat()


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description="永济市政务大厅本地系统（演示用）")
    parser.add_argument("--folder", type=Path, required=True, help="交换文件夹")
    commands = parser.add_subparsers(dest="command", required=True)
    taking = commands.add_parser("submit", help="窗口收件")
    taking.add_argument("--count", type=int, default=1)
    taking.add_argument("--seed", type=int, default=None, help="同一种子给出同样的人和公司")
    taking.add_argument("--flawed", action="store_true", help="缺公司章程，属地将不予许可")
    taking.add_argument("--trial", action="store_true", help="试办：打样张，不动空白证照")
    taking.add_argument("--by-hand", action="store_true", help="专人办理：属地由人逐份出具文书")
    papers = paperwork.add_command(commands)
    commands.add_parser("init", help="只建文件夹")
    commands.add_parser("run", help="扮演窗口和审批人员，直到收到 SIGTERM")
    given = parser.parse_args()
    hall = Hall(given.folder)
    if given.command == "submit":
        chance = random.Random(given.seed)
        for number in hall.submit(given.count, chance, flawed=given.flawed, trial=given.trial, by_hand=given.by_hand):
            print(number)
    elif given.command == "document":
        print(hall.document(paperwork.asked_for(papers, given, now().date())))
    elif given.command == "run":
        stopped = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopped.set())
        hall.run(stopped)
    hall.register.close()


if __name__ == "__main__":
    main()
