"""A backup holds one moment of everything, is checked, and makes an empty machine whole again."""

from __future__ import annotations

import contextlib
import lzma
import os
import shutil
import sqlite3
import subprocess
import tarfile
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from kb.backups import backup, postgres_programs
from kb.cases import queries
from kb.cases.model import Case
from kb.cli.main import main
from kb.database import now
from kb.editors import workflow
from kb.migrations.steps import newest
from kb.search import consistency
from schemas.cases import CaseDocument
from tests.builders import a_case
from tests.conftest import KnowledgeBase, make, need, until
from tests.durability.served import serving
from tests.migrations.test_releases import RELEASES


def url_of(kb: KnowledgeBase) -> str:
    """The address of its database."""
    url: str = kb.app.extensions["kb"].settings.database_url
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

    backup.backup(url_of(any_kb), tmp_path / "kb.backups.backup")
    any_kb.publish(a_case("later"))
    empty = another_database(url_of(any_kb), tmp_path)
    backup.restore(empty, tmp_path / "kb.backups.backup")

    restored = make(tmp_path / "elsewhere", empty)
    with restored.database.reading() as session:
        assert [case.slug for case in queries.every(session, Case)] == ["plein", "tuin"]
    assert not consistency.check(restored.database, restored.engine)
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
    backup.backup(url_of(kb), tmp_path / "kb.backups.backup")
    kb.publish(a_case("plein"))

    backup.restore(url_of(kb), tmp_path / "kb.backups.backup")
    kb.catch_up()

    assert kb.client.get("/v1/cases/plein").status_code == 404
    assert kb.client.get("/v1/cases").json["page"]["totalItems"] == 1


@pytest.mark.parametrize("harm", ["cut", "noise", "empty", "other"])
def test_a_damaged_backup_changes_nothing(kb: KnowledgeBase, tmp_path: Path, harm: str) -> None:
    kb.publish(a_case("tuin"))
    file = tmp_path / "kb.backups.backup"
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
    (tmp_path / "kb.backups.backup").write_text("precious")

    with pytest.raises(backup.BackupFailed, match="exists already"):
        backup.backup(url_of(kb), tmp_path / "kb.backups.backup")

    assert (tmp_path / "kb.backups.backup").read_text() == "precious"


def test_the_commands_copy_and_bring_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path / "one"))
    (tmp_path / "one").mkdir()
    made = make(tmp_path / "one")
    made.publish(a_case("tuin"))
    made.close()
    run = CliRunner()
    file = str(tmp_path / "kb.backups.backup")

    written = run.invoke(main, ["backup", file])
    again = run.invoke(main, ["backup", file])
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path / "two"))
    refused = run.invoke(main, ["restore", file], input="n\n")
    restored = run.invoke(main, ["restore", file, "--yes"])
    checked = run.invoke(main, ["index", "check"])

    assert (written.exit_code, again.exit_code, refused.exit_code) == (0, 1, 1)
    assert (restored.exit_code, checked.exit_code) == (0, 0)
    assert "exists already" in again.output


SIGNS = "nacht #2? 100% %41 &é.backup"


def test_names_of_files_are_names(any_kb: KnowledgeBase, tmp_path: Path) -> None:
    need_programs(any_kb)
    any_kb.publish(a_case("tuin"))
    backup.backup(url_of(any_kb), tmp_path / "nacht")
    any_kb.publish(a_case("plein"))
    backup.backup(url_of(any_kb), tmp_path / SIGNS)
    any_kb.publish(a_case("straat"))

    backup.restore(url_of(any_kb), tmp_path / SIGNS)
    any_kb.catch_up()

    assert public(any_kb) == ["plein", "tuin"]
    assert {"nacht", SIGNS} <= {path.name for path in tmp_path.iterdir()}


def need_programs(kb: KnowledgeBase) -> None:
    if not url_of(kb).startswith("sqlite"):
        need("postgresql", bool(shutil.which("pg_dump")), "apt-get install postgresql-client")


def public(kb: KnowledgeBase) -> list[str]:
    with kb.database.reading() as session:
        return sorted(case.slug for case in queries.every(session, Case))


def test_a_backup_can_be_read_by_its_owner_alone(any_kb: KnowledgeBase, tmp_path: Path) -> None:
    need_programs(any_kb)
    modes = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            for path in tmp_path.glob("kb.backups.backup*"):
                with contextlib.suppress(FileNotFoundError):
                    modes.add(path.stat().st_mode & 0o777)

    looking = threading.Thread(target=look)
    before = os.umask(0)
    looking.start()
    try:
        backup.backup(url_of(any_kb), tmp_path / "kb.backups.backup")
    finally:
        done.set()
        looking.join()
        os.umask(before)

    assert modes == {0o600}
    assert (tmp_path / "kb.backups.backup").stat().st_mode & 0o777 == 0o600


def test_a_backup_of_a_newer_release_changes_nothing(any_kb: KnowledgeBase, tmp_path: Path) -> None:
    need_programs(any_kb)
    any_kb.publish(a_case("tuin"))
    with any_kb.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(backup.BackupFailed, match="newer release"):
        backup.backup(url_of(any_kb), tmp_path / "newer.backup")
    newer = tmp_path / "newer.backup"
    if url_of(any_kb).startswith("sqlite"):
        with sqlite3.connect(make_url(url_of(any_kb)).database or "") as from_:
            from_.backup(sqlite3.connect(newer))
    else:
        newer.touch()
        postgres_programs.dump(make_url(url_of(any_kb)), newer)
    with any_kb.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": newest()})
    any_kb.publish(a_case("plein"))

    with pytest.raises(backup.BackupFailed, match="newer release"):
        backup.restore(url_of(any_kb), newer)

    assert public(any_kb) == ["plein", "tuin"]


def test_a_backup_that_cannot_be_upgraded_changes_nothing(
    any_kb: KnowledgeBase, tmp_path: Path
) -> None:
    """Its tables say that they are older than they are, so the steps meet what they would make."""
    need_programs(any_kb)
    any_kb.publish(a_case("tuin"))
    say_version = text("UPDATE alembic_version SET version_num = :version")
    with any_kb.database.transaction() as session:
        session.execute(say_version, {"version": "0001"})
    backup.backup(url_of(any_kb), tmp_path / "odd.backup")
    with any_kb.database.transaction() as session:
        session.execute(say_version, {"version": newest()})
    any_kb.publish(a_case("plein"))

    with pytest.raises(backup.BackupFailed, match="cannot be brought to this release"):
        backup.restore(url_of(any_kb), tmp_path / "odd.backup")

    assert public(any_kb) == ["plein", "tuin"]
    any_kb.publish(a_case("straat"))
    assert not [*tmp_path.glob("*.former-*"), *tmp_path.glob("*.restoring*")]


def test_a_backup_of_an_earlier_release_is_brought_to_this_one(
    any_kb: KnowledgeBase, tmp_path: Path
) -> None:
    need_programs(any_kb)
    any_kb.publish(a_case("plein"))
    if url_of(any_kb).startswith("sqlite"):
        with tarfile.open(RELEASES / "1.0.0.tar.xz") as release:
            release.extractall(tmp_path / "earlier", filter="data")
        earlier = tmp_path / "earlier" / "kb.sqlite3"
    else:
        earlier = tmp_path / "earlier.backup"
        earlier.touch()
        old = another_database(url_of(any_kb), tmp_path)
        script = lzma.decompress((RELEASES / "1.0.0.sql.xz").read_bytes())
        address = make_url(old).set(drivername="postgresql").render_as_string()
        command = ["psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={address}"]
        subprocess.run(command, input=script, check=True, stdout=subprocess.DEVNULL)
        postgres_programs.dump(make_url(old), earlier)

    backup.restore(url_of(any_kb), earlier)
    any_kb.catch_up()

    assert "place2bu-utrecht" in public(any_kb)
    assert any_kb.client.get("/v1/cases/place2bu-utrecht").status_code == 200
    any_kb.publish(a_case("straat"))


def test_a_damaged_database_is_set_aside_for_what_is_restored(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = make(tmp_path / "whole")
    whole.publish(a_case("tuin"))
    backup.backup(url_of(whole), tmp_path / "kb.backups.backup")
    whole.close()
    database = tmp_path / "kb.sqlite3"
    database.write_bytes(b"what was left of it " * 1000)

    backup.restore(f"sqlite:///{database}", tmp_path / "kb.backups.backup")

    [damaged] = tmp_path.glob("kb.sqlite3.damaged-*")
    assert damaged.read_bytes().startswith(b"what was left")
    restored = make(tmp_path)
    assert public(restored) == ["tuin"]
    restored.close()


def test_the_database_is_no_backup_of_itself(kb: KnowledgeBase) -> None:
    file = Path(make_url(url_of(kb)).database or "")

    with pytest.raises(backup.BackupFailed, match="itself"):
        backup.restore(url_of(kb), file)


@pytest.mark.postgresql
def test_no_password_is_among_the_arguments_of_a_program(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs of that name which write down how they were called, and then do the work."""
    programs, calls = tmp_path / "bin", tmp_path / "calls"
    programs.mkdir()
    for name in ("pg_dump", "pg_restore", "psql"):
        program = shutil.which(name)
        need("postgresql", bool(program), "apt-get install postgresql-client")
        (programs / name).write_text(
            f'#!/bin/sh\n[ -z "$PGPASSFILE" ] || [ -z "$PGPASSWORD" ] || exit 1\n'
            f'echo "{name} $* [${{PGPASSFILE:-}}]" >> "{calls}"\n'
            f'[ -z "$PGPASSFILE" ] || stat -c "mode %a" "$PGPASSFILE" >> "{calls}"\n'
            f'[ -z "$PGPASSFILE" ] || cat "$PGPASSFILE" >> "{calls}"\nexec {program} "$@"\n'
        )
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("PGPASSWORD", "of another server, in the shell of who calls us")
    made = make(tmp_path / "index", postgres_url)
    made.publish(a_case("tuin"))
    url = make_url(postgres_url).set(password="zo:ge\\heim").render_as_string(hide_password=False)

    backup.backup(url, tmp_path / "kb.backups.backup")
    backup.restore(url, tmp_path / "kb.backups.backup")

    assert public(made) == ["tuin"]
    made.close()
    lines = calls.read_text().splitlines()
    assert {line.split()[0] for line in lines} >= {"pg_dump", "pg_restore", "psql", "mode"}
    assert [line for line in lines if "heim" in line and not line.startswith("*:*:*:*:")] == []
    assert r"*:*:*:*:zo\:ge\\heim" in lines
    assert {line for line in lines if line.startswith("mode")} == {"mode 600"}
    passfiles = {line.rpartition("[")[2].rstrip("]") for line in lines if "[" in line} - {""}
    assert not any(Path(name).exists() for name in passfiles)


@pytest.mark.slow
def test_running_servers_read_what_was_restored(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    made = make(folder)
    made.publish(a_case("tuin"))
    backup.backup(url_of(made), tmp_path / "kb.backups.backup")
    made.publish(a_case("plein"))
    made.close()

    with serving(folder, f"sqlite:///{folder / 'kb.sqlite3'}") as served:
        assert served.get("/v1/cases/plein")[0] == 200
        restored = served.run("restore", str(tmp_path / "kb.backups.backup"), "--yes")

        assert restored.returncode == 0, restored.stderr
        assert "Servers that run read it" in restored.stderr
        until(lambda: {served.get("/v1/cases/plein")[0] for _ in range(6)} == {404})
        assert {served.get("/v1/cases/tuin")[0] for _ in range(6)} == {200}
