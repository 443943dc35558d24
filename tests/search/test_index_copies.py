"""A new node takes over the index of another, whole or not at all."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.search import consistency, copying
from kb.search.catch_up import catch_up
from kb.search.engine import SearchUnavailable
from kb.search.index.archive import ArchiveRefused
from kb.search.whoosh_engine import WhooshEngine
from tests.builders import a_case
from tests.conftest import KnowledgeBase, make_anew
from tests.durability.served import KB


@pytest.fixture
def archive(kb: KnowledgeBase) -> bytes:
    """The index of a node with a public case."""
    kb.publish(a_case("tuin"))
    return saved(kb)


@pytest.fixture
def new(tmp_path: Path) -> Iterator[WhooshEngine]:
    """The engine of a new node."""
    (tmp_path / "new").mkdir()
    engine = WhooshEngine(tmp_path / "new" / "index")
    yield engine
    engine.close()


def saved(kb: KnowledgeBase) -> bytes:
    """The archive of its index."""
    assert isinstance(kb.engine, WhooshEngine)
    file = io.BytesIO()
    copying.save(kb.engine, file)
    return file.getvalue()


def names(folder: Path) -> set[str]:
    """What is in a folder and its neighbours."""
    return {path.name for path in folder.parent.iterdir() if path.is_dir()}


def test_a_new_node_has_the_index_and_follows(
    kb: KnowledgeBase, archive: bytes, new: WhooshEngine
) -> None:
    kb.publish(a_case("plein"))

    state = copying.fetch(kb.database, new, io.BytesIO(archive))
    assert state is not None
    assert {"case:tuin"} <= set(new.keys())
    assert new.change() == state.change == kb.engine.change() - 1
    catch_up(kb.database, new)

    assert not consistency.check(kb.database, new)
    assert names(new.folder) == {"index"}
    assert names(kb.engine.folder) >= {"index"}  # type: ignore[attr-defined]
    assert not {"index-save"} & names(kb.engine.folder)  # type: ignore[attr-defined]


def test_an_index_that_is_newer_stays(kb: KnowledgeBase, archive: bytes) -> None:
    kb.publish(a_case("plein"))
    assert isinstance(kb.engine, WhooshEngine)

    assert copying.fetch(kb.database, kb.engine, io.BytesIO(archive)) is None

    assert not consistency.check(kb.database, kb.engine)


def test_an_older_index_is_replaced_while_somebody_reads_it(
    kb: KnowledgeBase, archive: bytes, new: WhooshEngine
) -> None:
    copying.fetch(kb.database, new, io.BytesIO(archive))
    reader = WhooshEngine(new.folder)
    assert {"case:tuin"} <= set(reader.keys())
    kb.publish(a_case("plein"))

    copying.fetch(kb.database, new, io.BytesIO(saved(kb)))

    assert reader.change() == kb.engine.change()
    assert {"case:tuin", "case:plein"} <= set(reader.keys())
    reader.close()


def test_a_damaged_archive_changes_nothing(
    kb: KnowledgeBase, archive: bytes, new: WhooshEngine
) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        places = [each.offset_data + each.size // 2 for each in opened.getmembers()[:12]]
    for place in places:
        flipped = bytearray(archive)
        flipped[place] ^= 0xFF
        for damaged in (bytes(flipped), archive[:place]):
            with pytest.raises(ArchiveRefused):
                copying.fetch(kb.database, new, io.BytesIO(damaged))
            assert names(new.folder) == set()
    with pytest.raises(SearchUnavailable):
        new.snapshot_state()


def test_an_archive_of_another_database_or_release_is_refused(
    kb: KnowledgeBase, archive: bytes, new: WhooshEngine, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = make_anew(tmp_path / "other")
    with pytest.raises(ArchiveRefused, match="another history"):
        copying.fetch(other.database, new, io.BytesIO(archive))
    other.close()
    with pytest.raises(ArchiveRefused, match="another analysis"):
        copying.fetch(kb.database, new, io.BytesIO(of_release(archive, "9-other")))
    assert names(new.folder) == set()


@pytest.mark.parametrize("name", ["../escape", "/tmp/escape", ".."])
def test_a_file_of_an_archive_never_leaves_its_folder(
    name: str, kb: KnowledgeBase, new: WhooshEngine
) -> None:
    kb.publish(a_case("tuin"))
    manifest = {**manifest_of(saved(kb)), "files": {name: "0" * 64}}

    with pytest.raises(ArchiveRefused):
        copying.fetch(kb.database, new, io.BytesIO(tar({"manifest.json": manifest, name: "x"})))


def manifest_of(archive: bytes) -> dict[str, object]:
    """What its first file says."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        file = opened.extractfile("manifest.json")
        assert file is not None
        manifest: dict[str, object] = json.loads(file.read())
        return manifest


def of_release(archive: bytes, release: str) -> bytes:
    """The beginning of an archive of another release."""
    return tar({"manifest.json": {**manifest_of(archive), "release": release}})


def tar(files: dict[str, object]) -> bytes:
    """An archive with these files, as JSON."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as writer:
        for name, content in files.items():
            text = json.dumps(content).encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            writer.addfile(entry, io.BytesIO(text))
    return made.getvalue()


@pytest.mark.slow
def test_one_node_pipes_its_index_into_another(kb: KnowledgeBase, tmp_path: Path) -> None:
    kb.publish(a_case("tuin"))
    settings = kb.app.extensions["kb"].settings
    at = os.environ | {"KB_DATABASE_URL": settings.database_url}
    first, second = ({**at, "KB_DATA_DIR": str(each)} for each in (tmp_path, tmp_path / "new"))

    archive = subprocess.run([KB, "index", "save", "-"], env=first, capture_output=True, check=True)
    fetch = [KB, "index", "fetch", "-"]
    subprocess.run(fetch, env=second, input=archive.stdout, capture_output=True, check=True)
    checked = subprocess.run([KB, "index", "check"], env=second, check=False)
    cut = subprocess.run(fetch, env=second, input=archive.stdout[:5000], check=False)

    assert (checked.returncode, cut.returncode) == (0, 1)
