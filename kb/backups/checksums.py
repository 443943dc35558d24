"""The checksums of a backup, beside it, as `sha256sum --check` reads them.

SQLite sees that a page of its file makes no sense, but not that a letter in a text is another one.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from kb.backups import image_archive
from kb.backups.backup import BackupFailed
from kb.sqlite_file import OWNER_ONLY

SUFFIX = ".sha256"  # behind the name of the backup
LINE = re.compile(r"(?P<checksum>[0-9a-f]{64}) [ *](?P<name>.+)")


def file_of(backup: Path) -> Path:
    """Where the checksums of a backup are."""
    return backup.with_name(f"{backup.name}{SUFFIX}")


def write(backup: Path) -> None:
    """Write the checksums of a backup and of its images. Raises OSError."""
    parts = (backup, image_archive.archive_of(backup))
    lines = [f"{_checksum(each)}  {each.name}\n" for each in parts if each.is_file()]
    file = file_of(backup)
    file.touch(mode=OWNER_ONLY)
    file.write_text("".join(lines), encoding="utf-8")


def check(backup: Path) -> bool:
    """Whether there are checksums to compare with; backups of before 1.1 have none.

    Raises BackupFailed when a file is not what was written.
    """
    file = file_of(backup)
    if not file.is_file():
        return False
    try:
        lines = [LINE.fullmatch(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for line in lines:
            part = line and backup.with_name(line["name"])
            if line is None or part not in {backup, image_archive.archive_of(backup)}:
                raise BackupFailed(f"{file} does not have the checksums of {backup.name}.")
            if part.is_file() and _checksum(part) != line["checksum"]:
                raise BackupFailed(
                    f"{part} is damaged: it is not what was written ({file.name}). Take another "
                    "backup, or another copy of this one."
                )
    except (OSError, UnicodeDecodeError) as error:
        raise BackupFailed(f"The checksums of {backup} cannot be read: {error}") from error
    return bool(lines)


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
