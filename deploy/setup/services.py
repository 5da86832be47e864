"""What is enabled and what listens on this machine, so that before and after an installation can be compared.

Read from the file system: a bare Debian has neither a running systemd nor iproute2.
"""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

UNIT_FOLDERS = (Path("/etc/systemd/system"), Path("/etc/systemd/user"))
# Tables of the kernel in /proc/net, and the state that means "listens" (include/net/tcp_states.h; UDP uses TCP_CLOSE).
LISTENING_STATE = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}


class Listener(NamedTuple):
    """One listening socket: ``tcp 0100007F:1628`` as the kernel writes it, and the inode that names its owner."""

    address: str
    inode: str

    @property
    def port(self) -> int:
        """The port number."""
        return int(self.address.rpartition(":")[2], 16)


def installed_packages() -> frozenset[str]:
    """Names of all packages that dpkg knows to be installed."""
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n"]
    answer = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    return frozenset(line.split()[1] for line in answer.splitlines() if line.startswith("installed "))


def enabled_links() -> frozenset[Path]:
    """The links that start something at boot: systemd's ``*.wants`` and aliases, and System V start links."""
    units = {link for folder in UNIT_FOLDERS if folder.is_dir() for link in folder.rglob("*") if link.is_symlink()}
    return frozenset(units | set(Path("/etc").glob("rc[2-5S].d/S*")))


def disable(links: Iterable[Path]) -> set[str]:
    """Disable what `links` start; return the names of the units and scripts."""
    names = set()
    for link in sorted(links):
        if link.parent.name.startswith("rc"):
            name = link.name[3:]
            subprocess.run(["update-rc.d", name, "disable"], capture_output=True, check=False)
        else:
            name = link.name
            systemctl = shutil.which("systemctl")
            scope = "--global" if UNIT_FOLDERS[1] in link.parents else "--system"
            if systemctl is not None:
                subprocess.run([systemctl, scope, "disable", name], capture_output=True, check=False)
        link.unlink(missing_ok=True)
        names.add(name)
    return names


def listening() -> frozenset[Listener]:
    """All TCP and UDP sockets that listen now, from /proc/net."""
    found = set()
    for protocol, state in LISTENING_STATE.items():
        table = Path("/proc/net") / protocol
        if not table.exists():  # no IPv6 here
            continue
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            if columns[3] == state:
                found.add(Listener(f"{protocol} {columns[1]}", columns[9]))
    return frozenset(found)


def owned_by_new_packages(listeners: Iterable[Listener], packages_before: frozenset[str]) -> set[str]:
    """Of `listeners`, describe those whose program belongs to a package that was not there before.

    Others are somebody else's, who happened to start while we installed.
    """
    by_socket = {f"socket:[{listener.inode}]": listener for listener in listeners}
    heard: set[str] = set()
    for process in Path("/proc").glob("[0-9]*") if by_socket else ():
        try:
            sockets = {str(descriptor.readlink()) for descriptor in (process / "fd").iterdir()}
            program = str((process / "exe").readlink())
        except OSError:  # it has ended, or it is a kernel thread
            continue
        answer = subprocess.run(["dpkg-query", "--search", program], capture_output=True, text=True, check=False).stdout
        package = answer.split(":")[0]
        if package and package not in packages_before:
            heard.update(f"{program} ({by_socket[socket].port})" for socket in sockets & by_socket.keys())
    return heard
