"""What in a report a person has to do something about, the gravest first. Limits stand here, with their reason."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from adapters.countyit.status.report import CertificateLine, Report, Weather
from adapters.directory.directoryview import NO_DIRECTORY
from certs.chain import EXPIRED, REVOCATION_UNKNOWN
from certs.files import FILE_UNREADABLE
from schemas.errors import YunhuobanError, declare

NOT_RUNNING: Final = declare(
    "E-NODE-001", "县节点没有在运行。", "请用 systemctl start yhb-county（或 adapter up）启动；起不来的请看日志。"
)
LINK_DOWN: Final = declare(
    "E-NODE-002", "与中枢的连接断开了 {minutes} 分钟。", "请运行 adapter doctor 查原因；报文留在发件箱，不会丢失。"
)
UNSENT: Final = declare(
    "E-NODE-003",
    "最早的一份报文等了 {minutes} 分钟，中枢还没有准入。",
    "请运行 adapter doctor；连接正常的请联系中枢运维。",
)
PARTNER_SILENT: Final = declare(
    "E-NODE-004",
    "{county} 有 {count} 份报文没有签收，最早的已等 {minutes} 分钟。",
    "请打电话问该县信息中心县节点是否在运行；报文在中枢保存，恢复后自动送达。",
)
ENDS_SOON: Final = declare(
    "E-NODE-005", "证书 {file} 还有 {days} 天到期。", "请现在就向发证机构申请续期，不要等到最后一天。"
)
LIST_OLD: Final = declare(
    "E-NODE-006",
    "吊销列表已有 {hours} 小时没有更新，再过 {left} 小时就失效。",
    "请通知中枢运维发布新的吊销列表；失效之后不能报送和打印。",
)
DISK_LOW: Final = declare(
    "E-NODE-007",
    "县节点所在磁盘只剩 {free} MB。",
    "请清理或扩大磁盘；写满之后不能收发，已收到的不会丢失。",
)
MAPPING_UNREADABLE: Final = declare(
    "E-NODE-008", "读不到 county.toml 所指的映射文件夹。", "请核对 mapping 一项和文件权限，否则重启后县节点起不来。"
)
CLOCK_AHEAD: Final = declare(
    "E-NODE-012",
    "本机时钟比中枢至少快 {seconds} 秒。",
    "请让本机与时间服务器同步（timedatectl set-ntp true）；快五分钟以上，中枢拒收。",
)
CLOCK_BEHIND: Final = declare(
    "E-NODE-013",
    "本机时钟比中枢至少慢 {seconds} 秒。",
    "请让本机与时间服务器同步（timedatectl set-ntp true）；慢了会误判证书和时限。",
)
TROUBLES: Final = declare(
    "E-NODE-014",
    "过去一天有 {count} 处没有通过：本地记录转换不了，或报文被拒收。",
    "请看打印台“本县没有通过的”或 adapter status 的列表，按各条所写的办法处理；一天之内没有再出现的不再提醒。",
)
NOT_WRITTEN: Final = declare(
    "E-NODE-015",
    "有 {count} 份内容写不进本地系统。",
    "请看 adapter status 列表中写回本地的那几条，改正后自动再写；在此之前窗口在本地系统里看不到办件的进展。",
)

HALL: Final = "hall"
"""The role of the hall page's certificate, of which `adapters.hall.hallpage.certificate` says what there is to do."""
LINK_PATIENCE: Final = timedelta(minutes=2)
"""A broker that starts anew takes so long; the link tries every ten seconds."""
SEND_PATIENCE: Final = timedelta(minutes=10)
PARTNER_PATIENCE: Final = timedelta(minutes=30)
"""A county that restarts after an upgrade is back by then."""
ENDS_SOON_DAYS: Final = 30
"""An authority that meets once a month still has time."""
LIST_AGE_HOURS: Final = 48.0
"""`certs.crl.age_days`: an alarm belongs at two days; lists come daily."""
TROUBLES_WITHIN: Final = timedelta(days=1)
"""A refusal stays on the desk for good: who has read it is not called for it every day."""
CLOCK_SECONDS: Final = 60.0
"""The hub bears five minutes: told well before it refuses anything."""
DISK_FREE_BYTES: Final = 1 << 30


def needed(report: Report) -> tuple[YunhuobanError, ...]:
    """Everything that needs a person."""
    return (
        *_certificates(report),
        *_running(report),
        *_clock(report),
        *_machine(report),
        *_lists(report),
        *_traffic(report),
        *_troubles(report),
    )


def _running(report: Report) -> Iterator[YunhuobanError]:
    if report.pulse is None:
        yield YunhuobanError(NOT_RUNNING, place="node.json")
        return
    down = [each for each in report.pulse.links if not each.connected and report.made_at - each.since > LINK_PATIENCE]
    if down:
        longest = min(down, key=lambda each: each.since)
        minutes = _minutes(report.made_at - longest.since)
        place = ", ".join(each.road for each in down)
        yield YunhuobanError(LINK_DOWN, place=place, found=longest.problem, minutes=minutes)


def _certificates(report: Report) -> Iterator[YunhuobanError]:
    for each in sorted(report.certificates, key=_days):
        if each.role == HALL:
            continue
        place = f"certs/{each.file}"
        if each.days_left is None or each.ends_at is None:
            yield YunhuobanError(FILE_UNREADABLE, place=place)
        elif each.ends_at <= report.made_at:
            yield YunhuobanError(EXPIRED, place=place, found=each.ends_at.isoformat())
        elif each.days_left <= ENDS_SOON_DAYS:
            found = each.ends_at.isoformat()
            yield YunhuobanError(ENDS_SOON, place=place, found=found, file=each.file, days=str(each.days_left))


def _clock(report: Report) -> Iterator[YunhuobanError]:
    least, most, found = report.clock.least, report.clock.most, report.made_at.isoformat()
    if least is not None and least > CLOCK_SECONDS:
        yield YunhuobanError(CLOCK_AHEAD, place="clock", found=found, seconds=f"{least:.0f}")
    elif most is not None and most < -CLOCK_SECONDS:
        yield YunhuobanError(CLOCK_BEHIND, place="clock", found=found, seconds=f"{-most:.0f}")


def _machine(report: Report) -> Iterator[YunhuobanError]:
    if report.machine.disk_free_bytes < DISK_FREE_BYTES:
        yield YunhuobanError(DISK_LOW, place="disk", free=str(report.machine.disk_free_bytes >> 20))
    if not report.machine.mapping:
        yield YunhuobanError(MAPPING_UNREADABLE, place="county.toml: mapping")


def _lists(report: Report) -> Iterator[YunhuobanError]:
    ended = report.directory_ends_at is None or report.directory_ends_at <= report.made_at
    if ended:
        yield YunhuobanError(NO_DIRECTORY, place="directory")
    for each in report.lists:
        left = (each.ends_at - report.made_at) / timedelta(hours=1)
        if left <= 0:
            yield YunhuobanError(REVOCATION_UNKNOWN, place=each.kind, found=each.ends_at.isoformat())
        elif each.age_hours > LIST_AGE_HOURS:
            hours, rest = f"{each.age_hours:.0f}", f"{left:.0f}"
            yield YunhuobanError(LIST_OLD, place=each.kind, found=str(each.number), hours=hours, left=rest)


def _traffic(report: Report) -> Iterator[YunhuobanError]:
    since = report.traffic.unsent_since
    if since is not None and report.made_at - since > SEND_PATIENCE:
        yield YunhuobanError(UNSENT, place="outbox", minutes=_minutes(report.made_at - since))
    for each in report.partners:
        if each.weather is Weather.SLOW and each.oldest_at is not None:
            county, minutes = f"{each.name} {each.code}", _minutes(report.made_at - each.oldest_at)
            yield YunhuobanError(
                PARTNER_SILENT, place=each.code, county=county, count=str(each.waiting), minutes=minutes
            )


def _troubles(report: Report) -> Iterator[YunhuobanError]:
    if report.traffic.unwritten_failed:
        yield YunhuobanError(NOT_WRITTEN, place="local", count=str(report.traffic.unwritten_failed))
    if report.traffic.troubles_lately:
        yield YunhuobanError(TROUBLES, place="troubles", count=str(report.traffic.troubles_lately))


def _days(line: CertificateLine) -> int:
    return -1 if line.days_left is None else line.days_left


def _minutes(span: timedelta) -> str:
    return str(int(span / timedelta(minutes=1)))
