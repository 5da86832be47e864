"""Local record to canonical record: pure, and every problem of the record is told at once, at its field."""

from adapters.local.mapping.reading.record import Reading
from adapters.local.mapping.reading.showing import shown
from adapters.local.mapping.records import MappingFailed, Seen, Translation
from adapters.local.mapping.rules import IgnoreRule, ReadRule, Rules
from adapters.local.sources import LocalRecord
from schemas.errors import YunhuobanError, declare

NO_RULE = declare(
    "E-MAP-021",
    "映射里没有规则说明这条本地记录是什么。",
    "请在 mapping.toml 的 read 或 ignore 中补充这种情况，或改正该行。",
)


def read(rules: Rules, record: LocalRecord, version: str = "") -> Translation | None:
    """Translate a record by this version of the rules; None when it is none of ours. Raises MappingFailed."""
    if _ignored(rules, record) is not None:
        return None
    rule = _rule(rules, record)
    if rule is None:
        raise MappingFailed([_no_rule(rules, record)], place=record.place)
    return Reading(rule, record).translation(version)


def see(rules: Rules, record: LocalRecord) -> Seen:
    """The record beside what becomes of it, field by field, with every problem at its field. Raises nothing."""
    ignored = _ignored(rules, record)
    if ignored is not None:
        return Seen(message_type="", why_not=ignored.why)
    rule = _rule(rules, record)
    if rule is None:
        return Seen(message_type="", problems=[_no_rule(rules, record)])
    return Reading(rule, record).seen()


def _ignored(rules: Rules, record: LocalRecord) -> IgnoreRule | None:
    fitting = (each for each in rules.ignores if each.kind == record.kind)
    return next((each for each in fitting if all(one.holds(record.row) for one in each.when)), None)


def _rule(rules: Rules, record: LocalRecord) -> ReadRule | None:
    fitting = (each for each in rules.reads if each.kind == record.kind)
    return next((each for each in fitting if all(one.holds(record.row) for one in each.when)), None)


def _no_rule(rules: Rules, record: LocalRecord) -> YunhuobanError:
    asked: list[ReadRule | IgnoreRule] = [*rules.reads, *rules.ignores]
    columns = {each.column for rule in asked if rule.kind == record.kind for each in rule.when}
    found = "，".join(f"{name}={shown(record.row.get(name), personal=False)}" for name in sorted(columns))
    return YunhuobanError(NO_RULE, place=record.place, found=found)
