"""The troubles in their order: those that take long to be told of first, so that the others pass meanwhile."""

from collections.abc import Sequence

from tests.rehearsal.crowd import Crowd
from tests.rehearsal.stage import Stage
from tests.rehearsal.troubles import broker, counties, hub
from tests.rehearsal.troubles.trouble import Trouble

__all__ = ["BACKUP_SECONDS", "Trouble", "all_of_them"]

BACKUP_SECONDS = 180.0
"""How old a backup may be here; a day's in earnest."""


def all_of_them(stage: Stage, crowd: Crowd) -> Sequence[Trouble]:
    """Each with counties of its own, which take no part in the ordinary traffic."""
    own = iter(list(stage.counties)[3::9])
    a, b, c, d, e, f = (next(own) for _ in range(6))
    others = iter(list(stage.counties)[4::9])
    for code in (a, b, c, d, e, f):
        crowd.leave_out(code)
    return [
        counties.offline(stage, crowd, a),
        counties.wrong_clock(stage, crowd, b, next(others)),
        counties.not_fetching(stage, crowd, c, next(others)),
        hub.backup_old(stage, BACKUP_SECONDS),
        counties.poison(stage, crowd, d, next(others)),
        counties.late_case(stage, crowd, e, next(others)),
        hub.lists_late(stage),
        broker.queue_deleted(stage, crowd, f, next(others)),
        broker.memory(stage),
        *([hub.disk_full(stage)] if stage.volumes["hub"].mounted else []),
        hub.worker_dies(stage),
        hub.store_locked(stage),
        broker.killed(stage),
        broker.hanging(stage),
    ]
