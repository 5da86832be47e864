"""Serves one page application with uvicorn, in the foreground or in a thread, and stops it gracefully.

Pages for people are served on loopback; what other machines reach is told where, and how.

uvicorn's access log stays off (it would write addresses with their tokens); its other records pass `pages.logs`.
"""

import logging
import socket
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import uvicorn
from fastapi import FastAPI

from pages.access import LOOPBACK
from schemas import errors
from schemas.errors import YunhuobanError

START_SECONDS: Final = 20
STOP_SECONDS: Final = 2  # what an open request gets to end by itself

PORT_TAKEN: Final = errors.declare(
    "E-PAGE-010", "端口 {found} 已经被别的程序占用，页面没有启动。", "请关闭占用端口的程序，或者换一个端口。"
)
NOT_STARTED: Final = errors.declare(
    "E-PAGE-011", "页面服务在 {expected} 秒内没有启动。", "请查看日志中 process.crashed 或 library.record 一行。"
)


class Serving:
    """One application on one port. Use as a context manager, or `start` and `stop`."""

    def __init__(
        self, app: FastAPI, *, port: int = 0, host: str = LOOPBACK, settings: Mapping[str, Any] | None = None
    ) -> None:
        """Bind the port now (0: any free one). Raises E-PAGE-010 when it is taken.

        `settings` are uvicorn's own, for what is served beyond this machine; raises OSError for files of TLS that are
        none.
        """
        self._app = app
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as taken:
            self._socket.close()
            raise YunhuobanError(PORT_TAKEN, place="port", found=str(port)) from taken
        self.port: int = self._socket.getsockname()[1]
        # Streams of this application look here, so that an open page does not hold up the end.
        self._stopping = threading.Event()
        app.state.stopping = self._stopping
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            lifespan="off",
            **(settings or {}),
        )
        try:
            config.load()
        except OSError:
            self._socket.close()
            raise
        self._server = _Server(config, self._stopping)
        # Whoever attaches a handler to it later (a test does) must not see addresses with their tokens either.
        logging.getLogger("uvicorn.access").disabled = True
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serve in this thread until a signal or `stop` ends it."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def start(self) -> Self:
        """Serve in a thread; returns when requests are answered. Raises E-PAGE-011."""
        self._thread = threading.Thread(target=self.run, name=f"pages-{self.port}", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(START_SECONDS):
            self.stop()
            raise YunhuobanError(NOT_STARTED, place="pages", expected=str(START_SECONDS))
        return self

    def stop(self) -> None:
        """End streams and open requests, then the server. Harmless when repeated."""
        self._stopping.set()
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(STOP_SECONDS + 5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(uvicorn.Server):
    """uvicorn's server that says when it is ready, and tells the streams when a signal ends it."""

    def __init__(self, config: uvicorn.Config, stopping: threading.Event) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)
