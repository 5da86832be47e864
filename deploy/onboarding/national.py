"""The clerks of 兰考县: a hall whose system writes the national exchange tables."""

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from deploy.demo import invented
from deploy.onboarding.hall import REMEDIES, Answer, Application, Hall, guid, now, promised, stamp

_US, _HUB = "lankao", "yunhuoban"
_WINDOW, _EXAMINER, _APPROVER = "兰考窗口周", "兰考审批吴", "兰考批准郑"


class NationalHall(Hall):
    """up_pro_accept, up_pro_process, up_pro_result, up_lic_data, and the county's own ext_ tables."""

    region = "410225"

    def came_back(self, number: str) -> list[Answer]:
        """Process and notices; the notice of a license names it."""
        query = """
            SELECT process_name AS step, '' AS number, cd_time FROM up_pro_process
              WHERE project_no = :number AND data_source = :hub
            UNION ALL SELECT notice_name, serial_no, cd_time FROM ext_notice
              WHERE project_no = :number AND data_source = :hub ORDER BY cd_time"""
        with self.transaction() as tx:
            return [Answer(step, name or "") for step, name, _ in self.rows(tx, query, number=number, hub=_HUB)]

    def received(self) -> list[str]:
        """Rows of the county node without one of ours that accepts."""
        query = """
            SELECT a.project_no FROM up_pro_accept a WHERE a.data_source = :hub AND a.cd_operation = 'I' AND NOT EXISTS
              (SELECT 1 FROM up_pro_accept b WHERE b.project_no = a.project_no AND b.accept_date IS NOT NULL)"""
        with self.transaction() as tx:
            return [number for (number,) in self.rows(tx, query, hub=_HUB)]

    def accept(self, number: str) -> str:
        """A second row of the same case, as an update."""
        moment = now()
        with self.transaction() as tx:
            notice = f"兰审受字〔{moment:%Y}〕{self._count(tx, 'up_pro_accept', 'accept_doc_no IS NOT NULL'):06}号"
            row = {
                "project_no": number, "accept_date": stamp(moment), "accept_doc_no": notice,
                "promise_date": promised(moment).isoformat(), "handle_user_name": _EXAMINER,
            }  # fmt: skip
            self._write(tx, "up_pro_accept", row, operation="U")
            self._examined(tx, number)
        return notice

    def decide(self, number: str, denied: str = "") -> str:
        """The result, and beside it what only the county's own table holds."""
        moment = now()
        with self.transaction() as tx:
            serial = self._count(tx, "ext_decision", "1 = 1")
            decision = f"兰审决字〔{moment:%Y}〕{serial:06}号"
            row = {
                "row_guid": guid(), "project_no": number, "decision_no": decision, "reason": denied,
                "relief": REMEDIES if denied else "", "approve_user_name": _APPROVER, "approve_user_no": "LK0007",
                "establish_date": None if denied else moment.date().isoformat(),
            }  # fmt: skip
            self.insert(tx, "ext_decision", row)
            row = {
                "project_no": number, "result_type": "20" if denied else "10", "result_date": stamp(moment),
                "result_explain": denied, "result_cetr_name": "" if denied else "营业执照",
                "result_cetr_no": "" if denied else invented.credit_code(self.region, serial),
                "is_delivery_results": "0",
            }  # fmt: skip
            self._write(tx, "up_pro_result", row)
        return decision

    def hand_over(self, number: str) -> str:
        """By the identifier in the notice."""
        with self.transaction() as tx:
            query = "SELECT serial_no, sender FROM ext_notice WHERE project_no = :number AND notice_type = '80'"
            ((identifier, _),) = self.rows(tx, query, number=number)
            query = "SELECT applyer_name, task_code FROM up_pro_accept WHERE project_no = :number AND data_source = :us"
            ((applicant, item),) = self.rows(tx, query, number=number, us=_US)
            row = {
                "row_guid": guid(), "project_no": number, "area_code": item[2:8], "certificate_source_id": identifier,
                "delivery_time": stamp(now()), "delivery_type": "1", "receiver": applicant, "express_no": "",
                "handle_user_name": _WINDOW, "data_source": _US, "cd_time": stamp(now()),
            }  # fmt: skip
            self.insert(tx, "ext_delivery", row)
        return str(identifier)

    def _last_number(self) -> str:
        return "SELECT max(project_no) FROM up_pro_accept WHERE project_no LIKE :prefix"

    def _take(self, tx: sa.Connection, taken: Application) -> None:
        number, item, person, company = taken.number, taken.item, taken.person, taken.company
        moment = now()
        row: dict[str, object] = {
            "project_no": number, "project_name": f"{company['name']}设立登记", "catalog_code": item[19:],
            "task_code": item, "task_name": "公司登记注册", "project_type": "2", "apply_type": "1",
            "applyer_name": person["name"], "applyer_type": "1", "applyer_page_type": "111",
            "applyer_page_code": person["number"], "legal": person["name"], "contact_name": person["name"],
            "contact_mobile": person["mobile"], "address": company["address"], "org_code": item[:18],
            "handle_user_name": _WINDOW, "apply_date": stamp(moment - timedelta(minutes=12)),
        }  # fmt: skip
        self._write(tx, "up_pro_accept", row)
        row = {
            "row_guid": guid(), "project_no": number, "ent_name": company["name"], "ent_type": company["kind"],
            "legal_name": person["name"], "legal_card_no": person["number"], "reg_capital": f"{company['capital']}万元",
            "ent_address": company["address"], "biz_scope": company["scope"], "window_no": "03",
            "receive_time": stamp(moment), "is_test": "1" if taken.trial else "0", "data_source": _US,
        }  # fmt: skip
        self.insert(tx, "ext_form", row)
        for name in taken.materials:
            row = {"project_no": number, "material_name": name, "get_type": "1", "get_name": "1", "remark": ""}
            self._write(tx, "up_pro_material", row)

    def _examined(self, tx: sa.Connection, number: str) -> None:
        moment = stamp(now())
        row = {
            "project_no": number, "process_name": "初审", "event_name": "60", "event_start_time": moment,
            "event_end_time": moment, "handle_explain": "材料齐全。", "handle_user_name": _EXAMINER,
        }  # fmt: skip
        self._write(tx, "up_pro_process", row)

    def _write(self, tx: sa.Connection, table: str, row: Mapping[str, object], *, operation: str = "I") -> None:
        marks = {"row_guid": guid(), "data_source": _US, "cd_operation": operation, "cd_time": stamp(now())}
        self.insert(tx, table, {**row, **marks})

    def _count(self, tx: sa.Connection, table: str, condition: str) -> int:
        """The next number of a series; the script has used the first few."""
        return int(self.rows(tx, f"SELECT count(*) + 1 FROM {table} WHERE {condition}")[0][0])
