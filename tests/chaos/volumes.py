"""Folders on a file system of their own whose room can be taken away: a tmpfs whose size is changed while it is used.

Nothing is filled with anything: the limit is set to what is used, so that no memory is needed for it. Mounting takes
root; where it is not allowed, these faults are left out and the report says so.
"""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

ROOM: Final = "6g"
"""A limit, not a reservation. The broker's own alarm wants 2 GiB free."""
_PAGE: Final = 4096


class Volume:
    """One folder on a tmpfs of its own."""

    def __init__(self, folder: Path) -> None:
        """Nothing is mounted yet."""
        self.folder = folder
        self.mounted = False

    def mount(self) -> bool:
        """Move the folder's content onto a file system of its own; False where that is not allowed."""
        aside = self.folder.with_name(self.folder.name + ".aside")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.rename(aside)
        self.folder.mkdir(mode=0o700)
        self.mounted = _mount("-t", "tmpfs", "-o", f"size={ROOM},mode=0700", "tmpfs", str(self.folder))
        for each in aside.iterdir():
            shutil.move(each, self.folder / each.name)
        aside.rmdir()
        return self.mounted

    def fill(self, *, left_bytes: int = 0) -> None:
        """Leave so much room and no more."""
        for _ in range(20):  # what is used grows meanwhile, and a limit below it is refused
            if _mount("-o", f"remount,size={max(_PAGE, self.used_bytes() + left_bytes)}", str(self.folder)):
                return
        raise OSError(f"the room under {self.folder} cannot be taken away")

    def used_bytes(self) -> int:
        """How much lies there."""
        state = os.statvfs(self.folder)
        return (state.f_blocks - state.f_bfree) * state.f_frsize

    def free(self) -> None:
        """Give the room back."""
        if not _mount("-o", f"remount,size={ROOM}", str(self.folder)):
            raise OSError(f"the room under {self.folder} cannot be given back")

    def unmount(self) -> None:
        """Put the content back where it was, for whoever wants to look at it."""
        if not self.mounted:
            return
        aside = self.folder.with_name(self.folder.name + ".kept")
        shutil.copytree(self.folder, aside, dirs_exist_ok=True, symlinks=True)
        subprocess.run(["umount", str(self.folder)], check=True, capture_output=True)
        self.mounted = False
        self.folder.rmdir()
        aside.rename(self.folder)


def unmount_leftovers(folder: Path) -> None:
    """Unmount what a killed run left below this folder."""
    with contextlib.suppress(FileNotFoundError):
        places = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
        for place in sorted((each for each in places if each.startswith(f"{folder}/")), reverse=True):
            subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0
