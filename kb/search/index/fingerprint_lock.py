"""Which processes use an index, by the fingerprint of the terms and analysis they search with.

Two releases on one data folder would each find that the index of the other must be made again,
for ever. So a process that follows an index holds a shared lock on a file that is named after
its fingerprint, and none of another fingerprint makes the index anew while somebody holds that.
The lock ends with the process that holds it, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SUFFIX = ".users"  # of the files: `<folder>.<fingerprint>.users`, beside the folder


class FingerprintLock:
    """The lock of this process on the index in a folder, and those of others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fingerprint = ""  # that the lock is for; empty when it is not held
        self._descriptor = -1  # of the open file

    def acquire(self, fingerprint: str) -> None:
        """Hold the lock for this fingerprint, and for no other one. Raises OSError.

        May be repeated; it has to be, as it does nothing while another process looks at the file.
        """
        if self._fingerprint == fingerprint and self._is_visible():
            return
        self.release()
        descriptor = os.open(self._path(fingerprint), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            self._fingerprint, self._descriptor = fingerprint, descriptor

    def release(self) -> None:
        """Hold it no longer."""
        if self._fingerprint:
            os.close(self._descriptor)
            self._fingerprint = ""

    def others(self, fingerprint: str) -> Iterator[str]:
        """The other fingerprints that a living process holds; files of the dead are deleted."""
        prefix = f"{self._folder.name}."
        for path in self._folder.parent.glob(f"{prefix}*{SUFFIX}"):
            other = path.name.removeprefix(prefix).removesuffix(SUFFIX)
            if other != fingerprint and _is_locked(path):
                yield other

    def _path(self, fingerprint: str) -> Path:
        return self._folder.with_name(f"{self._folder.name}.{fingerprint}{SUFFIX}")

    def _is_visible(self) -> bool:
        """Whether the file that is held open is still the one that others see."""
        with suppress(OSError):
            visible = self._path(self._fingerprint).stat()
            return os.path.samestat(os.fstat(self._descriptor), visible)
        return False


def _is_locked(path: Path) -> bool:
    """Whether a process holds a lock on a file; else the file is deleted."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        path.unlink(missing_ok=True)
    return False
