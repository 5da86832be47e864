"""The hub's worker processes: whether each that was started, and not stopped, is still there."""

from collections.abc import Iterator
from typing import Final

from hub.doctor.findings import Finding, Step, failed, not_reached, passed
from hub.doctor.ground import Ground
from hub.observing import workers
from schemas.errors import YunhuobanError, declare

WORKER_DIED: Final = declare(
    "E-OPS-043",
    "有工作进程不在了，没有重新启动。",
    "请看它的日志和 hub explain，再重新启动；不再需要的，用 hub up --workers 改数目，或正常停止，它就不再计入。",
)


def examine_workers(ground: Ground) -> Iterator[Finding]:
    """Those that died and were not replaced, by role; a hub that was stopped has none."""
    store = ground.store
    if isinstance(store, YunhuobanError):
        yield not_reached(Step.WORKERS)
        return
    with store.read() as tx:
        rolls = workers.rolls(tx, ground.now)
    for role, roll in rolls.items():
        if roll.gone:
            words = {"found": str(roll.there), "expected": str(roll.whole)}
            yield failed(Step.WORKERS, YunhuobanError(WORKER_DIED, place=role, **words))
    if not any(roll.gone for roll in rolls.values()):
        yield passed(Step.WORKERS, ", ".join(f"{role} {roll.there}" for role, roll in rolls.items()) or "0")
