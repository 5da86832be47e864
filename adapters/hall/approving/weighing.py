"""Whether an act may be taken, beyond its turn: what the contract leaves to the county that decides. Pure.

Sources: 行政许可法 art. 42 (one extension, at most ten working days, approved by the head of the authority);
市场主体登记管理条例 art. 19 (a registration of a business: at most three).
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from adapters.authority.ownlicenses import NOT_OURS
from adapters.hall.approving import acts
from adapters.hall.approving.acts import TYPES, Act
from adapters.hall.approving.grounds import Grounds
from adapters.hall.taking.fields import REGISTERED
from schemas import documents, licensestates, timelimits
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.license import LicenseIdentifier
from schemas.lifecycle import CaseState
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import Deadline, nth_working_day

NOT_HERE: Final = declare(
    "E-APPR-010",
    "这一步现在不能在这里办理。",
    "请刷新页面看办件现在的状态；本县自己的系统办理的步骤，请在那里办理。",
)
EXTENDED_ONCE: Final = declare(
    "E-APPR-011", "期限已经延长过一次，法律不允许再延长。", "请在延长后的期限内作出决定；符合条件的可以进入特别程序。"
)
TOO_LONG: Final = declare(
    "E-APPR-012", "这一事项的期限至多可以延长 {expected} 个工作日。", "请改短延长的工作日数后再提交。"
)
MOST_DAYS: Final = 10
MOST_DAYS_OF_REGISTRATION: Final = 3


def offered(state: CaseState, elsewhere: Collection[str], grounds: Grounds) -> list[Act]:
    """The acts that may be taken now."""
    found = acts.in_turn(state, elsewhere)
    missing = {Act.EXTEND} if grounds.clock.extended_days else set()
    if not grounds.changeable:
        missing.add(Act.CHANGE_STATE)
    return [each for each in found if each not in missing]


def demand(act: Act, state: CaseState, elsewhere: Collection[str], grounds: Grounds) -> None:
    """Raises E-APPR-010 when it is not its turn here, E-APPR-011 for a second extension."""
    if act in offered(state, elsewhere, grounds):
        return
    if act in acts.in_turn(state, elsewhere) and act is Act.EXTEND:
        raise YunhuobanError(EXTENDED_ONCE, place="extended_days", found=str(grounds.clock.extended_days))
    raise YunhuobanError(NOT_HERE, place="state", found=f"{act.value} ({state.value})")


def check(act: Act, record: Mapping[str, Any], grounds: Grounds) -> None:
    """What a record has to keep to. Raises E-DOC-…, E-APPR-012, E-ADM-105 or -108, E-LIC-103 or E-ID-…."""
    documents.demand(TYPES[act], record)
    if act is Act.EXTEND:
        _extension(record["extended_days"], record["promised_on"], grounds)
    elif act is Act.CHANGE_STATE:
        _state(record, grounds)


def most_extended(grounds: Grounds) -> int:
    """How many working days the law lets this item's limit be extended by."""
    registers = grounds.item is not None and grounds.item.code.endswith(REGISTERED)
    return MOST_DAYS_OF_REGISTRATION if registers else MOST_DAYS


def statutory_end(grounds: Grounds, extended_days: int = 0) -> Deadline | None:
    """When the statutory limit ends, extended by so many days more; None when it is not known or does not run."""
    limit = timelimits.statutory(grounds.item) if grounds.item is not None else None
    if limit is None:
        return None
    clock = replace(grounds.clock, extended_days=grounds.clock.extended_days + extended_days)
    return clock.due(grounds.calendar, limit)


def proposed_promise(grounds: Grounds) -> date | None:
    """The promised day of an extension by as much as the law allows, and not beyond the statutory limit."""
    promised = grounds.clock.promised_due(grounds.calendar)
    if promised is None:
        return None
    days = most_extended(grounds)
    found = nth_working_day(grounds.calendar, beijing_day(promised.at), days).day
    latest = statutory_end(grounds, days)
    return found if latest is None else min(found, beijing_day(latest.at))


def _state(record: Mapping[str, Any], grounds: Grounds) -> None:
    states = {each.identifier: each.state for each in grounds.licenses}
    if record["license_identifier"] not in states:
        raise YunhuobanError(NOT_OURS, place="license_identifier", found=record["license_identifier"])
    licensestates.change(states[record["license_identifier"]], record["license_state"])
    if record["successor"]:
        LicenseIdentifier.parse(record["successor"])


def _extension(days: int, promised_on: date, grounds: Grounds) -> None:
    most = most_extended(grounds)
    if days > most:
        raise YunhuobanError(TOO_LONG, place="extended_days", found=str(days), expected=str(most))
    latest = statutory_end(grounds, days)
    if latest is not None and not latest.provisional and promised_on > beijing_day(latest.at):
        raise YunhuobanError(
            timelimits.PROMISE_LATE,
            place="promised_on",
            found=str(promised_on),
            expected=f"<= {beijing_day(latest.at)}",
        )
