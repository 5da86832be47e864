"""Faults seeded into good books: one function each, which spoils what it is given and says which rules it breaks.

`pick` chooses among what may be spoiled; the same choices spoil the same things. The modules are named as those of
`tests.chaos.rules`, whose rules they break; importing them enters their faults in the list.
"""

from tests.chaos.seeded import applications, delivery, journal, localsystems, order, paper, rungs, waiting
from tests.chaos.seeded.picking import FAULTS, spoiled

__all__ = [
    "FAULTS", "applications", "delivery", "journal", "localsystems", "order", "paper", "rungs", "spoiled", "waiting",
]  # fmt: skip
