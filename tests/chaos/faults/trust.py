"""A revocation list that expires before the next one comes, and a certificate that is revoked."""

import time
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

from deploy.demo.world import publish_lists
from tests.chaos.arena import Arena
from tests.chaos.faults.stranger import Stranger
from tests.chaos.plan import Kind, Step

_LEAD_SECONDS: Final = 1.0
REVOKED_SECONDS: Final = 20.0
"""Some two seconds are needed on an idle machine: the keeper looks once a second, admission with every batch."""


class ExpiredLists:
    """The lists run out and no new ones come: messages wait, and none is refused for it."""

    kind: ClassVar = Kind(name="expired-lists", targets=("trust",), seconds=(4.0, 10.0), touches=("clocks",), weight=2)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Publish lists that hold for a moment."""
        soon = datetime.now(UTC) + timedelta(seconds=_LEAD_SECONDS)
        publish_lists(arena.world, arena.world.transport, now=soon - timedelta(days=1), days=1)

    def heal(self, arena: Arena, step: Step) -> None:
        """The authority's person publishes fresh ones."""
        publish_lists(arena.world, arena.world.transport)


class Revoked:
    """A third county is enrolled, sends, and its certificate is revoked: from then on it is refused for that."""

    kind: ClassVar = Kind(
        name="revoked", targets=tuple(f"trust {code}" for code in Stranger.CODES), seconds=(0, 0),
        touches=("broker", "hub", "clocks"), most=len(Stranger.CODES),
    )  # fmt: skip

    def inflict(self, arena: Arena, step: Step) -> None:
        """Enrol, send, revoke, send."""
        with Stranger(arena, step.target.split()[1]) as stranger:
            stranger.enrol()
            before = stranger.verdict()
            assert before.startswith("E-ADM-"), f"{stranger.code} before its revocation: {before}"
            stranger.revoke()
            deadline = time.monotonic() + REVOKED_SECONDS
            while not stranger.verdict().startswith("E-CERT-"):
                assert time.monotonic() < deadline, f"{stranger.code} is still heard after its revocation"

    def heal(self, arena: Arena, step: Step) -> None:
        """It stays revoked."""
