"""What the checks look at: settings, the broker's management API and the store, as far as each can be had."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from hub import bootstrap
from hub.broker.management import NO_ANSWER, Management
from hub.settings import HubSettings
from hub.store import Store
from hub.store.asitis import open_as_it_is
from schemas.errors import YunhuobanError


@dataclass(slots=True, kw_only=True)
class Ground:
    """One run's. What cannot be had is an error in the place of the thing."""

    settings: HubSettings
    now: datetime
    management: Management | YunhuobanError
    store: Store | YunhuobanError
    _opened: ExitStack

    @classmethod
    def open(cls, settings: HubSettings, *, now: datetime) -> Self:
        """Open what can be opened; the store is neither made nor migrated."""
        opened = ExitStack()
        management: Management | YunhuobanError
        store: Store | YunhuobanError
        try:
            management = opened.enter_context(_management(settings))
            management.vhosts()
        except YunhuobanError as error:
            management = error
        try:
            store = open_as_it_is(settings.database)
            opened.callback(store.close)
        except YunhuobanError as error:
            store = error
        return cls(settings=settings, now=now, management=management, store=store, _opened=opened)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._opened.close()


def _management(settings: HubSettings) -> Management:
    """The door; a private broker that never ran has none, and asking for it would make its folder."""
    if settings.broker.private and not (settings.folder / "broker").exists():
        raise YunhuobanError(NO_ANSWER, place="broker", found="-")
    return bootstrap.management(settings)
