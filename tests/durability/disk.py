"""A disk that can be full: a small file system of our own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A file system of a few megabytes, or some tens."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._ballast = place / "ballast"

    def leave(self, free: int) -> None:
        """Fill it until so many bytes are free."""
        self._ballast.unlink(missing_ok=True)
        room = shutil.disk_usage(self.place).free - free
        with self._ballast.open("wb") as file:
            file.write(b"\x07" * max(room, 0))

    def clear(self) -> None:
        """Make room again."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def a_disk(place: Path, size: str) -> Iterator[Disk]:
    """A disk of a size as `mount` takes it (4m), or else the test is skipped."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("needs a small disk: run as root, where a file system may be mounted")
    yield Disk(place)
    subprocess.run(["umount", "--lazy", str(place)], check=True)
