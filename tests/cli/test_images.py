"""Images with backups and exports: they come back elsewhere, or it is said which do not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kb.cli.main import main
from kb.images import folder
from tests.builders import a_case
from tests.cli.commands import failed, succeeded
from tests.conftest import KnowledgeBase, make
from tests.editors.conftest import somebody
from tests.editors.test_images import age, files_of, upload


def run(data: Path, *words: object) -> Any:
    """Run a command on a folder of data."""
    return CliRunner().invoke(main, [str(word) for word in words], env={"KB_DATA_DIR": str(data)})


@pytest.fixture
def image(kb: KnowledgeBase) -> str:
    """The id of the image of a public case."""
    anna, piet = somebody(kb, "Anna", "editor"), somebody(kb, "Piet", "publisher")
    anna.create(a_case())
    upload(anna)
    anna.review("tuin", "submit")
    assert piet.publish("tuin").status_code == 201
    shown: str = kb.client.get("/v1/cases/tuin").json["images"][0]["id"]
    return shown


def test_a_backup_brings_images_to_an_empty_machine(
    kb: KnowledgeBase, image: str, tmp_path: Path
) -> None:
    copy, elsewhere = tmp_path / "kb.backups.backup", tmp_path / "elsewhere"

    output = succeeded(run(tmp_path, "backup", copy))
    succeeded(run(elsewhere, "restore", copy, "--yes"))

    assert "kb.backups.backup.images.tar" in output
    assert (tmp_path / "kb.backups.backup.images.tar").stat().st_mode & 0o077 == 0
    assert folder.has_all(elsewhere / "images", image)
    assert "missing" not in succeeded(run(elsewhere, "restore", copy, "--yes"))


def test_a_backup_without_its_images_says_what_is_missing(
    kb: KnowledgeBase, image: str, tmp_path: Path
) -> None:
    copy, elsewhere = tmp_path / "kb.backups.backup", tmp_path / "elsewhere"
    succeeded(run(tmp_path, "backup", copy))
    archive = tmp_path / "kb.backups.backup.images.tar"
    content = archive.read_bytes()

    archive.write_bytes(content[:5000])
    assert "kb.backups.backup.images.tar" in failed(run(elsewhere, "restore", copy, "--yes"))
    assert not (elsewhere / "images").exists()
    archive.unlink()
    assert image in succeeded(run(elsewhere, "restore", copy, "--yes"))


def test_without_images_a_backup_is_one_file(kb: KnowledgeBase, tmp_path: Path) -> None:
    kb.publish(a_case())

    succeeded(run(tmp_path, "backup", tmp_path / "kb.backups.backup"))

    assert not (tmp_path / "kb.backups.backup.images.tar").exists()


def test_an_export_has_the_images_and_seeding_takes_them_over(
    kb: KnowledgeBase, image: str, tmp_path: Path
) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    succeeded(run(tmp_path, "export", out))
    assert folder.has_all(out / "images", image)
    (out / "images" / f"{'1' * 32}-400x300.jpg").write_bytes(b"geen beeld")
    other = make(elsewhere)

    output = succeeded(run(elsewhere, "seed", out))

    assert "1 created" in output
    assert f"image {'1' * 32}-400x300" in output  # and why it was left
    assert other.client.get("/v1/cases/tuin").json["images"][0]["id"] == image
    assert other.client.get(f"/beelden/{image}.jpg").status_code == 200
    other.close()


def test_an_import_takes_over_the_images_beside_its_files(
    kb: KnowledgeBase, image: str, tmp_path: Path
) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    succeeded(run(tmp_path, "export", out))
    other = make(elsewhere)

    path = out / "cases" / "tuin.json"
    case = json.loads(path.read_text("utf-8"))
    del case["updatedAt"]
    path.write_text(json.dumps(case), "utf-8")

    succeeded(run(elsewhere, "import", path))

    anna = somebody(other, "Anna", "editor")
    draft = anna.ask("GET", "/cases/tuin/draft").json
    assert [each["id"] for each in draft["images"]] == [image]
    assert draft["_draft"]["problemCount"] == 0
    other.close()


def test_an_export_removes_the_images_that_are_no_longer_public(
    kb: KnowledgeBase, image: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    succeeded(run(tmp_path, "export", out))
    kb.withdraw("tuin")

    succeeded(run(tmp_path, "export", out))

    assert list(folder.names(out / "images")) == []


def test_a_sweep_leaves_what_a_text_has(kb: KnowledgeBase, image: str, tmp_path: Path) -> None:
    stray = files_of(kb) / f"{'2' * 32}-400x300.jpg"
    shutil.copy(files_of(kb) / f"{image}.jpg", stray)
    age(files_of(kb))

    output = succeeded(run(tmp_path, "images", "sweep"))

    assert "0 images forgotten, 1 files removed." in output
    assert not stray.exists()
    assert folder.has_all(files_of(kb), image)


def test_a_drill_fails_when_the_images_are_gone(
    kb: KnowledgeBase, image: str, tmp_path: Path
) -> None:
    copy = tmp_path / "kb.backups.backup"
    succeeded(run(tmp_path, "backup", copy))

    assert "images: 1" in succeeded(run(tmp_path, "backup", "verify", copy))
    (tmp_path / "kb.backups.backup.images.tar").unlink()
    assert image in failed(run(tmp_path, "backup", "verify", copy))
