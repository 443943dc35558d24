"""Importing by command: every mistake by file and row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from filelock import FileLock

from tests.builders import a_case
from tests.cli.commands import Run, failed, succeeded


@pytest.fixture
def some(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Cases in files of three kinds; one of them is wrong."""
    array, lines, table = (tmp_path / f"casussen.{each}" for each in ("json", "ndjson", "csv"))
    array.write_text(json.dumps([a_case("park"), a_case("laan", scale="wijkk")]), "utf-8")
    lines.write_text(json.dumps(a_case("plein")) + "\n{\n", "utf-8")
    table.write_text("\ufeffid;title;scale\r\nhof;Hof;buurt\r\n", "utf-8")
    return array, lines, table


def test_importing_tells_every_mistake_by_file_and_row(
    run: Run, prepared: None, some: tuple[Path, Path, Path]
) -> None:
    tried = failed(run("import", *some, "--dry-run"))
    done = failed(run("import", *some, "--author", "Sanne"))
    again = failed(run("import", *some, "--author", "Sanne"))

    array, lines, _ = some
    for output in (tried, done):
        assert f"{array}:2: laan: /scale: “wijkk” is not one of the known values. → wijk" in output
        assert f"{lines}:2: ?: /: This is not valid JSON" in output
        assert "3 created, 0 updated, 0 unchanged, 2 rejected." in output
    assert "Nothing was changed" in tried
    assert "0 created, 0 updated, 3 unchanged, 2 rejected." in again


def test_importing_can_publish_when_four_eyes_are_off(
    run: Run, prepared: None, tmp_path: Path
) -> None:
    file = tmp_path / "casussen.json"
    file.write_text(json.dumps([a_case("hof")]), "utf-8")

    assert "KB_FOUR_EYES=off" in failed(run("import", file, "--publish"))
    output = succeeded(run("import", file, "--publish", KB_FOUR_EYES="off"))

    assert "1 created, 0 updated, 0 unchanged, 0 rejected." in output
    assert "level" in succeeded(run("index", "check"))  # which was caught up


@pytest.mark.parametrize(
    "words", [("import",), ("import", "x.xls"), ("import", "x.json", "--author", " ")]
)
def test_an_import_that_cannot_be_begun_says_why(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    for name in ("x.xls", "x.json"):
        (tmp_path / name).write_text("[]")

    result = run(*(tmp_path / word if word.startswith("x.") else word for word in words))

    assert result.exit_code == 2
    assert "Usage" in result.stderr


def test_the_codebook_can_be_printed(run: Run) -> None:
    result = run("import", "--codebook")

    assert result.exit_code == 0
    assert "| `pitfall1.title` |" in result.stdout


def test_an_import_does_not_fail_when_another_process_is_indexing(
    run: Run, prepared: None, tmp_path: Path
) -> None:
    file = tmp_path / "casussen.json"
    file.write_text(json.dumps([a_case("hof")]), "utf-8")
    [lock] = [path for path in (tmp_path / "var").rglob("*") if "lock" in path.name.lower()][:1]

    with FileLock(lock):
        output = succeeded(run("import", file, "--publish", KB_FOUR_EYES="off"))

    assert "1 created" in output
    assert "at it already" in output
