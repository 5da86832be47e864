"""Everything that the live pages show, asked once for all their parts; a part that cannot be had says why."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hub.web import selection
from hub.web.attention import attention
from hub.web.groundview import Ground
from hub.web.matrix import matrix
from hub.web.view import OverviewSource
from pages import labels
from pages.wording import Sentence, sentence
from schemas.errors import YunhuobanError

MOST_PHONED: Final = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: its rows, or the sentence why they cannot be had now."""

    rows: Any
    trouble: Sentence | None = None


def everything(view: OverviewSource, language: str, now: datetime) -> dict[str, Any]:
    """What the templates of the live parts ask for."""

    def part(ask: Callable[[], Any], nothing: Any) -> Part:
        try:
            return Part(ask())
        except YunhuobanError as error:
            return Part(nothing, sentence(error, language))

    queues, counties, alarms = part(view.queues, ()), part(view.counties, ()), part(view.alarms, ())
    restore, lists, joinings = (
        part(view.restore, None),
        part(view.revocation_lists, ()),
        part(view.joinings_under_way, ()),
    )
    certificates, renewing = part(view.certificates, ()), part(view.renewals, ())
    prints, cases, refusals = part(view.print_counts, None), part(view.cases, ()), part(view.refusals, ())
    dead, late, red_cards = part(view.dead_count, 0), part(view.late_count, 0), part(view.red_cards, 0)
    unanswered, unfollowed = part(view.unanswered_count, 0), part(view.unfollowed_count, 0)
    ground = part(view.ground, Ground())
    rates, pairs = part(view.rates, None), part(view.pairs, ())
    names = {row.code: row.name for row in counties.rows}
    items = attention(
        queues=queues.rows,
        counties=counties.rows,
        prints=prints.rows,
        alarms=alarms.rows,
        restore=restore.rows,
        lists=None if lists.trouble else lists.rows,
        joinings=joinings.rows,
        certificates=certificates.rows,
        renewals=renewing.rows,
        ground=ground.rows,
        dead=dead.rows,
        late=late.rows,
        unanswered=unanswered.rows,
        unfollowed=unfollowed.rows,
        red_cards=red_cards.rows,
    )
    asked = {each.county for each in items[:MOST_PHONED] if each.county}
    parts = (queues, counties, alarms, prints, cases, refusals, pairs, rates, dead, late, ground)
    return {
        "queues": queues,
        "shown_queues": selection.queues(queues.rows),
        "counties": counties,
        "shown_counties": selection.counties(counties.rows),
        "cases": cases,
        "refusals": refusals,
        "prints": prints,
        "states": dict(sorted(part(view.case_counts, {}).rows.items(), key=_lifecycle)),
        "names": names,
        "attention": items,
        "contacts": part(lambda: view.contacts(asked), {}).rows if asked else {},
        "matrix": matrix(pairs.rows, names, now),
        "rates": rates,
        "dead": dead,
        "late": late,
        "offline": sum(not row.online and row.state == "active" for row in counties.rows),
        "alarms": alarms,
        "lists": lists,
        "certificates": certificates,
        "unseen": list({each.trouble.code: each.trouble for each in parts if each.trouble}.values()),
    }


def _lifecycle(item: tuple[str, int]) -> int:
    order = list(labels.CASE_STATES)
    return order.index(item[0]) if item[0] in order else len(order)
