"""Which messages a county's own system can cause, and which leave a trace in it."""

from typing import Final

# What a county's own system can cause; the rest is made by this program.
READABLE: Final = (
    "application.submitted",
    "supplement.requested",
    "supplement.provided",
    "application.not_accepted",
    "application.accepted",
    "review.advanced",
    "procedure.opened",
    "procedure.closed",
    "deadline.extended",
    "decision.made",
    "case.withdrawn",
    "case.terminated",
    "license.state_changed",
    "print.revoked",
    "print.authorised",
    "case.handed_over",
    "case.closed",
)
WRITABLE: Final = (*READABLE, "license.issued", "print.settled", "message.refused")
