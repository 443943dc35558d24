"""The side door: what each command does, says and ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from kb.search.engine import SearchDocument
from kb.search.whoosh_engine import WhooshEngine
from kb.vocabulary.terms import SCHEMES
from tests.builders import a_case
from tests.cli.commands import Run, failed, succeeded, write
from tests.conftest import make


def test_a_knowledge_base_from_nothing(run: Run, small: Path, tmp_path: Path) -> None:
    assert "up to date" in succeeded(run("db", "upgrade"))
    assert (tmp_path / "var" / "kb.sqlite3").is_file()
    assert "2 created, 0 updated, 0 withdrawn, 0 unchanged, 0 left alone." in succeeded(
        run("seed", small)
    )
    number = len(SCHEMES) + 2
    assert f"every change up to number {number}." in succeeded(run("index", "catch-up"))
    assert "The index is level with the database." in succeeded(run("index", "check"))


@pytest.mark.parametrize("harm", ["a full disk", "a reader that left"])
def test_a_command_ends_its_work_though_nobody_can_read_what_it_says(
    tmp_path: Path, harm: str
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with Path("/dev/full").open("wb") as full, os.fdopen(writing, "wb") as broken:
        done = subprocess.run(
            [sys.executable, "-c", "from kb.cli.main import main; main()", "db", "upgrade"],
            env={**os.environ, "KB_DATA_DIR": str(tmp_path), "KB_DATABASE_URL": ""},
            stderr=full if harm == "a full disk" else broken,
            check=False,
        )

    assert done.returncode == 0
    assert (tmp_path / "kb.sqlite3").is_file()


def test_every_command_may_be_repeated(run: Run, small: Path) -> None:
    for _ in range(2):
        succeeded(run("db", "upgrade"))
        last = succeeded(run("seed", small))
        succeeded(run("index", "catch-up"))
        succeeded(run("index", "rebuild"))
        succeeded(run("index", "check"))

    assert "0 created, 0 updated, 0 withdrawn, 2 unchanged, 0 left alone." in last


def test_seeding_without_a_folder_takes_the_content_of_this_release(run: Run) -> None:
    succeeded(run("db", "upgrade"))

    assert "264 created" in succeeded(run("seed"))


def test_export_writes_the_files_that_seed_reads(run: Run, small: Path, tmp_path: Path) -> None:
    succeeded(run("db", "upgrade"))
    succeeded(run("seed", small))

    output = succeeded(run("export", tmp_path / "out"))

    assert f"{len(SCHEMES) + 4} files in " in output
    assert (tmp_path / "out/cases/tuin.json").is_file()
    assert "2 unchanged" in succeeded(run("seed", tmp_path / "out"))


def test_what_editors_have_worked_on_is_named(run: Run, small: Path, tmp_path: Path) -> None:
    succeeded(run("db", "upgrade"))
    succeeded(run("seed", small))
    kb = make(tmp_path / "var")
    kb.publish(a_case("tuin", title="Van de redactie"))
    kb.close()

    output = succeeded(run("seed", small))

    assert "Left alone, editors have worked on it: tuin\n" in output
    assert "1 unchanged, 1 left alone." in output


def test_mistakes_in_files_are_reported_and_nothing_changes(run: Run, small: Path) -> None:
    succeeded(run("db", "upgrade"))
    write(small, a_case("tuin", titel="Tuin", scale="[/rood] :tulip: [bold]", startYear="2016"))
    (small / "cases" / "straat.json").write_text("{")

    output = failed(run("seed", small))

    tuin = small / "cases" / "tuin.json"
    unknown = "There is no key “titel” here; leave it out or correct its name. → title\n"
    assert f"{tuin}: /titel: {unknown}" in output
    assert "→ title" in output
    assert f"{tuin}: /scale: " in output
    assert "[/rood] :tulip: [bold]" in output
    assert f"{tuin}: /startYear: " in output
    assert f"{small / 'cases' / 'straat.json'}: /: " in output
    assert "Mistakes in the files: 4. Nothing was changed." in output
    write(small, a_case("tuin"))
    write(small, a_case("straat"))
    assert "2 created" in succeeded(run("seed", small))


def test_a_term_that_is_gone_but_in_use_is_reported(run: Run, small: Path) -> None:
    succeeded(run("db", "upgrade"))
    succeeded(run("seed", small))
    path = small / "terms" / "pitfall-categories.json"
    scheme = json.loads(path.read_text("utf-8"))
    scheme["terms"] = [term for term in scheme["terms"] if term["id"] != "korte-adem"]
    path.write_text(json.dumps(scheme), "utf-8")

    output = failed(run("seed", small))

    assert "pitfall-categories/korte-adem has gone, but is used by tuin" in output
    assert "1 terms are still in use; nothing was changed." in output


def test_a_folder_that_is_not_there_is_wrong_use(run: Run, tmp_path: Path) -> None:
    result = run("seed", tmp_path / "nergens")

    assert result.exit_code == 2
    assert "does not exist" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        *(("seed",), ("index", "catch-up"), ("index", "check"), ("export", "uit")),
        *(("token", "list"), ("partner", "list")),
        ("token", "create", "--role", "editor", "--owner", "Anna"),
    ],
)
@pytest.mark.parametrize("is_empty", [True, False])
def test_without_tables_a_command_says_how_to_make_them(
    run: Run, tmp_path: Path, command: tuple[str, ...], is_empty: bool
) -> None:
    (tmp_path / "var").mkdir()
    if is_empty:
        (tmp_path / "var" / "kb.sqlite3").touch()

    output = failed(run(*command))

    assert len(output.splitlines()) == 1
    assert "kb db upgrade" in output


def test_seeding_without_tables_looks_at_no_file(run: Run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    write(small, a_case("tuin", titel="x"))

    assert "titel" not in failed(run("seed", small))


def test_a_trial_of_the_seed_tells_the_same_and_changes_nothing(run: Run, small: Path) -> None:
    succeeded(run("db", "upgrade"))
    write(small, a_case("straat", title="Straat\nin bloei"))

    tried = [succeeded(run("seed", small, "--dry-run")) for _ in range(2)]
    done = succeeded(run("seed", small))

    assert "2 created, 0 updated" in tried[0]
    assert "Nothing was changed: this was a dry run." in tried[0]
    assert f"{small / 'cases' / 'straat.json'}: /title: saved as “Straat in bloei”" in tried[0]
    assert tried[0] == tried[1]
    assert tried[0].replace(" Nothing was changed: this was a dry run.", "") == done
    write(small, a_case("straat", scale="x"))
    assert failed(run("seed", small, "--dry-run")) == failed(run("seed", small))


def test_many_mistakes_are_reported_in_part(run: Run, small: Path) -> None:
    succeeded(run("db", "upgrade"))
    write(small, a_case("tuin") | {f"sleutel{number}": 1 for number in range(300)})

    output = failed(run("seed", small))

    assert output.count("There is no key") == 100
    assert "… and 200 more." in output
    assert "Mistakes in the files: 300. Nothing was changed." in output


def test_names_on_the_command_line_are_normalised_or_refused(run: Run, tmp_path: Path) -> None:
    succeeded(run("db", "upgrade"))
    create = ("token", "create", "--role", "editor", "--owner")
    for owner in ("An\u200bna\u202e  de\nWit", "An\u00adna\u00a0de Wit "):
        assert run(*create, owner).exit_code == 0
    (tmp_path / "x.json").write_text("[]")

    assert run("token", "list").stdout.count("\tAnna de Wit\t") == 2
    for name in ("\u200b\u2060", " ", "x" * 201, "Anna\udcff", "se\u200bed"):
        assert run(*create, name).exit_code == 2
    for name in ("\u200b", "Anna\udcff"):
        assert run("import", tmp_path / "x.json", "--author", name).exit_code == 2
        assert run("partner", "add", name, "--origin", "https://a.nl").exit_code == 2
    succeeded(run("partner", "add", "Gemeente\u200b  Ede", "--origin", "https://a.nl"))
    assert run("partner", "list").stdout.startswith("Gemeente Ede\t")
    assert "Removed" in succeeded(run("partner", "remove", "Gemeente Ede\u00ad"))


def test_a_database_that_does_not_answer_is_reported_without_its_password(run: Run) -> None:
    url = "postgresql+psycopg://kb:geheim@127.0.0.1:1/kb"

    for command in (("seed",), ("db", "upgrade"), ("index", "rebuild")):
        output = failed(run(*command, KB_DATABASE_URL=url))
        assert "127.0.0.1" in output
        assert "geheim" not in output


def test_what_is_no_database_is_called_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database\n" * 100)

    output = failed(run("token", "list", KB_DATABASE_URL=f"sqlite:///{tmp_path}/notes.txt"))

    assert "`kb restore` brings a backup back" in output
    assert "db upgrade" not in output


def test_a_folder_that_cannot_be_made_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    output = failed(run("db", "upgrade", KB_DATA_DIR=str(tmp_path / "file")))

    assert f"The folder {tmp_path}/file cannot be made" in output
    assert "KB_DATA_DIR" in output


def test_a_bad_setting_is_reported(run: Run) -> None:
    assert "KB_PORT must be a number, not 'http'" in failed(run("index", "check", KB_PORT="http"))


def test_an_index_that_differs_is_reported_and_can_be_brought_level(
    run: Run, small: Path, prepared: None
) -> None:
    write(small, a_case("plein"))
    succeeded(run("seed", small))

    output = failed(run("index", "check"))

    assert "missing: case:plein\n" in output
    assert "changes not taken over yet: 1\n" in output
    succeeded(run("index", "catch-up"))
    succeeded(run("index", "check"))


def test_every_document_that_differs_is_named(run: Run, prepared: None, tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "var" / "index")
    with engine.writing() as batch:
        batch.remove("case:straat")
        batch.remove("pitfall:tuin--korte-adem")
        batch.put(SearchDocument("study", "verzonnen", "Verzonnen"))
    engine.close()

    output = failed(run("index", "check"))

    assert output == (
        "missing: case:straat\n"
        "missing: pitfall:tuin--korte-adem\n"
        "should not be there: study:verzonnen\n"
    )
    succeeded(run("index", "rebuild"))
    succeeded(run("index", "check"))


def test_without_an_index_check_fails_and_catch_up_makes_one(run: Run, small: Path) -> None:
    succeeded(run("db", "upgrade"))
    succeeded(run("seed", small))

    for command in (("index", "check"), ("index", "save", str(small / "index.tar"))):
        assert "make it with `kb index rebuild`" in failed(run(*command))
    succeeded(run("index", "catch-up"))
    succeeded(run("index", "check"))


def test_an_index_in_use_is_reported(run: Run, prepared: None, tmp_path: Path) -> None:
    [lock] = [path for path in (tmp_path / "var").rglob("*") if "lock" in path.name.lower()][:1]

    with FileLock(lock):
        output = failed(run("index", "rebuild"))

    assert "The index is in use" in output
    succeeded(run("index", "rebuild"))


def test_the_openapi_document_goes_to_standard_output(run: Run) -> None:
    result = run("openapi")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["openapi"].startswith("3.1")


@pytest.mark.slow
def test_two_upgrades_at_once_in_processes_of_their_own(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from kb.cli.main import main; main()", "db", "upgrade"]
    environment = {"KB_DATA_DIR": str(tmp_path / "var"), "PATH": "/usr/bin:/bin"}

    processes = [
        subprocess.Popen(
            command, env=environment, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]

    errors = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors


@pytest.mark.parametrize("words", [(), ("db",), ("index",)])
def test_help_lists_the_commands(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words, "--help")

    assert result.exit_code == 0
    assert "Commands:" in result.stdout
