"""A county of one of the dialects beside the two of a demonstration that runs, enrolled by its card.

It is there to see a dialect at work. The way of a county that joins by an invitation is another.
"""

from datetime import UTC, datetime

from deploy.demo.stage import Stage
from deploy.demo.world import free_ports, make_county
from deploy.onboarding.dialects import Dialect
from deploy.onboarding.hall import Hall


def settle(stage: Stage, dialect: Dialect) -> Hall:
    """Make the county's database and node, enrol it and start its node; returns its clerks. Raises NotReadyError."""
    world, plan = stage.world, dialect.plan
    url = dialect.make(world.folder / "local" / plan.folder_name)
    dialect.open_to_us(url)
    (world.desk_ports[plan.code],) = free_ports(1)
    make_county(world, plan, url, world.transport, world.seals, datetime.now(UTC))
    card = world.folder / f"{plan.code}.card.json"
    stage.command("adapters", "card", "-d", str(world.county(plan.code)), "-o", str(card))
    stage.command("hub", "county", "add", str(card), "-d", str(world.hub))
    stage.start_node(plan.code)
    return dialect.hall(url)
