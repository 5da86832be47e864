"""The hall's listener of a running node: opened when its certificate is good, changed over when the certificate is.

A certificate that cannot be used keeps the hall's pages shut and nothing else: cases go on, this machine's own page
goes on, and as soon as the files are right the listener opens, without a restart.
"""

import ssl
from collections.abc import Callable
from datetime import datetime

import structlog
from fastapi import FastAPI

from adapters.hall.hallpage.certificate import HallCertificate
from pages.serving import Serving
from schemas.errors import YunhuobanError


class HallListener:
    """One application for the hall. `run_once` is a step of the node's loop; `stop` ends it."""

    def __init__(self, app: FastAPI, certificate: HallCertificate, *, clock: Callable[[], datetime]) -> None:
        """Opens nothing yet."""
        self._app = app
        self._certificate = certificate
        self._clock = clock
        self._context: ssl.SSLContext | None = None
        self._stamp: tuple[tuple[int, int], ...] | None = None
        self._told: set[str] = set()
        self._serving: Serving | None = None

    @property
    def is_open(self) -> bool:
        """Whether the hall can reach the pages."""
        return self._serving is not None

    def run_once(self) -> int:
        """Renew when it is time, take up files that changed, open when it can be. Says each trouble once, in the log.

        Nothing is left to do afterwards.
        """
        troubles = []
        for step in (self._renew, self._take_up, self._open):
            try:
                step()
            except YunhuobanError as error:  # what lies there may be good for weeks after a renewal that failed
                troubles.append(error)
        for each in troubles:
            if each.code.code not in self._told:
                structlog.get_logger().error("hall_page.trouble", code=each.code.code, place=each.place)
        self._told = {each.code.code for each in troubles}
        return 0

    def stop(self) -> None:
        """End it. Harmless when it never opened."""
        if self._serving is not None:
            self._serving.stop()

    def _renew(self) -> None:
        self._certificate.renew_when_due(self._clock())

    def _take_up(self) -> None:
        """A certificate with a fault never replaces the one in use."""
        stamp = self._certificate.stamp()
        if stamp and stamp == self._stamp:
            return
        self._context = self._certificate.context(self._clock())
        self._stamp = stamp

    def _open(self) -> None:
        if self._serving is not None or self._context is None:
            return
        hall = self._certificate.hall
        serving = Serving(
            self._app, host=str(hall.address), port=hall.port, tls=self._now, names=tuple(self._certificate.names)
        )
        self._serving = serving.start()

    def _now(self) -> ssl.SSLContext:
        if self._context is None:
            raise ssl.SSLError("no certificate yet")
        return self._context
