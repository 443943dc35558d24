"""The images in a backup: a tar file beside the copy of the database, with every file of them.

Names of images follow from their content, so what is there already need not be written again.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

from kb import image_names
from kb.images import folder

SUFFIX = ".images.tar"  # behind the name of the backup
MAX_FILE_BYTES = 2**25  # of one file in an archive; ours are a hundred times smaller


class ArchiveDamaged(Exception):
    """The archive cannot be read, or has what we never put in one."""


def archive_of(backup: Path) -> Path:
    """Where the images of a backup are."""
    return backup.with_name(f"{backup.name}{SUFFIX}")


def pack(images: Path, known: set[str], archive: Path) -> list[str]:
    """Write the files of these images into an archive; returns the images that lack some.

    Raises OSError.
    """
    unfinished = archive.with_name(f"{archive.name}.unfinished")
    try:
        unfinished.touch(mode=0o600)  # drafts have images too
        with tarfile.open(unfinished, "w") as tar:
            for name, image in folder.names(images):
                if image in known:
                    tar.add(images / name, arcname=name, recursive=False)
        unfinished.rename(archive)
    finally:
        unfinished.unlink(missing_ok=True)
    return sorted(image for image in known if not folder.has_all(images, image))


def unpack(archive: Path, images: Path) -> int:
    """Put the files of an archive in the folder of images; returns how many were written.

    Raises ArchiveDamaged before anything is written, and OSError.
    """
    files = _read(archive)
    missing = {name: content for name, content in files.items() if not (images / name).is_file()}
    folder.write(images, missing)
    return len(missing)


def _read(archive: Path) -> dict[str, bytes]:
    """The files in an archive, by name. Raises ArchiveDamaged."""
    files = {}
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isreg() else None
                if not image_names.FILE.fullmatch(member.name) or stream is None:
                    raise ArchiveDamaged(f"{archive} is no archive of images: {member.name!r}.")
                if member.size > MAX_FILE_BYTES:
                    raise ArchiveDamaged(f"{archive}: {member.name} is too large.")
                files[member.name] = stream.read()
                if len(files[member.name]) != member.size:
                    raise ArchiveDamaged(f"{archive} is cut off.")
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveDamaged(f"{archive} cannot be read: {error}.") from error
    return files
