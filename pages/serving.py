"""Serves one page application with uvicorn, in the foreground or in a thread, and stops it gracefully.

On loopback it is plain HTTP. What other machines reach is TLS, or is not served: each connection there has limits
(`pages.listening`), and the certificate may be changed while it runs.

uvicorn's access log stays off (it would write addresses with their tokens); its other records pass `pages.logs`.
"""

import errno
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

import uvicorn
from fastapi import FastAPI

from pages.listening.accepting import Accepting
from pages.listening.bodies import HEAD_BYTES
from pages.listening.framing import OneEnd
from pages.listening.listener import LOOPBACK, Listener, Marked
from pages.listening.patience import Patient
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
PLAIN_BEYOND: Final = errors.declare(
    "E-PAGE-093",
    "不加密的页面只能在本机提供，不能在 {found} 上提供。",
    "请改用 https 和证书；大厅的页面写在 county.toml 的 [hall_page] 里，没有不加密的办法。",
)
PORT_FORBIDDEN: Final = errors.declare(
    "E-PAGE-095",
    "运行本程序的账号不能使用 {found} 端口。",
    "1024 以下的端口要有权限：用 adapter unit 重新生成服务文件并安装，或者换一个 1024 以上的端口。",
)
ADDRESS_NOT_OURS: Final = errors.declare(
    "E-PAGE-096",
    "地址 {found} 不是这台机器的，页面没有启动。",
    "请写这台机器在大厅网络里的地址（ip address 可以查看）。",
)
_REASONS: Final = {errno.EADDRINUSE: PORT_TAKEN, errno.EACCES: PORT_FORBIDDEN}


class Serving:
    """One application on one port. Use as a context manager, or `start` and `stop`."""

    def __init__(
        self,
        app: FastAPI,
        *,
        port: int = 0,
        host: str = LOOPBACK,
        tls: Callable[[], ssl.SSLContext] | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        """Bind the port now (0: any free one). Raises E-PAGE-010, -093, -095 or -096.

        `tls` gives the context for the next connection; without it only this machine is served. `names` are what a
        hall's browsers call pages for people that are served by TLS.
        """
        if tls is None and not _is_loopback(host):
            raise YunhuobanError(PLAIN_BEYOND, place="host", found=host)
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            reason = _REASONS.get(error.errno or 0, ADDRESS_NOT_OURS)
            found = host if reason is ADDRESS_NOT_OURS else str(port)
            raise YunhuobanError(reason, place="port", found=found) from error
        self.port: int = self._socket.getsockname()[1]
        # Streams of this application look here, so that an open page does not hold up the end; at all its places.
        before: threading.Event | None = getattr(app.state, "stopping", None)
        self._stopping = threading.Event() if before is None or before.is_set() else before
        app.state.stopping = self._stopping
        served = OneEnd(Marked(app, Listener.of_hall(names, self.port)) if names else app)
        limits: dict[str, Any] = {} if tls is None else {"http": Patient, "h11_max_incomplete_event_size": HEAD_BYTES}
        config = uvicorn.Config(
            served,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nobody stands between: who connects is who asks
            ws="none",
            timeout_graceful_shutdown=STOP_SECONDS,
            lifespan="off",
            **limits,
        )
        config.load()
        self._server = _Server(config, self._stopping, tls)
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

    def __init__(
        self, config: uvicorn.Config, stopping: threading.Event, tls: Callable[[], ssl.SSLContext] | None
    ) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._stopping = stopping
        self._tls = tls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._tls is None:
            await super().startup(sockets)
        else:
            await self.lifespan.startup()
            # uvicorn closes and awaits them, no more.
            self.servers = [Accepting(each, self._protocol, self._tls) for each in sockets or ()]  # type: ignore[misc]
            self.started = True
        self.ready.set()

    def _protocol(self) -> Patient:
        return Patient(self.config, self.server_state, self.lifespan.state)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
