"""What the documents around and beside a case must say, beyond having every field.

Papers that travel are listed, sealed and opened by two persons (国办发〔2020〕35号: 异地代收代办); an inspection
answers every point that was to be checked; a rating has one to five stars (国务院 好差评); who asks or complains is
told by when; a list adds up. Sources: domain study §4.1, §4.6-4.8, §7. Pure.
"""

from collections.abc import Mapping
from typing import Final

from schemas import drawing
from schemas.demanding import Demand, Record, filled, in_order, not_before
from schemas.errors import Code, declare
from schemas.workdays.hours import beijing_day

MANIFEST_MISSING: Final = declare(
    "E-DOC-011", "寄递没有清单，或者清单的一行没有名称或份数。", "请逐项列出所寄的纸件与份数，再交寄。"
)
PARCEL_UNMARKED: Final = declare(
    "E-DOC-012", "寄递没有写明承运单位、运单号、封签号或收件人。", "请按快递单与封签填写；没有封签的不要寄出。"
)
ONE_PERSON: Final = declare(
    "E-DOC-013", "拆封或踏勘没有写明两个人，或者两个是同一人。", "请由两人在场，并分别填写姓名。"
)
RECEIPT_DISAGREES: Final = declare(
    "E-DOC-014", "与清单相符与否，同列出的不符之处对不上。", "有不符的请逐项列出并选“不相符”，没有的不要列出。"
)
SLOTS_MISSING: Final = declare(
    "E-DOC-015", "踏勘没有可约的时段，时段编号重复，或者没有写明核查要点。", "请至少给出一个时段和一项核查要点。"
)
CHECK_DISAGREES: Final = declare(
    "E-DOC-016",
    "踏勘结论与逐项结果对不上，或者一项核查写了两次。",
    "逐项都符合时才填“全部符合”；每项要点只写一次；不符合的请说明情况。",
)
STARS_WRONG: Final = declare("E-DOC-017", "星级应为一至五。", "五为非常满意，一为非常不满意。")
WORDS_MISSING: Final = declare("E-DOC-018", "没有写明问题、答复、理由或措施。", "请写明内容；空白的不会被接受。")
PERSON_MISSING: Final = declare(
    "E-DOC-019", "没有写明是谁：经办、答复、负责或被核实的人。", "请填写姓名；升级的请写明负责人的姓名和职务。"
)
LEVEL_WRONG: Final = declare("E-DOC-020", "升级的级次应从一起，至多为五。", "请核对这是第几次升级。")
LIST_DISAGREES: Final = declare(
    "E-DOC-021",
    "清单对不上：写明的行数与列出的行数不同，行号重复，或者不相符的行数与逐行结果不同。",
    "请逐行核对后重新生成；行号应从一起、各不相同。",
)
PERIOD_WRONG: Final = declare("E-DOC-022", "清单所属的年月不存在。", "请填写四位年份与一至十二的月份。")
TIMES_WRONG: Final = declare("E-DOC-023", "件次、踏勘次序应从一起。", "请填写这是第几件、第几次。")
PART_WRONG: Final = declare(
    "E-DOC-024", "组合的部分数应为二至二十，第几部分应在其中。", "请核对这是第几部分、共几部分。"
)
POOL_WRONG: Final = declare(
    "E-DOC-025",
    "可抽取的专家没有按编号次序各列一次，或者不够抽取的人数。",
    "请从专家库重新生成名单；人数不够时放宽条件。",
)
RECORDING_WRONG: Final = declare(
    "E-DOC-026", "评审报告没有任何专家的结论，或者同一位专家列了两次。", "请按各位专家的意见逐一列出。"
)
LICENSE_UNNAMED: Final = declare("E-DOC-027", "免提交或加注件没有写明证照标识、用途或制作机构。", "请重新选择证照。")
COPY_EXPIRED: Final = declare(
    "E-DOC-035", "附上的加注件在收件那天已经过了有效期。", "请重新制作加注件，或者用免提交指名证照。"
)
AUTHORITY_MISSING: Final = declare("E-DOC-028", "代办没有写明代办人、授权文书或授权事项。", "请按授权委托书填写。")

_MOST_PARTS: Final = 20
_MOST_LEVELS: Final = 5
_MOST_STARS: Final = 5
_MONTHS: Final = 12
_EARLIEST_YEAR, _LATEST_YEAR = 2000, 2100


def _counted(name: str) -> Demand:
    return lambda record: None if record[name] >= 1 else (TIMES_WRONG, name)


def _manifest(record: Record) -> tuple[Code, str] | None:
    for number, each in enumerate(record["manifest"], 1):
        if not each["name"].strip() or each["copies"] < 1:
            return MANIFEST_MISSING, f"manifest[{number}]"
    return None if record["manifest"] else (MANIFEST_MISSING, "manifest")


def _two(first: str, second: str) -> Demand:
    def check(record: Record) -> tuple[Code, str] | None:
        one, other = record[first].strip(), record[second].strip()
        if not one or not other:
            return ONE_PERSON, second if one else first
        return (ONE_PERSON, second) if one == other else None

    return check


def _opened(record: Record) -> tuple[Code, str] | None:
    whole = not record["mismatches"]
    return None if record["matches"] is whole else (RECEIPT_DISAGREES, "matches")


def _slots(record: Record) -> tuple[Code, str] | None:
    numbers = [each["slot_no"].strip() for each in record["slots"]]
    if not all(numbers) or not numbers or len(set(numbers)) != len(numbers):
        return SLOTS_MISSING, "slots"
    points = [each["point"] for each in record["checklist"]]
    if not points or len(set(points)) != len(points) or not all(each["text"].strip() for each in record["checklist"]):
        return SLOTS_MISSING, "checklist"
    for number, each in enumerate(record["slots"], 1):
        wrong = in_order("begins_at", "ends_at", each, f"slots[{number}].ends_at")
        if wrong is not None:
            return wrong
    return None


def _checked(record: Record) -> tuple[Code, str] | None:
    points = [each["point"] for each in record["results"]]
    if not points or len(set(points)) != len(points):
        return CHECK_DISAGREES, "results"
    for number, each in enumerate(record["results"], 1):
        if not each["passed"] and not each["note"].strip():
            return CHECK_DISAGREES, f"results[{number}].note"
    whole = all(each["passed"] for each in record["results"])
    return None if record["passed"] is whole else (CHECK_DISAGREES, "passed")


def _stars(record: Record) -> tuple[Code, str] | None:
    return None if 1 <= record["stars"] <= _MOST_STARS else (STARS_WRONG, "stars")


def _level(record: Record) -> tuple[Code, str] | None:
    return None if 1 <= record["level"] <= _MOST_LEVELS else (LEVEL_WRONG, "level")


def _period(record: Record) -> tuple[Code, str] | None:
    if not _EARLIEST_YEAR <= record["year"] <= _LATEST_YEAR:
        return PERIOD_WRONG, "year"
    return None if 1 <= record["month"] <= _MONTHS else (PERIOD_WRONG, "month")


def _part(record: Record) -> tuple[Code, str] | None:
    fits = 2 <= record["parts"] <= _MOST_PARTS and 1 <= record["part"] <= record["parts"]
    return None if fits else (PART_WRONG, "part")


def _pool(record: Record) -> tuple[Code, str] | None:
    pool = record["pool"]
    if pool != sorted(set(pool)) or not all(map(drawing.parts, pool)):
        return POOL_WRONG, "pool"
    return None if 1 <= record["wanted"] <= len(pool) else (POOL_WRONG, "wanted")


def _opinions(record: Record) -> tuple[Code, str] | None:
    numbers = [each["expert_no"] for each in record["opinions"]]
    return None if numbers and len(set(numbers)) == len(numbers) else (RECORDING_WRONG, "opinions")


def shared_licenses(record: Record, taken_at: str) -> tuple[Code, str] | None:
    """What is wrong with the named licenses and annotated copies among the materials that were taken at that time."""
    for number, each in enumerate(record["materials"], 1):
        named, annotated = each.get("named_license"), each.get("annotation")
        if named is not None and not (named["license_identifier"].strip() and named["issuing_county"].strip()):
            return LICENSE_UNNAMED, f"materials[{number}].named_license"
        if annotated is not None and not all(
            annotated[name].strip() for name in ("license_identifier", "purpose", "maker")
        ):
            return LICENSE_UNNAMED, f"materials[{number}].annotation"
        if annotated is not None and annotated["valid_until"] < beijing_day(record[taken_at]):
            return COPY_EXPIRED, f"materials[{number}].annotation.valid_until"
    return None


def _application(record: Record) -> tuple[Code, str] | None:
    wrong = shared_licenses(record, "received_at")
    if wrong is not None:
        return wrong
    authority = (record.get("intake") or {}).get("authority")
    if authority is not None and not all(authority[name].strip() for name in ("agent_name", "document", "scope")):
        return AUTHORITY_MISSING, "intake.authority"
    return None


def _numbered(rows: str) -> Demand:
    def check(record: Record) -> tuple[Code, str] | None:
        numbers = [each["line"] for each in record[rows]]
        if not numbers or record["count"] != len(numbers):
            return LIST_DISAGREES, "count"
        return None if len(set(numbers)) == len(numbers) and min(numbers) >= 1 else (LIST_DISAGREES, rows)

    return check


def _differing(record: Record) -> tuple[Code, str] | None:
    found = sum(each["result"] != "matches" for each in record["outcomes"])
    return None if record["differing"] == found else (LIST_DISAGREES, "differing")


def _words(name: str) -> Demand:
    return filled(name, WORDS_MISSING)


def _person(name: str) -> Demand:
    return filled(name, PERSON_MISSING)


DEMANDS: Final[Mapping[str, tuple[Demand, ...]]] = {
    "application.submitted": (_application,),
    "parcel.sent": (
        _counted("parcel"),
        _manifest,
        *(filled(each, PARCEL_UNMARKED) for each in ("carrier", "waybill", "seal_no", "recipient_name")),
    ),
    "parcel.received": (_counted("parcel"), _two("opened_by", "witnessed_by"), _opened),
    "visit.offered": (_counted("visit"), _slots),
    "visit.booked": (_counted("visit"), _person("contact_name")),
    "visit.done": (_counted("visit"), _checked, _two("inspector", "second_inspector")),
    "rating.given": (_stars,),
    "rating.followed_up": (_words("measures"), _person("owner")),
    "group.joined": (_part,),
    "case.undo_requested": (_words("reasons"),),
    "case.undone": (_words("decision_no"), _words("reasons"), _person("approver")),
    "review.convened": (_counted("review"), _pool, _words("subject")),
    "review.drawn": (_counted("review"),),
    "review.concluded": (_counted("review"), _opinions, _words("text")),
    "opinion.asked": (_words("subject"), _words("text"), not_before("opine_until", "asked_at")),
    "opinion.given": (_words("text"), _person("expert_name")),
    "opinion.declined": (_words("text"),),
    "license.expiring": (_words("text"),),
    "question.asked": (_words("topic"), _words("text"), not_before("answer_until", "asked_at")),
    "question.continued": (_words("text"), not_before("further_until", "asked_at")),
    "question.answered": (_words("text"), _person("answered_by")),
    "appeal.raised": (_words("text"), not_before("answer_until", "raised_at")),
    "appeal.escalated": (
        _level,
        _person("to_name"),
        _person("to_post"),
        _words("reasons"),
        not_before("answer_until", "escalated_at"),
    ),
    "appeal.returned": (_words("reasons"), not_before("redo_until", "returned_at")),
    "appeal.answered": (_words("measures"), _person("answered_by")),
    "alive.requested": (_person("person_name"), _words("benefit"), not_before("verify_until", "requested_at")),
    "alive.answered": (_person("verifier"),),
    "list.published": (_words("title"), _period, _numbered("lines"), not_before("answer_until", "published_at")),
    "list.reconciled": (_numbered("outcomes"), _differing, _person("checked_by")),
}
"""By message type; together with those of a case's own documents they are asked by `schemas.documents.demand`."""
