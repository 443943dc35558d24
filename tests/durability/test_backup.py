"""A backup holds one moment of everything, is checked, and makes an empty machine whole again."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from kb import backup
from kb.cases import queries
from kb.cli import main
from kb.database import now
from kb.editors import workflow
from kb.search import catch_up
from schemas.cases import CaseDocument
from tests.builders import a_case
from tests.conftest import KnowledgeBase, make, need


def url_of(kb: KnowledgeBase) -> str:
    """The address of its database."""
    url: str = kb.app.extensions["kb.settings"].database_url
    return url


def publish_in_the_database(kb: KnowledgeBase, slug: str) -> None:
    """Publish a case and leave the index alone."""
    with kb.database.transaction() as session:
        case = CaseDocument().load(a_case(slug))
        draft = workflow.save_draft(session, case, author="redactie", at=now())
        workflow.publish(session, draft, at=now())


def test_what_was_backed_up_comes_back_on_an_empty_machine(
    any_kb: KnowledgeBase, tmp_path: Path
) -> None:
    if not url_of(any_kb).startswith("sqlite"):
        need("postgresql", bool(shutil.which("pg_dump")), "apt-get install postgresql-client")
    any_kb.publish(a_case("tuin"), a_case("plein"))

    backup.backup(url_of(any_kb), tmp_path / "kb.backup")
    any_kb.publish(a_case("later"))
    empty = another_database(url_of(any_kb), tmp_path)
    backup.restore(empty, tmp_path / "kb.backup")

    restored = make(tmp_path / "elsewhere", empty)
    with restored.database.reading() as session:
        assert [case.slug for case in queries.every(session, "case")] == ["plein", "tuin"]
    assert not catch_up.check(restored.database, restored.engine)
    restored.close()


def another_database(url: str, folder: Path) -> str:
    """An empty place of the same kind."""
    if url.startswith("sqlite"):
        (folder / "elsewhere").mkdir()
        return f"sqlite:///{folder / 'elsewhere' / 'kb.sqlite3'}"
    name = f"{make_url(url).database}_elsewhere"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return make_url(url).set(database=name).render_as_string()


def test_a_backup_is_of_one_moment_while_editors_write(kb: KnowledgeBase, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            publish_in_the_database(kb, f"tuin-{number}")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup.backup(url_of(kb), tmp_path / f"{number}.backup")
    finally:
        done.set()
        writer.join()

    for number in range(5):
        with sqlite3.connect(tmp_path / f"{number}.backup") as copy:
            (cases,) = copy.execute("SELECT count(*) FROM case_study").fetchone()
            (changes,) = copy.execute("SELECT count(*) FROM change WHERE kind = 'case'").fetchone()
            (last,) = copy.execute("SELECT last FROM change_counter").fetchone()
            (newest,) = copy.execute("SELECT max(number) FROM change").fetchone()
        assert (cases, last) == (changes, newest)


def test_a_running_system_follows_what_was_restored(kb: KnowledgeBase, tmp_path: Path) -> None:
    kb.publish(a_case("tuin"))
    backup.backup(url_of(kb), tmp_path / "kb.backup")
    kb.publish(a_case("plein"))

    backup.restore(url_of(kb), tmp_path / "kb.backup")
    kb.catch_up()

    assert kb.client.get("/v1/cases/plein").status_code == 404
    assert kb.client.get("/v1/cases").json["page"]["totalItems"] == 1


@pytest.mark.parametrize("harm", ["cut", "noise", "empty", "other"])
def test_a_damaged_backup_changes_nothing(kb: KnowledgeBase, tmp_path: Path, harm: str) -> None:
    kb.publish(a_case("tuin"))
    file = tmp_path / "kb.backup"
    backup.backup(url_of(kb), file)
    whole = file.read_bytes()
    if harm == "other":
        file.unlink()
        with sqlite3.connect(file) as other:
            other.execute("CREATE TABLE something (else_ int)")
    else:
        middle = len(whole) // 2
        file.write_bytes({"cut": whole[:middle], "noise": b"\x07" * len(whole), "empty": b""}[harm])

    with pytest.raises(backup.BackupFailed):
        backup.restore(url_of(kb), file)

    assert kb.client.get("/v1/cases/tuin").status_code == 200


def test_no_backup_is_overwritten(kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "kb.backup").write_text("precious")

    with pytest.raises(backup.BackupFailed, match="exists already"):
        backup.backup(url_of(kb), tmp_path / "kb.backup")

    assert (tmp_path / "kb.backup").read_text() == "precious"


def test_the_commands_copy_and_bring_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path / "one"))
    (tmp_path / "one").mkdir()
    made = make(tmp_path / "one")
    made.publish(a_case("tuin"))
    made.close()
    run = CliRunner()
    file = str(tmp_path / "kb.backup")

    written = run.invoke(main, ["backup", file])
    again = run.invoke(main, ["backup", file])
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path / "two"))
    refused = run.invoke(main, ["restore", file], input="n\n")
    restored = run.invoke(main, ["restore", file, "--yes"])
    checked = run.invoke(main, ["index", "check"])

    assert (written.exit_code, again.exit_code, refused.exit_code) == (0, 1, 1)
    assert (restored.exit_code, checked.exit_code) == (0, 0)
    assert "exists already" in again.output
