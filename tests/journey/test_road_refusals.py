"""What a county sees when something does not pass: row, column, found, expected and remedy, in Chinese, on its desk."""

import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from deploy.demo.stage import ROOT
from deploy.demo.world import WUQIAO, YONGJI
from tests.journey.handled import trouble, troubles
from tests.journey.road import Road, until

pytestmark = pytest.mark.timeout(300)

BAD = "WQ20260222900001"
_TABLES = ("up_pro_accept", "wq_register", "up_pro_material")


def enter(road: Road, folder: Path, number: str, **wrong: str) -> None:
    """Enter one application into 吴桥's own system in one transaction, with these columns of it wrong."""
    scratch = folder / f"{number}.sqlite"
    script = [*road.stage._local(WUQIAO.code)[:2], "--database", str(scratch), "submit", "--seed", number[-3:]]
    subprocess.run(script, check=True, cwd=ROOT, capture_output=True, timeout=60)
    with closing(sqlite3.connect(road.world.wuqiao_database, timeout=30, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS scratch", (str(scratch),))
        for table in _TABLES:
            connection.execute(f"UPDATE scratch.{table} SET project_no = ?, row_guid = ? || row_guid", (number, number))
        for column, value in wrong.items():
            connection.execute(f"UPDATE scratch.up_pro_accept SET {column} = ?", (value,))
        connection.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM scratch.{table}")
        connection.execute("COMMIT")


def test_a_record_that_cannot_be_mapped_stops_nothing_but_itself(road: Road, tmp_path):
    """31 February beside a good record: the good one goes through, the bad one is explained in Chinese on the desk."""
    enter(road, tmp_path, BAD, apply_date="2026-02-31 09:30:00")
    enter(road, tmp_path, "WQ20260222900002")
    (good,) = road.cases(WUQIAO.code, ["WQ20260222900002"])
    said = trouble(road, WUQIAO.code, "2026-02-31")
    assert "apply_date" in said, said
    assert "up_pro_accept" in said, said
    assert re.search(r"E-(MAP|SRC)-\d{3}", said), said
    for heading in ("实际：", "应为：", "怎么办："):
        assert said.partition(heading)[2].split()[0] not in ("—", "应为："), said
    assert road.county(WUQIAO.code, "SELECT 1 FROM cases WHERE local_case = ?", BAD) == []
    road.finish(WUQIAO.code, [good])
    road.check_once(good)


def test_a_corrected_record_is_read_again(road: Road):
    """The clerk corrects the row of the test before, as the desk says: it goes its way and the desk forgets it."""
    if not road.wuqiao("SELECT 1 FROM up_pro_accept WHERE project_no = ?", BAD):
        pytest.skip("needs the record of the test before it")
    with closing(sqlite3.connect(road.world.wuqiao_database, timeout=30)) as connection, connection:
        connection.execute(
            "UPDATE up_pro_accept SET apply_date = '2026-02-28 09:30:00', "
            "cd_time = strftime('%Y-%m-%d %H:%M:%f', 'now', '+8 hours') WHERE project_no = ?",
            (BAD,),
        )
    (corrected,) = road.cases(WUQIAO.code, [BAD])
    until(lambda: not [each for each in troubles(road, WUQIAO.code) if "2026-02-31" in each], "the trouble gone")
    road.finish(WUQIAO.code, [corrected])
    road.check_once(corrected)


def test_an_item_that_nobody_offers_is_refused_before_it_leaves_the_county(road: Road, tmp_path):
    """The directory does not list it: nothing is sent; the desk says which code, and what to do."""
    nobody = YONGJI.item[:-1] + "5"
    enter(road, tmp_path, "WQ20260222900003", task_code=nobody)
    said = trouble(road, WUQIAO.code, "E-SRC-103", nobody)
    assert "目录中该县没有开通这一事项" in said
    assert "怎么办：" in said
    assert "核对实施编码" in said
    assert road.county(WUQIAO.code, "SELECT 1 FROM cases WHERE local_case = 'WQ20260222900003'") == []
