"""Checks 1 to 3: whether there is a way to the broker, and whether what answers there speaks our TLS."""

from typing import Final

from adapters.countyit.doctor.findings import Finding, Step, failed, not_reached, passed
from adapters.countyit.doctor.observations import Seen
from schemas.errors import YunhuobanError, declare

NO_SUCH_NAME: Final = declare(
    "E-LINK-020",
    "解析不了中枢的主机名 {host}。",
    "请核对 county.toml 中 [hub] urls 的主机名，并检查本机的 DNS 设置。",
)
PORT_SHUT: Final = declare(
    "E-LINK-021",
    "{address} 拒绝连接：这个端口没有程序在听，或被防火墙拒绝。",
    "请核对端口；无误则请网络管理员放行到该地址的外出连接，并询问中枢运维消息服务是否在运行。",
)
PORT_MUTE: Final = declare(
    "E-LINK-022",
    "{address} 在 {seconds} 秒内没有任何应答。",
    "多半是防火墙丢弃了连接：请网络管理员放行到该地址的外出连接，再核对地址。",
)
NO_TLS: Final = declare(
    "E-LINK-023",
    "{address} 接通了，但没有按 TLS 应答。",
    "请核对端口是否是中枢的加密端口（默认 5671）；途中的代理或网闸不能拆开 TLS。",
)
OLD_TLS: Final = declare(
    "E-LINK-024",
    "{address} 只会本系统不再使用的旧 TLS 版本。",
    "请告知中枢运维启用 TLS 1.3；本机无需改动。途中若有代理，请核对它的 TLS 版本。",
)


def examine_name(seen: Seen) -> Finding:
    """1. The broker's name leads to an address."""
    if seen.found is None:
        return not_reached()
    if not seen.found:
        host = seen.address.rpartition(":")[0]
        return failed(YunhuobanError(NO_SUCH_NAME, place=Step.NAME.value, found=seen.network_words, host=host))
    return passed(", ".join(seen.found))


def examine_port(seen: Seen) -> Finding:
    """2. Something listens there."""
    if seen.door is None:
        return not_reached()
    if seen.door == "open":
        return passed(seen.address)
    code = PORT_SHUT if seen.door == "shut" else PORT_MUTE
    return failed(seen.problem(code, Step.PORT, seen.network_words, seconds=f"{seen.seconds:g}"))


def examine_tls(seen: Seen) -> Finding:
    """3. It speaks TLS, in a version that we speak."""
    if seen.tls is None or seen.tls.stage == "unreachable":
        return not_reached()
    if seen.tls.stage in {"no_tls", "old_tls"}:
        code = OLD_TLS if seen.tls.stage == "old_tls" else NO_TLS
        return failed(seen.problem(code, Step.TLS, seen.tls.alert, expected="TLS 1.2, TLS 1.3"))
    return passed(seen.tls.protocol)
