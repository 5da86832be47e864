"""The machine: room on its disks, and its clock against the time servers or its own word."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from hub.doctor import timeservers
from hub.doctor.findings import Finding, Step, failed, moment, passed, told
from hub.doctor.ground import Ground
from schemas.errors import YunhuobanError, declare

DISK_SHORT: Final = declare(
    "E-OPS-010",
    "磁盘剩余空间太少；消息服务在剩余 2 GiB 时停止收报文。",
    "请腾出空间或换更大的磁盘：先看旧日志与没有移走的备份；不要删除 broker 文件夹与数据库里的任何东西。",
)
CLOCK_OFF: Final = declare(
    "E-OPS-011",
    "本机时钟与时间服务器相差太多；期限、证书与签名都以本机时钟为准。",
    "请让本机与时间服务器同步（timedatectl set-ntp true），再运行一次；不要在受理办件时手工拨动时钟。",
)
CLOCK_FREE: Final = declare(
    "E-OPS-012",
    "没有一处能证明本机时钟是准的：内核说它没有与时间服务器同步。",
    "请启用 systemd-timesyncd 或 chrony；机房另有授时的，在 hub.toml 的 time_servers 里写明时间服务器，由本命令核对。",
)
SERVER_MUTE: Final = declare(
    "E-OPS-013",
    "时间服务器没有应答，或应答不能用。",
    "请核对 hub.toml 的 time_servers 与防火墙（UDP 123）；另一台有应答时，时钟已用那一台核对。",
)

LEAST_FREE_BYTES: Final = 10 * 2**30
"""Five times what the broker keeps free: time to act between the first word and its alarm."""
MOST_OFF: Final = timedelta(seconds=1)
"""A machine that is synchronised is off by milliseconds; counties bear five minutes, revocation one second."""


def examine_disk(ground: Ground, *, least_bytes: int = LEAST_FREE_BYTES) -> Iterator[Finding]:
    """Room where the hub's folder, the broker's data and an embedded database lie."""
    both = (ground.settings.folder, ground.settings.folder / "broker")
    folders = {each.stat().st_dev: each for each in reversed(both) if each.exists()}
    if not folders:
        found = YunhuobanError(DISK_SHORT, place=ground.settings.folder.name, found="-", expected="hub … -d")
        yield failed(Step.DISK, found)
    for folder in folders.values():
        free = shutil.disk_usage(folder).free
        if free < least_bytes:
            words = {"place": folder.name, "found": _gib(free), "expected": f">= {_gib(least_bytes)}"}
            yield failed(Step.DISK, YunhuobanError(DISK_SHORT, **words))
        else:
            yield passed(Step.DISK, f"{folder.name}: {_gib(free)}")


def examine_clock(ground: Ground) -> Iterator[Finding]:
    """Against every time server that the settings name; without any, what the kernel says of itself."""
    servers = ground.settings.time_servers
    if not servers:
        if timeservers.kernel_is_synchronised():
            yield passed(Step.CLOCK, moment(ground.now))
        else:
            free = YunhuobanError(CLOCK_FREE, place="adjtimex", found="STA_UNSYNC", expected="synchronised")
            yield told(Step.CLOCK, free)
        return
    answers = {each: timeservers.ask(each) for each in servers}
    right = [each for each in answers.values() if each is not None]
    for server, off in answers.items():
        if off is None:
            mute = YunhuobanError(SERVER_MUTE, place=server, found="-", expected="SNTP")
            yield told(Step.CLOCK, mute) if right else failed(Step.CLOCK, mute)
        elif abs(off) > MOST_OFF:
            words = {"found": f"{off.total_seconds():+.3f} s", "expected": f"<= {MOST_OFF.total_seconds():.0f} s"}
            yield failed(Step.CLOCK, YunhuobanError(CLOCK_OFF, place=server, **words))
        else:
            yield passed(Step.CLOCK, f"{server}: {off.total_seconds():+.3f} s")


def _gib(octets: int) -> str:
    return f"{octets / 2**30:.1f} GiB"
