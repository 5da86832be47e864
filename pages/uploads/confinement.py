"""What a child process does to itself before it looks at a stranger's bytes; run as a program, it then becomes another.

1 limits of resources: CPU seconds, address space, no core, no growing file, few descriptors, no further process
2 no new privileges, for ever
3 a network of its own without any interface (`unshare`), where the kernel lets it
4 Landlock: it reads what it is given and the system's libraries, writes nowhere, connects nowhere (Linux 5.13)
5 seccomp: no socket, no process, no new or changed file, nothing of the kernel's management

3 to 5 each hold by themselves, and 5 stands in for 3 where namespaces are forbidden (as by our own systemd unit);
`confine` answers what is left open, and `pages.uploads.jail` says so to people.
Only the standard library, so that it starts in some 20 ms. Sources: landlock(7), seccomp(2), prctl(2), unshare(2),
linux/audit.h, and the system call tables of Linux for x86-64 and for the generic table (aarch64).
"""

import contextlib
import ctypes
import errno
import json
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROTECTIONS: Final = ("network", "files", "processes")
SYSTEM: Final = ("/usr", "/lib", "/lib64", "/etc/fonts", "/etc/ld.so.cache", "/var/cache/fontconfig", "/dev/urandom")

_CLONE_NEWNET, _CLONE_NEWUSER = 0x40000000, 0x10000000
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_READ, _EXECUTE, _READ_FILE = 0b1100, 0b0001, 0b0100
_FS_BITS: Final = {1: 13, 2: 14, 3: 15, 5: 16}  # Landlock's version and how many rights of files it knows

# Name: number on x86-64, number in the generic table; -1 where there is no such call.
_DENIED: Final = {
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "bind": (49, 200), "listen": (50, 201),
    "accept4": (288, 242), "fork": (57, -1), "vfork": (58, -1), "kill": (62, 129), "tkill": (200, 130),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "rename": (82, -1), "renameat": (264, 38), "renameat2": (316, 276),
    "mkdir": (83, -1), "mkdirat": (258, 34), "rmdir": (84, -1), "creat": (85, -1), "link": (86, -1),
    "linkat": (265, 37), "unlink": (87, -1), "unlinkat": (263, 35), "symlink": (88, -1), "symlinkat": (266, 36),
    "chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, -1), "fchown": (93, 55),
    "lchown": (94, -1), "fchownat": (260, 54), "mknod": (133, -1), "mknodat": (259, 33), "truncate": (76, 45),
    "ftruncate": (77, 46), "setxattr": (188, 5), "utimensat": (280, 88), "memfd_create": (319, 279),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104), "reboot": (169, 142),
    "open_by_handle_at": (304, 265), "personality": (135, 92), "shmget": (29, 194), "msgget": (68, 186),
    "mq_open": (240, 180),
}  # fmt: skip
_UNKNOWN: Final = {"clone3": (435, 435), "openat2": (437, 437)}  # "no such call": libraries fall back to the older one
_EXEC: Final = {"execve": (59, 221), "execveat": (322, 281)}
_OPEN, _OPENAT, _CLONE, _PRLIMIT = (2, -1), (257, 56), (56, 220), (302, 261)
_ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_CLONE_THREAD, _WRITES = 0x00010000, os.O_CREAT | os.O_WRONLY | os.O_RDWR | os.O_TRUNC
_LOAD, _EQUAL, _AT_LEAST, _SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a child may use."""

    cpu_seconds: int = 10
    memory_bytes: int = 1024 * 1024 * 1024
    open_files: int = 64


def confine(limits: Limits, *, readable: Iterable[str] = SYSTEM, program: str | None = None) -> list[str]:
    """Confine this process for ever; answers which of PROTECTIONS it has not got.

    `readable` are files and folders it may still read, `program` the one file that it may still become; without one it
    becomes none. Call it in a process with one thread.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for kind, value in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),  # a pipe is no file
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_NPROC, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (most, most))
    libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    namespace = libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    landlock = _landlock(libc, [*readable], program)
    seccomp = _seccomp(libc, becomes=program is not None)
    had = (namespace or seccomp, landlock, seccomp)
    return [name for name, whether in zip(PROTECTIONS, had, strict=True) if not whether]


def _landlock(libc: ctypes.CDLL, readable: Sequence[str], program: str | None) -> bool:
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    bits = _FS_BITS[max(known for known in _FS_BITS if known <= version)]
    attributes = [(1 << bits) - 1] + ([3] if version >= 4 else []) + ([3] if version >= 6 else [])
    wanted = struct.pack(f"={len(attributes)}Q", *attributes)
    ruleset = libc.syscall(_CREATE_RULESET, wanted, ctypes.c_size_t(len(wanted)), 0)
    if ruleset < 0:
        return False
    rules = [(path, _READ) for path in readable]
    if program is not None:
        interpreters = [str(each) for folder in ("/lib64", "/lib") for each in Path(folder).glob("ld-*")]
        rules += [(path, _READ_FILE | _EXECUTE) for path in (program, *interpreters)]
    for path, rights in rules:
        with contextlib.suppress(FileNotFoundError):
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = rights if Path(path).is_dir() else rights & ~0b1000
            libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", allowed, place), 0)
            os.close(place)
    done: int = libc.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return done == 0


def _seccomp(libc: ctypes.CDLL, *, becomes: bool) -> bool:
    known = _ARCHITECTURES.get(platform.machine())
    if known is None:
        return False
    code = b"".join(_filter(*known, becomes=becomes))
    kept = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(kept))
    done: int = libc.prctl(_SET_SECCOMP, _MODE_FILTER, program, 0, 0)
    return done == 0


def _filter(column: int, architecture: int, *, becomes: bool) -> list[bytes]:
    """Instructions of classic BPF over `struct seccomp_data`: number at 0, architecture at 4, arguments from 16."""

    def step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("=HBBI", code, then, otherwise, value)

    def refused(number: int, error: int) -> list[bytes]:
        return [step(_EQUAL, number, 0, 1), step(_RETURN, _ERRNO | error)] if number >= 0 else []

    lines = [step(_LOAD, 4), step(_EQUAL, architecture, 1, 0), step(_RETURN, _KILL), step(_LOAD, 0)]
    if column == 0:
        lines += [step(_AT_LEAST, 0x40000000, 0, 1), step(_RETURN, _KILL)]  # the x32 table has the same calls again
    for numbers in (_DENIED | ({} if becomes else _EXEC)).values():
        lines += refused(numbers[column], errno.EPERM)
    for numbers in _UNKNOWN.values():
        lines += refused(numbers[column], errno.ENOSYS)
    for numbers, argument, bits, when_set in (
        (_CLONE, 0, _CLONE_THREAD, True),
        (_OPEN, 1, _WRITES, False),
        (_OPENAT, 2, _WRITES, False),
        (_PRLIMIT, 0, 0xFFFFFFFF, False),  # of no other process
    ):
        if numbers[column] >= 0:
            lines += [
                step(_EQUAL, numbers[column], 0, 4),
                step(_LOAD, 16 + 8 * argument),
                step(_SET, bits, 0, 1),
                step(_RETURN, _ALLOW if when_set else _ERRNO | errno.EPERM),
                step(_RETURN, _ERRNO | errno.EPERM if when_set else _ALLOW),
            ]
    return [*lines, step(_RETURN, _ALLOW)]


def _main(arguments: Sequence[str]) -> None:
    """`confinement.py LIMITS PROGRAM ARGUMENT …`, or `confinement.py LIMITS` to say what cannot be had here."""
    limits = Limits(**json.loads(arguments[0]))
    if len(arguments) == 1:
        sys.stdout.write(json.dumps(confine(limits)))
        return
    program = arguments[1]
    confine(limits, program=program)
    os.execve(program, list(arguments[1:]), {"LC_ALL": "C"})  # noqa: S606 - no shell; the program is the parent's choice


if __name__ == "__main__":
    _main(sys.argv[1:])
