"""The door to asyncssh: one connection to one SFTP server, kept between two looks and made anew when it broke.

The node's loops are threads; the event loop that asyncssh needs runs only while one of them waits for an answer. No
file of the account's own is read (`~/.ssh/config`, `known_hosts`, an agent): what is trusted stands in the mapping.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import asyncssh

from adapters.local.sources import secretfiles
from adapters.local.sources.remote.access import Access
from schemas.errors import YunhuobanError, declare

OTHER_HOST_KEY = declare(
    "E-SRC-072",
    "SFTP 服务器的主机密钥不是 mapping.toml 中登记的。",
    "可能有人冒充这台服务器，请先停下查明；确属更换密钥的，打电话与服务器管理员核对指纹后，改 host_key。",
)
NOT_LET_IN = declare(
    "E-SRC-073",
    "SFTP 服务器不接受这个账号的密钥或密码。",
    "请核对账号、key_file 或 password_file，以及服务器上的授权。",
)
NOT_REACHED = declare(
    "E-SRC-074", "连不上 SFTP 服务器，或者它不应答。", "请检查地址、端口、防火墙和服务器是否在运行；恢复后会接着做。"
)

_CONNECT_SECONDS: Final = 15
_ANSWER_SECONDS: Final = 300.0
"""For all of one look or one file: 64 MB over a slow line between two offices."""
_BROKEN: Final = (
    asyncssh.DisconnectError, asyncssh.ChannelOpenError, asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost,
    ConnectionError, TimeoutError,
)  # fmt: skip
T = TypeVar("T")


class Session:
    """One account on one server; used by one loop at a time."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        self._access = access
        self._one_at_a_time = threading.Lock()
        self._runner: asyncio.Runner | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    def run(self, work: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
        """Do something on the server, at most twice: a connection that broke since the last time is made anew.

        Raises E-SRC-072 to E-SRC-075, FileNotFoundError, or OSError for what the server refuses.
        """
        with self._one_at_a_time:
            if self._runner is None:
                self._runner = asyncio.Runner()
            return self._runner.run(self._twice(work))

    def close(self) -> None:
        """End the connection; `run` makes a new one."""
        with self._one_at_a_time:
            if self._runner is not None:
                self._runner.run(self._drop())
                self._runner.close()
                self._runner = None

    async def _twice(self, work: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
        kept = self._client is not None
        try:
            return await self._once(work)
        except _BROKEN as error:
            await self._drop()
            if not kept:
                raise YunhuobanError(NOT_REACHED, place=self._place(), found=type(error).__name__) from None
        try:
            return await self._once(work)
        except _BROKEN as error:
            await self._drop()
            raise YunhuobanError(NOT_REACHED, place=self._place(), found=type(error).__name__) from None

    async def _once(self, work: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
        if self._client is None:
            await self._connect()
        client = self._client
        assert client is not None  # noqa: S101 -- made in the line above
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await work(client)
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
            raise FileNotFoundError(type(error).__name__) from None
        except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost):
            raise
        except asyncssh.SFTPPermissionDenied as error:
            raise PermissionError(type(error).__name__) from None
        except asyncssh.SFTPError as error:
            raise OSError(type(error).__name__) from None

    async def _connect(self) -> None:
        access = self._access
        keys = [] if access.key_file is None else [self._key(secretfiles.content(access.key_file))]
        password = None if access.password_file is None else secretfiles.line(access.password_file)
        pinned = _Pinned(access.pins)
        try:
            self._connection = await asyncssh.connect(
                access.host, access.port, username=access.account, client_factory=lambda: pinned,
                client_keys=keys or None, password=password, config=None, agent_path=None, known_hosts=([], [], []),
                connect_timeout=_CONNECT_SECONDS, login_timeout=_CONNECT_SECONDS, x509_trusted_certs=None,
            )  # fmt: skip
            self._client = await self._connection.start_sftp_client(path_encoding=None)
        except asyncssh.HostKeyNotVerifiable:
            expected = "，".join(access.pins)
            raise YunhuobanError(OTHER_HOST_KEY, place=self._place(), found=pinned.seen, expected=expected) from None
        except asyncssh.PermissionDenied:
            raise YunhuobanError(NOT_LET_IN, place=self._place(), found=access.account) from None
        except (OSError, asyncssh.SFTPError, asyncssh.ChannelOpenError) as error:
            await self._drop()
            raise YunhuobanError(NOT_REACHED, place=self._place(), found=type(error).__name__) from None

    async def _drop(self) -> None:
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()
            await connection.wait_closed()

    def _key(self, data: bytes) -> asyncssh.SSHKey:
        try:
            return asyncssh.import_private_key(data)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            place, expected = str(self._access.key_file), "OpenSSH / PEM"
            found = type(error).__name__
            raise YunhuobanError(secretfiles.UNREADABLE, place=place, found=found, expected=expected) from None

    def _place(self) -> str:
        return f"{self._access.host}:{self._access.port}"


class _Pinned(asyncssh.SSHClient):
    """Believes the pinned host keys and no other."""

    def __init__(self, pins: Sequence[str]) -> None:
        self._pins = pins
        self.seen = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002 -- asyncssh's signature
        """Whether it is one of ours."""
        self.seen = key.get_fingerprint("sha256")
        return self.seen in self._pins
