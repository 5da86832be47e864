"""The operations pages as they are served: on this machine by an address that works once, elsewhere by TLS and sign-in.

On trial whoever holds this machine may do everything, so that one person can try the whole way; in earnest the machine
is the operator's, and nothing else (三员: nobody is two of the three).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from hub.alerting.desk import StoreAlerts
from hub.bootstrap import Keys
from hub.instants import now
from hub.joining.deciding import Deciding
from hub.listening.pagecertificate import PageCertificate
from hub.outflow.pausing import LinkSwitch
from hub.people.opening import HubPeople
from hub.people.second import Two
from hub.settings import HubSettings
from hub.store import Store
from hub.views.aroundsource import StoreAround
from hub.views.deadletterview import StoreDeadLetters
from hub.views.partners import StorePartners
from hub.views.proofview import StoreProofs
from hub.views.recordview import StoreRecord
from hub.views.reportsource import StoreReports
from hub.views.supervisionsource import StoreSupervision
from hub.web import alerts, around, dead, deciding, linkpage, partners, proof, record, reports, supervision
from hub.web.overview import build_app
from hub.web.view import OverviewSource
from pages.access import Access
from pages.frame import Frame
from pages.people.person import HUB_ROLES, Role
from pages.serving import Serving
from pages.wording import mark as _

MACHINE: Final = {True: HUB_ROLES, False: frozenset({Role.OPERATOR})}
"""What whoever holds this machine may do without signing in, on trial and in earnest."""


class Pages:
    """Everything that people of the hub see, as one application."""

    def __init__(self, store: Store, settings: HubSettings, view: OverviewSource, keys: Keys) -> None:
        """Nothing is served yet. Raises E-CERT-085, and E-CERT-090 when other machines are to be served without one."""
        self._settings = settings
        people = HubPeople.over(store, settings)
        self.access = Access(roles=MACHINE[settings.trial], people=people.sign_in)
        self.app = build_app(view, self.access)
        frame = Frame(name=_("中枢运行"), access=self.access, packages=["hub.web"])
        record.attach(self.app, frame, StoreRecord(store))
        proof.attach(self.app, StoreProofs(store, keys))
        two = Two(people=people.sign_in, trial=settings.trial)
        dead.attach(self.app, frame, StoreDeadLetters(store), two)
        self.app.include_router(people.pages(self.access))
        self.app.include_router(alerts.router(StoreAlerts(store, now), self.access))
        self.app.include_router(supervision.router(StoreSupervision(store, on_trial=settings.trial), self.access))
        self.app.include_router(around.router(StoreAround(store), self.access))
        self.app.include_router(reports.router(StoreReports(store), self.access))
        self.app.include_router(deciding.router(Deciding(store=store, settings=settings, clock=now), view, self.access))
        self.app.include_router(partners.router(StorePartners(store, now), self.access))
        self.app.include_router(linkpage.router(LinkSwitch(store), self.access))
        told = settings.web
        self._certificate = (
            PageCertificate(settings.folder / told.certificate, settings.folder / told.key)
            if told.address is not None
            else None
        )

    def look(self) -> None:
        """Take up a renewed certificate."""
        if self._certificate is not None:
            self._certificate.look()

    @contextmanager
    def served(self) -> Iterator[None]:
        """Served as long as the block runs. Raises E-PAGE-010, -011, -095 or -096."""
        shown, told = self._certificate, self._settings.web
        with ExitStack() as stack:
            stack.enter_context(Serving(self.app, port=self._settings.web_port))
            if shown is not None:
                host = str(told.address)
                beyond = Serving(self.app, host=host, port=told.port, tls=lambda: shown.context, names=told.names)
                stack.enter_context(beyond)
            yield
