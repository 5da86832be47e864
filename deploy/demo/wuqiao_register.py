"""The database of 吴桥县's service hall in the demonstration: its tables, and the few ways of writing into them.

The tables are those that provinces exchange with the national platform, and the county's own: those whose names begin
with `wq_`, and such columns in a national table.
"""

import sqlite3
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

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
  receive_time DATETIME, shiban VARCHAR(1), data_source VARCHAR(20));
CREATE TABLE IF NOT EXISTS wq_decision (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), jdws_no VARCHAR(100), liyou VARCHAR(4000),
  jiuji VARCHAR(2000), pzr VARCHAR(100), pzr_gh VARCHAR(40), clrq DATE, yzzbs VARCHAR(128));
CREATE TABLE IF NOT EXISTS wq_handover (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), zzbs VARCHAR(128), sdsj DATETIME, sdfs VARCHAR(1),
  qsr VARCHAR(100), ydh VARCHAR(60), jbr VARCHAR(100), data_source VARCHAR(20), cd_time DATETIME);
CREATE TABLE IF NOT EXISTS up_pro_special_procedure (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), special_type VARCHAR(2), special_name VARCHAR(100),
  special_reason VARCHAR(2000), special_time DATETIME, end_time DATETIME, result VARCHAR(2000),
  special_explain VARCHAR(2000), applyer_user_name VARCHAR(100), handle_user VARCHAR(100), wq_gzs_no VARCHAR(100),
  wq_yjjs_date DATE, data_source VARCHAR(20), cd_time DATETIME);
CREATE TABLE IF NOT EXISTS wq_document (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), wszl VARCHAR(2), wsbh VARCHAR(100), wssj DATETIME,
  qixian DATE, qingxing VARCHAR(2), tianshu INTEGER, liyou VARCHAR(4000), jiuji VARCHAR(2000), zzbs VARCHAR(128),
  tdzzbs VARCHAR(128), sqbh VARCHAR(40), jbr VARCHAR(100), pzr VARCHAR(100), pzr_gh VARCHAR(40),
  data_source VARCHAR(20), cd_time DATETIME);
CREATE TABLE IF NOT EXISTS wq_defect (
  row_guid VARCHAR(64) PRIMARY KEY, wsbh VARCHAR(100), cldm VARCHAR(20), clmc VARCHAR(200), wenti VARCHAR(1000),
  buzheng VARCHAR(1000));
CREATE TABLE IF NOT EXISTS wq_supplement (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), bzbh VARCHAR(50), gzs_no VARCHAR(100), bzsj DATETIME,
  shuoming VARCHAR(2000), window_no VARCHAR(30), jbr VARCHAR(100), data_source VARCHAR(20), cd_time DATETIME);
CREATE TABLE IF NOT EXISTS wq_supplement_material (
  row_guid VARCHAR(64) PRIMARY KEY, bzbh VARCHAR(50), material_name VARCHAR(200), get_type VARCHAR(30),
  get_name VARCHAR(20), remark VARCHAR(500));
CREATE TABLE IF NOT EXISTS wq_withdrawal (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), chsj DATETIME, yuanyin VARCHAR(2000), tcr VARCHAR(100),
  jbr VARCHAR(100), data_source VARCHAR(20), cd_time DATETIME);
CREATE INDEX IF NOT EXISTS accept_by_time ON up_pro_accept (cd_time);
CREATE INDEX IF NOT EXISTS accept_by_no ON up_pro_accept (project_no);
CREATE INDEX IF NOT EXISTS material_by_no ON up_pro_material (project_no);
CREATE INDEX IF NOT EXISTS process_by_time ON up_pro_process (cd_time);
CREATE INDEX IF NOT EXISTS process_by_no ON up_pro_process (project_no, process_name);
CREATE INDEX IF NOT EXISTS result_by_time ON up_pro_result (cd_time);
CREATE INDEX IF NOT EXISTS result_by_no ON up_pro_result (project_no);
CREATE INDEX IF NOT EXISTS register_by_no ON wq_register (project_no);
CREATE INDEX IF NOT EXISTS decision_by_no ON wq_decision (project_no);
CREATE INDEX IF NOT EXISTS handover_by_time ON wq_handover (cd_time);
CREATE INDEX IF NOT EXISTS handover_by_no ON wq_handover (project_no);
CREATE INDEX IF NOT EXISTS license_by_no ON up_lic_data (project_no);
CREATE INDEX IF NOT EXISTS special_by_time ON up_pro_special_procedure (cd_time);
CREATE INDEX IF NOT EXISTS special_by_no ON up_pro_special_procedure (project_no);
CREATE INDEX IF NOT EXISTS document_by_time ON wq_document (cd_time);
CREATE INDEX IF NOT EXISTS document_by_no ON wq_document (project_no, wszl);
CREATE INDEX IF NOT EXISTS defect_by_no ON wq_defect (wsbh);
CREATE INDEX IF NOT EXISTS supplement_by_time ON wq_supplement (cd_time);
CREATE INDEX IF NOT EXISTS supplement_material_by_no ON wq_supplement_material (bzbh);
CREATE INDEX IF NOT EXISTS withdrawal_by_time ON wq_withdrawal (cd_time);
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


def next_serial(connection: sqlite3.Connection, table: str, condition: str) -> int:
    """Return the next number of a series; the caller holds the write lock."""
    return int(connection.execute(f"SELECT count(*) + 1 FROM {table} WHERE {condition}").fetchone()[0])
