"""The checker: a whole recorded run against what everybody holds afterwards. Nothing is sampled.

`check` asks every rule about everything, in one pass over an index made once, so its time grows with the run and not
with its square. It is part of no product code and shares none with it but `schemas`: leaves, trees and the table of
message types.
"""

from collections.abc import Sequence
from typing import Final

from tests.chaos.evidence import Evidence
from tests.chaos.findings import Report
from tests.chaos.history import Event
from tests.chaos.lookup import Lookup
from tests.chaos.rules import applications, delivery, journal, localsystems, order, paper, rungs, waiting

_RULES: Final = (applications, rungs, delivery, order, journal, paper, localsystems, waiting)


def check(history: Sequence[Event], evidence: Evidence) -> Report:
    """Every problem of a run that has settled."""
    look = Lookup(history, evidence)
    report = Report(cases=len(evidence.hub.cases))
    for rules in _RULES:
        report.problems += rules.check(look)
    return report
