"""Checks 7 to 9: what this county may do at the broker and in the directory, and in which version of the contract."""

from typing import Final

from adapters.countyit.doctor.findings import NO_DIRECTORY_YET, Finding, Step, failed, not_reached, passed
from adapters.countyit.doctor.observations import Seen
from adapters.directory.directoryview import COUNTY_UNKNOWN
from adapters.link.messages import BLOCKED, LOGIN_REFUSED
from schemas import releases
from schemas.errors import YunhuobanError, declare

USER_UNKNOWN: Final = declare(
    "E-LINK-033",
    "{address} 不认识用户 {user}。",
    "请把登记卡（adapter card）交给中枢运维登记；已登记的，请核对行政区划代码。",
)
VHOST_CLOSED: Final = declare(
    "E-LINK-034",
    "{address} 认识本县，但没有虚拟主机 {vhost}，或不许用户 {user} 进入。",
    "请核对 county.toml 中的 vhost；无误则请中枢运维开通本县的权限。",
)
OTHER_VERSION: Final = declare(
    "E-LINK-035",
    "中枢登记的本县标准版本是 {stated}，本机运行的是 {own}。",
    "请把新的登记卡（adapter card）交给中枢；此后报文按本机的版本送来。",
)


def examine_login(seen: Seen) -> Finding:
    """7. The broker knows our user and lets it into the virtual host."""
    if seen.entry is None:
        return not_reached()
    problem = seen.entry.problem
    if problem is None:
        return passed(f"{seen.division_code} @ {seen.vhost}")
    if problem.code is not LOGIN_REFUSED:
        return failed(problem)
    code = VHOST_CLOSED if problem.params.get("denied") == "vhost" else USER_UNKNOWN
    return failed(seen.problem(code, Step.LOGIN, problem.found, user=seen.division_code, vhost=seen.vhost))


def examine_alarm(seen: Seen) -> Finding:
    """8. The broker takes messages: it is not short of memory or disk."""
    if seen.entry is None or seen.entry.problem is not None:
        return not_reached()
    return passed("") if seen.entry.takes else failed(seen.problem(BLOCKED, Step.ALARM, "connection.blocked"))


def examine_contract(seen: Seen) -> Finding:
    """9. The directory lists us as we are, and everybody we deal with reads a version that we write."""
    directory, us = seen.memory.directory, seen.division_code
    if directory is None:
        return not_reached(NO_DIRECTORY_YET)
    member = directory.members.get(us)
    if member is None or not member.active:
        return failed(YunhuobanError(COUNTY_UNKNOWN, place="directory", found=us))
    stated = member.statement.contract_versions if member.statement is not None else ()
    if stated and releases.current() not in stated:
        words = {"stated": ", ".join(stated), "own": releases.current()}
        return failed(YunhuobanError(OTHER_VERSION, place="directory", found=words["stated"], **words))
    for partner in seen.memory.partners:
        try:
            directory.contract(partner)
        except YunhuobanError as error:
            return failed(YunhuobanError(error.code, place=partner, found=error.found, expected=error.expected))
    return passed(releases.current())
