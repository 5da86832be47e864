"""A private RabbitMQ node that the hub starts and stops: its own folder, ports, cookie, epmd and certificates.

The node is a detached process that outlives the command which started it; any later command finds it by its pid file.
It is an ordinary process of the user who starts it (root or not) and never touches a system-wide RabbitMQ: no file
outside `data_folder` is written and none under /etc/rabbitmq is read. Every listener is on loopback but the one for
AMQP over TLS, whose address is a setting. Sources: RabbitMQ's scripts `rabbitmq-server` and `rabbitmq-env` (3.10.8),
Erlang's `epmd` protocol, and what was measured on Debian 12 (a revoked certificate is refused only with `crl_check`
and `crl_cache`, which only `advanced.config` can hold).
"""

import fcntl
import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.broker import node_files as broker_files
from hub.broker.node_files import BrokerNodeSettings
from schemas import errors
from schemas.errors import YunhuobanError

PORT_TAKEN: Final = errors.declare(
    "E-BROKER-010",
    "端口 {port} 已被别的程序占用，消息服务没有启动。",
    "请停掉占用该端口的程序，或在 hub.toml 中换一个端口。",
)
PROGRAM_MISSING: Final = errors.declare(
    "E-BROKER-011", "没有找到 RabbitMQ 程序 {program}，消息服务没有启动。", "请先安装 rabbitmq-server 软件包。"
)
NOT_UP: Final = errors.declare(
    "E-BROKER-012", "消息服务没有就绪（{reason}），最后几行日志在 {log}。", "请查看该日志的末尾，排除原因后重新启动。"
)
BAD_CERTIFICATE: Final = errors.declare(
    "E-BROKER-013",
    "消息服务的证书文件不能使用：{file}（{reason}）。",
    "请用 certs 命令重新签发或放好证书、私钥和吊销列表。",
)
BAD_FOLDER: Final = errors.declare(
    "E-BROKER-014", "消息服务的数据文件夹 {folder} 不能读写。", "请检查文件夹的属主和权限，或换一个文件夹。"
)
NOT_STOPPED: Final = errors.declare(
    "E-BROKER-015", "消息服务的进程 {pid} 没有结束。", "请检查该进程，并确认当前用户有权结束它。"
)
TOOL_FAILED: Final = errors.declare(
    "E-BROKER-016", "消息服务没有执行交给它的命令。", "请查看消息服务的日志；hub up 稍后会自动再试。"
)

POLL_SECONDS: Final = 0.05
_TOOL_SECONDS: Final = 60.0
KILL_SECONDS: Final = 5.0
"""A killed process is gone when the kernel has taken back what it had."""
MOST_OPEN_FILES: Final = 65_536
"""Enough for every county in the country (`hub.broker.provision`); Erlang sizes its tables by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """What can be seen of the node from outside."""

    running: bool
    ready: bool
    pid: int | None
    log: Path


class BrokerNode:
    """Start, stop and look at the node described by `settings`."""

    def __init__(self, settings: BrokerNodeSettings) -> None:
        self.settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def management_url(self) -> str:
        """Address of the management API, on loopback."""
        return f"http://127.0.0.1:{self.settings.management_port}"

    def management_password(self) -> str:
        """Password of `broker_files.MANAGEMENT_USER`, made on first start. Raises E-BROKER-014."""
        with _folder(self.settings):
            return broker_files.password(self.settings)

    def start(self) -> None:
        """Start the node unless it runs; returns without waiting for it. Raises E-BROKER-010, -011, -013 or -014."""
        with _folder(self.settings), self._alone():
            if self._pid() is not None:
                return
            if not os.access(self.settings.program, os.X_OK):
                raise YunhuobanError(PROGRAM_MISSING, place="broker", program=str(self.settings.program))
            _check_certificates(self.settings)
            if self._pid_file.exists():  # the node was killed: what is left of it is its epmd and this file
                _end_epmd(self.settings.epmd_port)
                self._pid_file.unlink()
            _check_ports(self.settings)
            broker_files.write(self.settings)
            self._launch()

    def wait_ready(self, timeout_seconds: float = 180.0) -> None:
        """Return when AMQP and the management API take connections. Raises E-BROKER-012 when that does not happen."""
        deadline = time.monotonic() + timeout_seconds
        while not self.status().ready:
            if self._pid() is None:
                raise self._not_up("进程已退出")
            if time.monotonic() > deadline:
                raise self._not_up(f"已等待 {timeout_seconds:.0f} 秒")
            time.sleep(POLL_SECONDS)

    def status(self) -> NodeStatus:
        """Look at the process and its two ports."""
        pid = self._pid()
        ports = (self.settings.amqps_port, self.settings.management_port)
        return NodeStatus(
            running=pid is not None,
            ready=pid is not None and all(_answers(self._address(port), port) for port in ports),
            pid=pid,
            log=broker_files.log_file(self.settings),
        )

    def evaluate(self, expression: str) -> None:
        """Have the node evaluate an Erlang expression, by RabbitMQ's own tool. Raises E-BROKER-016."""
        if not self.status().running:  # the tool would start an epmd of its own, which nobody would end
            raise YunhuobanError(TOOL_FAILED, place="rabbitmqctl", found="not running")
        try:
            subprocess.run(  # noqa: S603 -- beside the program that is a setting of the hub, without a shell
                [str(self.settings.program.with_name("rabbitmqctl")), "--quiet", "eval", expression],
                env=broker_files.environment(self.settings),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TOOL_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise YunhuobanError(TOOL_FAILED, place="rabbitmqctl", found=type(error).__name__) from error

    def stop(self, grace_seconds: float = 20.0) -> None:
        """End the node, by force after `grace_seconds` (0: at once), and its epmd. Nothing running is no error.

        Whatever the broker confirmed is on disk before it confirms it, so that force loses nothing.
        Raises E-BROKER-014 or -015.
        """
        with _folder(self.settings), self._alone():
            pid = self._pid()
            if pid is not None:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGTERM)
                if not self._ended(grace_seconds):
                    with suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)
                    if not self._ended(KILL_SECONDS):
                        raise YunhuobanError(NOT_STOPPED, place="broker", pid=str(pid))
            if self._pid_file.exists():
                _end_epmd(self.settings.epmd_port)
                self._pid_file.unlink()

    @property
    def _pid_file(self) -> Path:
        return self.settings.data_folder / "node.pid"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder's lock, so that two commands never start or stop the node at once."""
        with (self.settings.data_folder / "node.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _launch(self) -> None:
        """Start the script as the leader of its own session; with `detached` set it becomes the Erlang process."""
        settings = self.settings
        with broker_files.startup_log(settings).open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 -- the program is a setting of the hub, without a shell
                [str(settings.program)],
                env=broker_files.environment(settings),
                cwd=settings.data_folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        pid = self._process.pid
        try:
            self._pid_file.write_text(json.dumps({"pid": pid, "started": _started(pid)}))
        except OSError:  # a full disk: nobody would find the node again, and it would have the ports
            self._process.kill()
            self._process.wait()
            raise
        with suppress(ProcessLookupError):
            _let_open_files(pid)

    def _pid(self) -> int | None:
        """Process of the node if it lives; a number that another process got meanwhile does not count."""
        try:
            known = json.loads(self._pid_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        pid = int(known["pid"])
        with suppress(ChildProcessError):  # a child of ours that ended would stay a zombie
            os.waitpid(pid, os.WNOHANG)
        return pid if known["started"] is not None and _started(pid) == known["started"] else None

    def _ended(self, timeout_seconds: float) -> bool:
        deadline = time.monotonic() + timeout_seconds
        while self._pid() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def _address(self, port: int) -> str:
        address = self.settings.amqps_address if port == self.settings.amqps_port else "127.0.0.1"
        return "127.0.0.1" if address in {"0.0.0.0", "::"} else address  # noqa: S104 -- compared, not bound

    def _not_up(self, reason: str) -> YunhuobanError:
        log = broker_files.log_file(self.settings)
        if not log.exists():
            log = broker_files.startup_log(self.settings)
        return YunhuobanError(NOT_UP, place="broker", reason=reason, log=str(log))


@contextmanager
def _folder(settings: BrokerNodeSettings) -> Iterator[None]:
    """Make the data folder, for its owner only, and say so in one sentence when it cannot be used."""
    try:
        settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise YunhuobanError(BAD_FOLDER, place="broker", folder=str(settings.data_folder)) from error


def _check_certificates(settings: BrokerNodeSettings) -> None:
    """Load what the node will load, because the node itself would only refuse every connection later."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    path = settings.ca_bundle
    try:
        context.load_verify_locations(path)
        path = settings.certificate_chain
        context.load_cert_chain(path, settings.private_key)
    except OSError as error:  # ssl.SSLError is one
        reason = getattr(error, "reason", None) or error.strerror or "格式不对"
        raise YunhuobanError(BAD_CERTIFICATE, place="broker", file=str(path), reason=str(reason)) from error
    if not any(settings.crl_folder.glob("*.r*")):
        raise YunhuobanError(BAD_CERTIFICATE, place="broker", file=str(settings.crl_folder), reason="没有吊销列表")


def _check_ports(settings: BrokerNodeSettings) -> None:
    """Bind each port for a moment, as the node would a little later."""
    loopback = "127.0.0.1"
    for address, port in (
        (settings.amqps_address, settings.amqps_port),
        (loopback, settings.management_port),
        (loopback, settings.distribution_port),
        (loopback, settings.epmd_port),
    ):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                raise YunhuobanError(PORT_TAKEN, place="broker", found=f"{address}:{port}", port=str(port)) from error


def _answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=0.5).close()
    except OSError:
        return False
    return True


def _let_open_files(pid: int) -> None:
    """Raise the process's limit of open files, beyond its hard limit where we may (root, CAP_SYS_RESOURCE)."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < MOST_OPEN_FILES:
        with suppress(PermissionError, ValueError):  # not ours to raise: `provision` refuses what finds no room
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (MOST_OPEN_FILES, MOST_OPEN_FILES))
            return
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(hard, MOST_OPEN_FILES), hard))


def _started(pid: int) -> int | None:
    """Start of a living process in clock ticks since boot (proc(5), field 22), or None."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in {"Z", "X"} else int(fields[19])


def _end_epmd(port: int) -> None:
    """Ask the epmd on our own port to end (KILL_REQ); it does so when no node is registered with it."""
    deadline = time.monotonic() + 5.0
    while _answers("127.0.0.1", port) and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0) as connection:
            connection.sendall(b"\x00\x01k")
            connection.recv(2)
        time.sleep(POLL_SECONDS)
