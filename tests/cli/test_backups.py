"""Backups by the night: a folder that holds the newest ones, and a drill that brings one back."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from tempfile import gettempdir

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from kb.cli.main import main
from tests.builders import a_case
from tests.cli.commands import failed, succeeded
from tests.conftest import KnowledgeBase
from tests.durability.test_backup import need_programs, url_of


def run(kb: KnowledgeBase, *words: str | Path) -> Result:
    """Run a command with the database and the folder of a knowledge base."""
    settings = kb.app.extensions["kb"].settings
    environment = {"KB_DATA_DIR": str(settings.data_dir), "KB_DATABASE_URL": url_of(kb)}
    return CliRunner().invoke(main, [str(word) for word in words], env=environment)


@pytest.fixture
def nights(tmp_path: Path) -> Path:
    """A folder of backups that were made before, and of files of others."""
    folder = tmp_path / "nights"
    folder.mkdir()
    for name in ("kb-20250101T020000Z.backup", "kb-20250102T020000Z.backup"):
        (folder / name).write_text("old")
        (folder / f"{name}.images.tar").write_text("old")
        (folder / f"{name}.sha256").write_text("old")
    for name in ("kb-20240101T020000Z.backup.txt", "kb-2024.backup", "notes.txt"):
        (folder / name).write_text("of another")
    return folder


def backups_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.glob("kb-????????T??????Z.backup"))


def test_a_folder_holds_the_newest_backups(kb: KnowledgeBase, nights: Path) -> None:
    others = {each.name for each in nights.iterdir() if not each.name.startswith("kb-2025")}

    output = succeeded(run(kb, "backup", "--keep", "2", nights))

    assert "Removed: " in output
    assert len(backups_in(nights)) == 2
    assert backups_in(nights)[0] == "kb-20250102T020000Z.backup"
    assert not list(nights.glob("kb-20250101T020000Z.backup*"))
    assert others <= {each.name for each in nights.iterdir()}


def test_nothing_is_removed_when_the_new_backup_fails(kb: KnowledgeBase, nights: Path) -> None:
    with sqlite3.connect(Path(kb.app.extensions["kb"].settings.data_dir) / "kb.sqlite3") as broken:
        broken.execute("DROP TABLE change_counter")

    failed(run(kb, "backup", nights, "--keep", "1"))

    assert backups_in(nights) == ["kb-20250101T020000Z.backup", "kb-20250102T020000Z.backup"]


def test_what_killed_backups_left_goes(kb: KnowledgeBase, nights: Path) -> None:
    name = "kb-20260101T020000Z.backup"
    left = [nights / f"{name}{end}.unfinished" for end in ("", ".images.tar")]
    left.append(nights / f"{name}.unfinished-wal")
    others = [nights / "kb-20260102T020000Z.backup.unfinished", nights / "kb-ours.unfinished"]
    for file in [*left, *others]:
        file.write_text("half")
    for file in [*left, others[1]]:
        os.utime(file, (time.time() - 7200,) * 2)

    succeeded(run(kb, "backup", nights))

    assert not any(file.exists() for file in left)
    assert all(file.exists() for file in others)


@pytest.mark.parametrize("number", ["0", "-1", "veel"])
def test_fewer_than_one_backup_is_a_mistake(kb: KnowledgeBase, nights: Path, number: str) -> None:
    assert run(kb, "backup", "--keep", number, nights).exit_code == 2
    assert len(backups_in(nights)) == 2


def test_only_a_folder_has_old_backups(kb: KnowledgeBase, tmp_path: Path) -> None:
    assert run(kb, "backup", "--keep", "3", tmp_path / "kb.backups.backup").exit_code == 2
    assert not (tmp_path / "kb.backups.backup").exists()
    assert run(kb, "backup").exit_code == 2


def databases(kb: KnowledgeBase) -> set[str]:
    """The databases of the server; of SQLite the files in the folder for temporary ones."""
    if url_of(kb).startswith("sqlite"):
        return {each.name for each in Path(gettempdir()).glob("kb-drill-*")}
    engine = create_engine(url_of(kb))
    with engine.connect() as connection:
        names = set(connection.scalars(text("SELECT datname FROM pg_database")))
    engine.dispose()
    return {name for name in names if name.startswith("kb_drill")}


def test_a_drill_brings_a_backup_back_and_throws_it_away(
    any_kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_programs(any_kb)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    any_kb.publish(a_case("tuin"), a_case("plein"))
    nights = tmp_path / "nights"
    nights.mkdir()
    succeeded(run(any_kb, "backup", nights))
    any_kb.publish(a_case("straat"))
    before = {each.name for each in nights.iterdir()}

    output = succeeded(run(any_kb, "backup", "verify", nights))

    assert "cases: 2" in output
    assert "Restored aside, checked and thrown away" in output
    assert databases(any_kb) == set()
    assert {each.name for each in nights.iterdir()} == before
    assert any_kb.client.get("/v1/cases").json["page"]["totalItems"] == 3


def test_a_drill_that_is_stopped_leaves_nothing(any_kb: KnowledgeBase, tmp_path: Path) -> None:
    need_programs(any_kb)
    any_kb.publish(a_case("tuin"))
    file, aside = tmp_path / "kb.backups.backup", tmp_path / "aside"
    succeeded(run(any_kb, "backup", file))
    aside.mkdir()
    others = databases(any_kb)
    environment = {"KB_DATABASE_URL": url_of(any_kb), "KB_DATA_DIR": str(tmp_path)}
    drill = subprocess.Popen(
        [Path(sys.executable).with_name("kb"), "backup", "verify", file],
        env=os.environ | environment | {"TMPDIR": str(aside)},
        stderr=subprocess.DEVNULL,
    )
    while not list(aside.glob("kb-drill-*/copy")) and drill.poll() is None:
        time.sleep(0.01)

    drill.terminate()

    assert drill.wait(60) == 128 + signal.SIGTERM
    assert list(aside.iterdir()) == []
    assert databases(any_kb) == others


def test_a_drill_fails_for_a_damaged_backup(kb: KnowledgeBase, tmp_path: Path) -> None:
    kb.publish(a_case("tuin"))
    file = tmp_path / "kb.backups.backup"
    succeeded(run(kb, "backup", file))
    file.write_bytes(file.read_bytes()[:20_000])

    assert f"Error: {file} " in failed(run(kb, "backup", "verify", file))
    (tmp_path / "kb.backups.backup.sha256").unlink()
    assert f"Error: {file} " in failed(run(kb, "backup", "verify", file))  # by SQLite, and by name


@pytest.mark.parametrize("command", [["backup", "verify"], ["restore", "--yes"]])
def test_another_letter_in_a_text_is_damage(
    kb: KnowledgeBase, tmp_path: Path, command: list[str]
) -> None:
    kb.publish(a_case("tuin", title="De tuin van Zuid"))
    file = tmp_path / "kb.backups.backup"
    succeeded(run(kb, "backup", file))
    content = file.read_bytes()
    assert b"De tuin van Zuid" in content
    file.write_bytes(content.replace(b"De tuin van Zuid", b"De tuin van Zuie"))

    assert f"{file} is damaged" in failed(run(kb, *command, file))

    assert kb.client.get("/v1/cases/tuin").json["title"] == "De tuin van Zuid"


def test_checksums_are_those_of_sha256sum(kb: KnowledgeBase, tmp_path: Path) -> None:
    succeeded(run(kb, "backup", tmp_path / "kb.backups.backup"))

    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "kb.backups.backup.sha256"], cwd=tmp_path, check=False
    )

    assert checked.returncode == 0
    assert (tmp_path / "kb.backups.backup.sha256").stat().st_mode & 0o077 == 0


def test_a_backup_without_checksums_comes_back_with_a_warning(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    file = tmp_path / "kb.backups.backup"
    succeeded(run(kb, "backup", file))
    (tmp_path / "kb.backups.backup.sha256").unlink()

    assert "cannot be checked for damage" in succeeded(run(kb, "restore", "--yes", file))


def test_checksums_of_another_backup_are_refused(kb: KnowledgeBase, tmp_path: Path) -> None:
    file = tmp_path / "kb.backups.backup"
    succeeded(run(kb, "backup", file))
    (tmp_path / "kb.backups.backup.sha256").write_text(f"{'0' * 64}  another.backup\n")

    assert "does not have the checksums" in failed(run(kb, "backup", "verify", file))


def test_a_drill_fails_without_a_backup(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "nights").mkdir()

    assert "no backup in" in failed(run(kb, "backup", "verify", tmp_path / "nights"))
    assert "no file" in failed(run(kb, "backup", "verify", tmp_path / "nothing"))
