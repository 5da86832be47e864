"""What a file that has taken over its reader would try, from inside the jail; each answer is a line."""

import os
import resource
import socket
import subprocess
from collections.abc import Callable  # noqa: TC003 - nothing here is for type checkers alone
from pathlib import Path


def attempts(data: bytes, given: bytes) -> bytes:
    """Try each thing; `data` is answered, so that the way in is seen to work."""
    secret = given.decode()

    def reading() -> object:
        return Path(secret).read_bytes()

    def writing() -> object:
        return Path(secret).write_bytes(b"overwritten")

    def creating() -> object:
        return (Path(secret).parent / "new").touch()

    tried: dict[str, Callable[[], object]] = {
        "network": lambda: socket.create_connection(("127.0.0.1", 1), 1),
        "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "unix": lambda: socket.socket(socket.AF_UNIX),
        "fork": os.fork,
        "program": lambda: subprocess.run(["/bin/true"], check=True),
        "become": lambda: os.execv("/bin/true", ["true"]),
        "signal": lambda: os.kill(os.getppid(), 0),
        "read": reading,
        "write": writing,
        "create": creating,
        "remove": lambda: Path(secret).unlink(),
        "memory": lambda: bytearray(2 << 30),
        "passwords": lambda: Path("/etc/passwd").read_bytes(),
        "environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    }
    lines = [f"data {data.decode()} {resource.getrlimit(resource.RLIMIT_CPU)[1]} s"]
    for name, attempt in tried.items():
        try:
            attempt()
            lines.append(f"{name} done")
        except (OSError, MemoryError):
            lines.append(f"{name} refused")
    return "\n".join(lines).encode()


def endless(_data: bytes, _given: bytes) -> bytes:
    """Never answers."""
    while True:
        pass


def talkative(_data: bytes, given: bytes) -> bytes:
    """Answers more than anybody asked for."""
    return bytes(int(given))


def broken(_data: bytes, _given: bytes) -> bytes:
    """Falls over."""
    raise RuntimeError
