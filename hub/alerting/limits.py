"""From where on something is the matter: the `[limits]` of `alerts.toml`."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

Minutes = Annotated[float, Field(gt=0, le=7 * 24 * 60)]


class Limits(BaseModel):
    """A window clerk phones after some minutes; the defaults are before that or before something is lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    waiting_minutes: Minutes = 30.0
    """A county's oldest message without its signature."""
    backlog_messages: Annotated[int, Field(ge=1)] = 1000
    """In front of admission, over all shards."""
    backlog_claims: Annotated[int, Field(ge=1)] = 20
    """Print claims: somebody stands at a window for each."""
    disk_free_percent: Annotated[int, Field(ge=1, le=90)] = 10
    backup_hours: Annotated[float, Field(gt=0, le=31 * 24)] = 26.0
    """A daily timer, with two hours for the day on which it is slow."""
    outcome_minutes: Minutes = 60.0
    """A sheet takes a minute; a grant without an outcome for so long means that nobody knows what came out."""
    clock_seconds: Annotated[float, Field(ge=1, le=300)] = 60.0
    """A message from more than five minutes ahead is refused."""


DEFAULT: Final = Limits()
