"""An index as one stream of bytes, so that a new node copies it instead of making it.

A tar file: first `manifest.json`, which says of which release and which change it is and has the
checksum of each file; then the files. Whoosh reads some of them as pickles, so an archive is taken
from who may run programs here anyway (docs/decisions/0063-an-index-by-ssh.md).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from kb.search.engine import IndexState
from kb.search.index.snapshot import SnapshotManager

MANIFEST, FORMAT = "manifest.json", 1
MAX_MANIFEST_BYTES = 2**24
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
CHUNK_BYTES = 2**20


class ArchiveRefused(Exception):
    """An archive cannot be used; the text says why, and nothing was changed."""


class Manifest(NamedTuple):
    """What an archive has."""

    release: str  # equal for releases that can use the same index
    state: IndexState
    files: dict[str, str]  # SHA-256 by name, in the order of the archive


def link_files(folder: Path, copy: Path) -> None:
    """Give the files of an index, which nobody writes just now, a second name; none is copied.

    A file is never written again once it is there, so the copy stays what it is.
    """
    shutil.rmtree(copy, ignore_errors=True)  # of one that did not come to its end
    copy.mkdir()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            os.link(path, copy / path.name)


def write(copy: Path, release: str, target: IO[bytes]) -> IndexState:
    """Write the files in a folder as an archive; tells which change it is of. Raises OSError."""
    state = SnapshotManager(copy).verified().state
    files = {path.name: _sha256(path) for path in sorted(copy.iterdir())}
    text = json.dumps({"format": FORMAT, "release": release, "state": state, "files": files})
    with tarfile.open(fileobj=target, mode="w|", bufsize=CHUNK_BYTES) as archive:
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(text.encode())
        archive.addfile(entry, io.BytesIO(text.encode()))
        for name in files:
            archive.add(copy / name, name, recursive=False)
    return state


@contextmanager
def reading(source: IO[bytes]) -> Iterator[tuple[Manifest, tarfile.TarFile]]:
    """The manifest of an archive, and the archive after it. Raises ArchiveRefused."""
    try:
        with tarfile.open(fileobj=source, mode="r|", bufsize=CHUNK_BYTES) as archive:
            yield _read_manifest(archive), archive
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveRefused(f"this is no whole archive of an index: {error}") from None


def extract(archive: tarfile.TarFile, manifest: Manifest, folder: Path) -> None:
    """Write the files of an archive into a new folder, each as it was. Raises ArchiveRefused."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    missing = dict(manifest.files)
    while (entry := archive.next()) is not None:  # iterating begins with the manifest again
        expected = missing.pop(entry.name, None)
        content = archive.extractfile(entry) if entry.isfile() else None
        if expected is None or content is None or not SAFE_NAME.fullmatch(entry.name):
            raise ArchiveRefused(f"the archive has {entry.name!r}, which its manifest has not")
        path = folder / entry.name
        with path.open("xb") as file:
            shutil.copyfileobj(content, file, CHUNK_BYTES)
        if _sha256(path) != expected:
            raise ArchiveRefused(f"{entry.name} is not as it was written")
    if missing:
        raise ArchiveRefused(f"the archive ends before {next(iter(missing))}")
    try:
        state = SnapshotManager(folder).verified().state
    except Exception as error:  # pickles and packed numbers fail in any way
        raise ArchiveRefused(f"the index in the archive cannot be read: {error!r}") from None
    if state != manifest.state:
        raise ArchiveRefused("the index in the archive is not what its manifest says")


def put_in_place(copy: Path, folder: Path) -> None:
    """Let a folder be the index; nobody writes the one that was there. Raises OSError."""
    former = folder.with_name(f"{folder.name}-former")
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        folder.rename(former)
    copy.rename(folder)
    shutil.rmtree(former, ignore_errors=True)


def _read_manifest(archive: tarfile.TarFile) -> Manifest:
    entry = archive.next()
    content = archive.extractfile(entry) if entry and entry.isfile() else None
    if entry is None or entry.name != MANIFEST or content is None:
        raise ArchiveRefused("this is no archive that `kb index save` has written")
    try:
        text = json.loads(content.read(MAX_MANIFEST_BYTES))
        if text["format"] != FORMAT:
            raise ArchiveRefused("a release with another format of archives wrote this one")
        return Manifest(text["release"], IndexState(*text["state"]), dict(text["files"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveRefused(f"the manifest of the archive cannot be read: {error!r}") from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
