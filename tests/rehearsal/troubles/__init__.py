"""The troubles in their order: those that take long to be told of first, so that the others pass meanwhile."""

from collections.abc import Sequence

from tests.rehearsal.crowd import Crowd
from tests.rehearsal.stage import Stage
from tests.rehearsal.troubles import broker, certificates, counties, hub, words
from tests.rehearsal.troubles.trouble import Trouble

__all__ = ["BACKUP_SECONDS", "OUTCOME_SECONDS", "Trouble", "all_of_them"]

BACKUP_SECONDS = 360.0
"""How old a backup may be here, and longer than the counties take to come; a day's in earnest."""
OUTCOME_SECONDS = 150.0
"""How long an outcome of a print is waited for here; an hour in earnest."""


def all_of_them(stage: Stage, crowd: Crowd) -> Sequence[Trouble]:
    """Each with counties of its own, which take no part in the ordinary traffic."""
    own = iter(list(stage.counties)[3::6])
    a, b, c, d, e, f, g, h = (next(own) for _ in range(8))
    others = iter(list(stage.counties)[4::6])
    for code in (a, b, c, d, e, f, g, h):
        crowd.leave_out(code)
    return [
        counties.offline(stage, crowd, a),
        counties.wrong_clock(stage, crowd, b, next(others)),
        counties.not_fetching(stage, crowd, c, next(others)),
        hub.backup_old(stage, BACKUP_SECONDS),
        hub.worker_gone(stage),
        words.unknown_print(stage, crowd, g, next(others), OUTCOME_SECONDS),
        counties.poison(stage, crowd, d, next(others)),
        counties.late_case(stage, crowd, e, next(others)),
        words.late_answer(stage, crowd, h, next(others)),
        *([words.no_follow_up(stage, crowd, stage.rated)] if stage.rated is not None else []),
        hub.lists_late(stage),
        certificates.ending(stage),
        broker.queue_deleted(stage, crowd, f, next(others)),
        broker.memory(stage),
        *([hub.disk_full(stage)] if stage.volumes["hub"].mounted else []),
        hub.worker_dies(stage),
        hub.store_locked(stage),
        broker.killed(stage),
        broker.hanging(stage),
    ]
