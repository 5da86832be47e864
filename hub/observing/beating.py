"""A worker process says that it is there, from its first moment until it is told to stop."""

import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import Connection

from hub import instants
from hub.observing import workers
from hub.observing.workers import Worker
from hub.store import Store
from schemas.errors import YunhuobanError

EVERY_SECONDS: Final = 10.0
_AGAIN_SECONDS: Final = 1.0
"""After a beat that could not be written: once the store works again, nobody is to be missed."""
_GOODBYE_SECONDS: Final = 5.0
_log = structlog.get_logger(__name__)


@contextmanager
def at_work(
    store: Store, role: str, *, number: int = 0, count: int = 1, planned: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """At work as long as the block runs; nobody misses a worker whose end was `planned`, and that no error has ended.

    `number` of `count` workers of this role on this machine. A store that cannot be written keeps nobody from working.
    """
    machine = platform.node()[:60]
    worker = Worker(id=str(uuid4()), role=role, machine=machine, number=number, count=count, began_at=instants.now())
    stop = threading.Event()
    thread = threading.Thread(target=_go_on, args=(store, worker, stop), name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_GOODBYE_SECONDS)
    if planned() and store.writable(_GOODBYE_SECONDS):  # `hub up` does not wait as long as for a store that is held
        _done(store, workers.leave, worker)


def _go_on(store: Store, worker: Worker, stop: threading.Event) -> None:
    step = workers.enter
    while True:
        done = _done(store, step, worker)
        if done:
            step = workers.beat
        if stop.wait(EVERY_SECONDS if done else _AGAIN_SECONDS):
            return


def _done(store: Store, step: Callable[[Connection, Worker, datetime], None], worker: Worker) -> bool:
    """Whether it could be written."""
    try:
        store.redo(lambda tx: step(tx, worker, instants.now()))
    except YunhuobanError as error:
        _log.error("beat.failed", code=error.code.code)
        return False
    return True
