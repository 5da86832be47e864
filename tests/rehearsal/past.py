"""What a county said weeks ago: a bad rating that was followed up in time. Admitted by the real pipeline at that time.

Fifteen working days cannot be waited for, and no limit is written into a table: the hub gets a past before it starts.
"""

from datetime import date, datetime, timedelta
from typing import Final

from structlog.testing import capture_logs

from deploy.crowd.counties import MadeCounty
from hub.bootstrap import Hub
from hub.instants import from_millis, to_millis
from hub.intake.pipeline import Pipeline
from hub.outflow.delivery import Delivery
from schemas.envelope import Envelope
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from tests.hub_world import Message, ScriptedLink
from tests.rehearsal.wires import OPENING, Case, Wire

AGO: Final = timedelta(days=35)
"""More than fifteen working days, also over the longest holidays."""
_SERIAL: Final = 900_000
_SAID: Final = (OPENING, "case.withdrawn", "rating.given", "rating.followed_up")


def rated(hub: Hub, window: MadeCounty, issuing: MadeCounty, at: datetime) -> Case:
    """A case in which all this was said, each word signed for. The hub must not run yet, and its lists be of then."""
    number = str(CaseNo.mint(DivisionCode.parse(window.code), date(at.year, at.month, at.day), _SERIAL))
    case, link = Case(case_no=number, window=window, issuing=issuing), ScriptedLink()
    moment = from_millis(to_millis(at))
    pipeline = Pipeline(
        link=link,  # type: ignore[arg-type]
        store=hub.store,
        delivery=Delivery(link, hub.store, confirm_seconds=1.0),
        log_key=hub.keys.checkpoint,
        grants=hub.keys.grants,
        load_trust=hub.load_trust,
        clock=lambda: moment,
        batch_messages=1,
    )

    def say(wire: Wire) -> Wire:
        nonlocal moment
        link.incoming.append(
            Message(envelope=Envelope.parse(wire.body), body=wire.body, signature=wire.signature).delivery()
        )
        pipeline.run_once(0.0)
        moment += timedelta(minutes=1)
        return wire

    with capture_logs():
        for kind in _SAID:
            said = say(case.step(kind, moment))
            say(case.received(said.message_id, said.body, said.destination, moment))
        pipeline.flush()
    return case
