"""Commands with a data folder of their own, and two cases to load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kb.cli.main import main
from tests.builders import a_case, a_pitfall
from tests.cli.commands import SEED, Run, succeeded, write


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command with a data folder of its own."""

    def command(*words: str | Path, **settings: str) -> Result:
        environment = {
            "KB_DATA_DIR": str(tmp_path / "var"),
            "KB_DATABASE_URL": "",
            "KB_INDEX_WAIT": "0.2",
        }
        return CliRunner().invoke(main, [str(word) for word in words], env=environment | settings)

    return command


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A seed folder with two cases."""
    folder = tmp_path / "small"
    shutil.copytree(SEED / "terms", folder / "terms")
    (folder / "questions.json").write_text("[]\n")
    write(folder, a_case("tuin", pitfalls=[a_pitfall("tuin")]))
    write(folder, a_case("straat"))
    return folder


@pytest.fixture
def prepared(run: Run, small: Path) -> None:
    """A database and an index with those two cases."""
    for words in (("db", "upgrade"), ("seed", small), ("index", "catch-up")):
        succeeded(run(*words))
