"""The page for the hall: whether its certificate is good, and whether the running node answers with it.

The node is asked as a browser of the hall would ask, but from here: whether the hall's computers get through to this
machine, and find it under its names, is seen on one of them only.
"""

import ipaddress
from datetime import datetime
from typing import Final

from adapters.countyit.doctor.findings import NOT_RUNNING, Finding, HallStep, failed, not_reached, passed, second
from adapters.countyit.status import pulse
from adapters.hall.hallpage.certificate import HallCertificate, of_hall
from adapters.settings import CountySettings
from certs.keys import Certificate
from certs.probe import HTTP_GREETING, probe
from schemas.errors import YunhuobanError, declare

NOT_ANSWERED: Final = declare(
    "E-PAGE-102",
    "县节点在运行，大厅页面 {address} 却没有应答。",
    "请看日志中 hall_page.trouble 一行的代码；改过 [hall_page] 的，要重启县节点。",
)
OTHER_SHOWN: Final = declare(
    "E-PAGE-103",
    "大厅页面 {address} 出示的不是文件里的这张证书。",
    "刚换过的请等几秒再查；仍不对时，请核对这个端口是不是被别的程序占用，并看日志中 hall_page.trouble 一行。",
)
_SECONDS: Final = 5.0


def examine(settings: CountySettings, now: datetime) -> list[tuple[HallStep, Finding]]:
    """Every finding; none where there is no page for the hall. Raises nothing for a fault."""
    try:
        hall = of_hall(settings)
    except YunhuobanError as error:
        return [(HallStep.CERTIFICATE, failed(error))]
    if hall is None:
        return []
    chain = hall.examine(now).chain
    found = [failed(each) for each in hall.attention(now)] or [passed(_said(hall, chain[0]))]
    answers = _answer(settings, hall, chain[0] if chain else None, now)
    return [*((HallStep.CERTIFICATE, each) for each in found), (HallStep.LISTENER, answers)]


def _answer(settings: CountySettings, hall: HallCertificate, leaf: Certificate | None, now: datetime) -> Finding:
    if pulse.read(settings.folder, now) is None:
        return not_reached(NOT_RUNNING)
    host, port = _reached(hall), hall.hall.port
    address = f"{host}:{port}"
    facts = probe(
        host, port, server_hostname=next(iter(hall.names)), anchors=(), at=now, timeout_seconds=_SECONDS,
        greeting=HTTP_GREETING,
    )  # fmt: skip
    if facts.stage != "open":
        return failed(YunhuobanError(NOT_ANSWERED, place="hall_page", found=facts.alert, address=address))
    if facts.server_chain[0] != leaf:
        shown = facts.server_chain[0].subject.rfc4514_string()
        return failed(YunhuobanError(OTHER_SHOWN, place="hall_page", found=shown, address=address))
    return passed(f"{address} {facts.protocol}")


def _reached(hall: HallCertificate) -> str:
    """Where this machine reaches its own listener: a listener for all networks is reached by loopback."""
    address = ipaddress.ip_address(str(hall.hall.address))
    if not address.is_unspecified:
        return str(address)
    return "127.0.0.1" if address.version == 4 else "::1"


def _said(hall: HallCertificate, leaf: Certificate) -> str:
    return f"{', '.join(hall.names)} → {second(leaf.not_valid_after_utc)}"
