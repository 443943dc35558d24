"""The notes on upgrading: their commands, as they stand, on what 1.0 left on a machine."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.migrations.test_releases import RELEASES

NOTES = Path(__file__).parents[2] / "docs" / "upgrading.md"


def commands(name: str) -> str:
    """The lines of the block that is marked with a name."""
    block = re.search(rf"<!-- run: {name} -->\n\n((?:    .+\n)+)", NOTES.read_text("utf-8"))
    assert block, name
    return block[1]


def run(script: str, folder: Path) -> str:
    """Let a shell do these in a checkout, and stop at the first that fails; what they print."""
    environment = {name: each for name, each in os.environ.items() if not name.startswith("KB_")}
    result = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env=environment | {"COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def state(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """What the database of 1.0 in a data folder holds, by table."""
    with sqlite3.connect(folder / "kb.sqlite3") as database:
        names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
        return {
            name: database.execute(f'SELECT * FROM "{name}"').fetchall()
            for (name,) in names.fetchall()
            if "fts" not in name
        }


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what 1.0 left in `var`, and the programs of this release."""
    with tarfile.open(RELEASES / "1.0.0.tar.xz") as archive:
        archive.extractall(tmp_path / "var", filter="data")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    return tmp_path


@pytest.mark.slow
def test_the_commands_bring_1_0_here_and_back(checkout: Path) -> None:
    before = state(checkout / "var")

    run(commands("copy"), checkout)
    output = run(commands("upgrade"), checkout)

    assert "Left alone, editors have worked on it: place2bu-utrecht" in output
    assert "The index is level with the database." in output
    assert "Restored aside, checked and thrown away" in output
    assert (checkout / "var" / "index-damaged").exists()
    upgraded = state(checkout / "var")
    assert upgraded.keys() > before.keys()
    assert len(upgraded["case_study"]) > len(before["case_study"])

    run(commands("back"), checkout)

    assert state(checkout / "var") == before


def test_a_server_refuses_tables_of_1_0(checkout: Path) -> None:
    with pytest.raises(AssertionError, match=r"make a backup and bring them here"):
        run(".venv/bin/kb serve", checkout)
