"""Who uses an index, by the terms and analysis that they search with.

Two releases on one data folder would each find that the index of the other must be made again,
for ever. So a process that follows an index holds a shared lock on a file that is named after
its fingerprint, and none of another fingerprint makes the index anew while somebody holds that.
The lock goes with the process that had it, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


class FingerprintLock:
    """The users of the index in a folder; this process can be one of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._joined: tuple[str, int] | None = None  # with which fingerprint; and the open file

    def join(self, fingerprint: str) -> None:
        """Be a user of an index with this fingerprint. Raises OSError; may be repeated."""
        if self._joined and self._joined[0] == fingerprint and self._is_there(self._joined[1]):
            return
        self.leave()
        file = os.open(self._file(fingerprint), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:  # somebody looks at this very moment who uses it: join the next time
            os.close(file)
        else:
            self._joined = fingerprint, file

    def leave(self) -> None:
        """Use it no longer."""
        if self._joined:
            os.close(self._joined[1])
            self._joined = None

    def others(self, fingerprint: str) -> Iterator[str]:
        """The other fingerprints that a living process uses; who has gone is forgotten."""
        for file in self._folder.parent.glob(f"{self._folder.name}.*.users"):
            other = file.name.removeprefix(f"{self._folder.name}.").removesuffix(".users")
            if other != fingerprint and _is_used(file):
                yield other

    def _file(self, fingerprint: str) -> Path:
        return self._folder.with_name(f"{self._folder.name}.{fingerprint}.users")

    def _is_there(self, file: int) -> bool:
        """Whether the file that is held open is still the one that others see."""
        assert self._joined is not None
        with suppress(OSError):
            return os.path.samestat(os.fstat(file), self._file(self._joined[0]).stat())
        return False


def _is_used(file: Path) -> bool:
    with suppress(FileNotFoundError), file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        file.unlink(missing_ok=True)
    return False
