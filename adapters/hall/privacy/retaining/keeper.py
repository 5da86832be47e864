"""The node's loop of retention: rule by rule, a few rows in each transaction, a line of the chain with it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from adapters.hall.privacy.retaining import chain
from adapters.hall.privacy.retaining.rule import Rule
from adapters.store import Store

_log = structlog.get_logger(__name__)
AT_ONCE: Final = 100
"""Rows in one transaction: whoever takes or prints waits for its end."""
_PAUSE: Final = timedelta(hours=1)


class Keeper:
    """Erases what is due, at most once an hour however often it is woken."""

    def __init__(self, store: Store, rules: Sequence[Rule], clock: Callable[[], datetime]) -> None:
        """Nothing is erased before the first turn."""
        self._store = store
        self._rules = rules
        self._clock = clock
        self._done_at: datetime | None = None

    def run_once(self) -> int:
        """One transaction for each rule that has something due; returns how much was erased. Raises E-STORE-002."""
        now = self._clock()
        if self._done_at is not None and self._done_at <= now < self._done_at + _PAUSE:
            return 0
        erased = sum(self._apply(rule, now) for rule in self._rules)
        if not erased and self._store.clear_deleted():
            self._done_at = now
        return erased

    def _apply(self, rule: Rule, now: datetime) -> int:
        with self._store.read() as tx:
            if not rule.due(tx, now, 1):
                return 0
        with self._store.write() as tx:
            keys = rule.due(tx, now, AT_ONCE)
            if keys:
                rule.erase(tx, keys, now)
                chain.add(tx, rule, keys, now)
        _log.info("retention.erased", rule=rule.name, count=len(keys))
        return len(keys)
