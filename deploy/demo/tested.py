"""Both counties of the demonstration test themselves before they are enrolled: their cards carry real results."""

from datetime import UTC, datetime

from adapters.countyit.conformance import signed, suite
from adapters.identity import Identity
from adapters.settings import CountySettings
from deploy.demo.stage import NotReadyError
from deploy.demo.world import WUQIAO, YONGJI, World


def try_counties(world: World) -> int:
    """What `adapter test -d` does in each county's folder; returns how many cases. Raises NotReadyError."""
    cases = 0
    for plan in (WUQIAO, YONGJI):
        settings = CountySettings.load(world.county(plan.code))
        found = suite.run(settings.mapping)
        signed.keep(settings, Identity.load(settings), found, datetime.now(UTC))
        if not found.passed:
            raise NotReadyError(f"adapter test -d {settings.folder}")
        cases += len(found.cases)
    return cases
