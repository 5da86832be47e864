"""Check 4: our clock, judged by what the hub has signed, never by a guess.

No broker tells the time over AMQP, and TLS 1.3 does not either; but the hub's directory and receipts bear its time.
Behind: the true time is not before the latest of them, nor before the broker's certificate begins to hold. Ahead: a
message that we made later than the hub took it. Both are lower bounds, and said as such.
"""

from datetime import datetime, timedelta
from typing import Final

from adapters.countyit.doctor.findings import (
    NO_DIRECTORY_YET,
    Finding,
    Outcome,
    Step,
    failed,
    not_reached,
    passed,
    second,
)
from adapters.countyit.doctor.observations import Seen
from schemas.envelope import MAX_CLOCK_AHEAD
from schemas.errors import declare

CLOCK_BEHIND: Final = declare(
    "E-LINK-030",
    "本机时钟至少慢了 {off}（时:分:秒）：中枢的签名或证书表明现在不早于 {at}。",
    "请让本机与时间服务器同步（timedatectl set-ntp true），然后重新运行 adapter doctor；"
    "本机时钟确实正确的，请告知中枢运维。",
)
CLOCK_AHEAD: Final = declare(
    "E-LINK-031",
    "本机时钟至少快了 {off}（时:分:秒）：依据是中枢 {at} 的回执。",
    "请让本机与时间服务器同步（timedatectl set-ntp true）；已经校准的，收到下一份回执后本提示消失；"
    "时钟一直正确的，请告知中枢运维。",
)

EXPIRED: Final = 10
"""X509_V_ERR_CERT_HAS_EXPIRED of x509_vfy.h."""
NOT_YET: Final = 9
"""X509_V_ERR_CERT_NOT_YET_VALID."""


def examine_clock(seen: Seen) -> Finding:
    """4. Our clock agrees with what the hub has signed, within what the hub itself bears; TLS bears nothing."""
    begins = _begins(seen)
    earliest = max([each for each in (begins, seen.memory.hub_time) if each is not None], default=None)
    if earliest is not None and seen.now < earliest - (timedelta(0) if begins is not None else MAX_CLOCK_AHEAD):
        words = {"off": _plain(earliest - seen.now), "at": second(earliest)}
        return failed(seen.problem(CLOCK_BEHIND, Step.CLOCK, second(seen.now), **words))
    ahead = seen.memory.ahead
    if ahead is not None and ahead.by > MAX_CLOCK_AHEAD and seen.now >= ahead.at + ahead.by:
        words = {"off": _plain(ahead.by), "at": second(ahead.at)}
        return failed(seen.problem(CLOCK_AHEAD, Step.CLOCK, second(seen.now), **words))
    return passed(second(seen.now)) if earliest is not None else not_reached(NO_DIRECTORY_YET)


def clock_is_wrong(seen: Seen) -> bool:
    """Whether nothing can be said of a date by this clock."""
    return examine_clock(seen).outcome is Outcome.FAILED


def _begins(seen: Seen) -> datetime | None:
    """When the broker's certificate begins to hold, if that is all that is wrong with it by our clock."""
    facts = seen.tls
    if facts is None or not facts.server_chain or {each.number for each in facts.server_problems} != {NOT_YET}:
        return None
    return max(each.not_valid_before_utc for each in facts.server_chain)


def _plain(span: timedelta) -> str:
    return str(timedelta(seconds=int(span.total_seconds())))
