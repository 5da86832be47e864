"""Runs what looks at a stranger's file: a short-lived child that can do nothing but read that file and answer.

The parent only hands over a descriptor and reads what comes back, within a limit; it never parses the file itself.
What of the confinement this kernel does not give is asked once and said at start and by the doctor (`missing`).
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final

from pages.uploads import confinement
from pages.uploads.confinement import Limits
from schemas.errors import YunhuobanError, declare

OVER_LIMITS: Final = declare(
    "E-PAGE-120",
    "看这个文件用的时间、内存或结果超过了限度，没有看完。",
    "文件可能是要拖垮电脑的。请不要用别的软件打开它，向对方索取原文件。",
)
NOT_LOOKED_AT: Final = declare(
    "E-PAGE-121", "没有看成这个文件：看文件的进程没有给出结果。", "请再试一次；仍不行时请把代码告诉县信息中心。"
)
PROTECTION_MISSING: Final = declare(
    "E-PAGE-122",
    "这台机器缺少隔离上传文件的保护：{found}。上传的文件仍在单独的进程里看，但隔得不够严。",
    "请县信息中心换用带 Landlock 与 seccomp 的内核（Debian 12 自带），或在服务设置里放行它们。",
)
_HERE: Final = Path(confinement.__file__)
_PIECE: Final = 65_536


def run_program(
    program: str, arguments: Sequence[str], file: BinaryIO, *, limits: Limits, seconds: float, most_bytes: int
) -> bytes:
    """What a program of the system says of a file on its standard input. Raises OVER_LIMITS or NOT_LOOKED_AT.

    `most_bytes` bounds the answer, `seconds` the time by the clock on the wall.
    """
    command = [sys.executable, "-I", "-S", str(_HERE), json.dumps(asdict(limits)), program, *arguments]
    return _run(command, file, seconds=seconds, most_bytes=most_bytes)


def run_task(task: str, given: bytes, file: BinaryIO, *, limits: Limits, seconds: float, most_bytes: int) -> bytes:
    """What a function of ours, `package.module:name`, makes of a file and of what it is given. Raises as `run_program`.

    The function takes the file's bytes and `given`, and returns bytes. It is imported before the child is confined.
    """
    with held(given) as passed:
        number = passed.fileno()
        command = [sys.executable, "-P", "-s", "-m", "pages.uploads.inside", json.dumps(asdict(limits)), task]
        return _run([*command, str(number)], file, seconds=seconds, most_bytes=most_bytes, also=(number,))


@contextmanager
def held(data: bytes) -> Iterator[BinaryIO]:
    """Bytes as a file that lies on no disk."""
    with poured([data]) as file:
        yield file


@contextmanager
def poured(pieces: Iterable[bytes]) -> Iterator[BinaryIO]:
    """The same of bytes that come piece by piece, so that they are nowhere whole in this process."""
    with os.fdopen(os.memfd_create("poured"), "w+b") as file:
        for each in pieces:
            file.write(each)
        file.flush()
        file.seek(0)
        yield file


@cache
def missing() -> tuple[str, ...]:
    """Which of `confinement.PROTECTIONS` a child cannot have on this machine. Tried once per process."""
    try:
        with held(b"") as nothing:
            command = [sys.executable, "-I", "-S", str(_HERE), json.dumps(asdict(Limits()))]
            return tuple(json.loads(_run(command, nothing, seconds=120, most_bytes=1000)))
    except (YunhuobanError, ValueError):
        return confinement.PROTECTIONS


def warning() -> YunhuobanError | None:
    """What to tell people of `missing`, if anything."""
    found = missing()
    return YunhuobanError(PROTECTION_MISSING, place="uploads", found=", ".join(found)) if found else None


def _run(command: Sequence[str], file: BinaryIO, *, seconds: float, most_bytes: int, also: Sequence[int] = ()) -> bytes:
    root = str(_HERE.parents[2])
    file.seek(0)
    with subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8", "PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        pass_fds=also,
        start_new_session=True,
    ) as child:
        try:
            answer = _read(child, time.monotonic() + seconds, most_bytes)
        finally:
            child.kill()
    if child.returncode < 0:
        raise YunhuobanError(OVER_LIMITS, place="uploads", found=f"signal {-child.returncode}")
    if child.returncode != 0:
        raise YunhuobanError(NOT_LOOKED_AT, place="uploads", found=f"exit {child.returncode}")
    return answer


def _read(child: subprocess.Popen[bytes], until: float, most_bytes: int) -> bytes:
    """Everything the child says, until it has ended. Raises OVER_LIMITS."""
    assert child.stdout is not None  # noqa: S101 - it was asked for
    parts, length = list[bytes](), 0
    answers = select.poll()  # not select(): a server may have more than a thousand descriptors
    answers.register(child.stdout)
    while True:
        left = until - time.monotonic()
        if left <= 0 or not answers.poll(left * 1000):
            raise YunhuobanError(OVER_LIMITS, place="uploads", found="time")
        part = os.read(child.stdout.fileno(), _PIECE)
        if not part:
            break
        length += len(part)
        if length > most_bytes:
            raise YunhuobanError(OVER_LIMITS, place="uploads", found="output", expected=f"<= {most_bytes} B")
        parts.append(part)
    try:
        child.wait(max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise YunhuobanError(OVER_LIMITS, place="uploads", found="time") from error
    return b"".join(parts)
