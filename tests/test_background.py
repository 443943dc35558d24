"""Threads start with the server that answers, not with the application, and stop with it."""

from __future__ import annotations

import runpy
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from kb.app import create_app
from kb.cases.changes import last_position
from kb.database import now
from kb.editors import workflow
from kb.settings import Settings
from kb.sharing import partners
from schemas.cases import CaseDocument
from tests.builders import a_case
from tests.conftest import KnowledgeBase, until
from tests.durability.served import serving

WSGI = Path(__file__).parents[1] / "wsgi.py"


def names() -> list[str]:
    return sorted(each.name for each in threading.enumerate() if each.name.startswith("kb-"))


@pytest.fixture
def app(kb: KnowledgeBase) -> Flask:
    """A second application on the same data."""
    settings: Settings = kb.app.extensions["kb"].settings
    return create_app(settings)


def open_files() -> set[str]:
    """The files that this process has open."""
    return {str(each.resolve()) for each in Path("/proc/self/fd").iterdir()}


def test_making_applications_begins_nothing(kb: KnowledgeBase, app: Flask) -> None:
    before = open_files()

    made = [create_app(kb.app.extensions["kb"].settings) for _ in range(2)]

    assert names() == []
    assert open_files() == before
    assert not any(each.extensions["kb"].background.is_running for each in made)


def test_making_an_application_writes_nothing(tmp_path: Path) -> None:
    create_app(Settings(data_dir=tmp_path / "var"))

    assert list(tmp_path.iterdir()) == []


def test_they_begin_once_and_end_when_they_are_stopped(kb: KnowledgeBase, app: Flask) -> None:
    background = app.extensions["kb"].background

    for _ in range(3):
        background.start()
    assert names() == ["kb-follower", "kb-partners", "kb-retention"]
    background.stop()
    background.stop()
    assert names() == []

    background.start()  # and it may begin anew
    until(lambda: background.newest_change is not None)
    background.stop()


@pytest.fixture
def loaded(kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application that servers other than ours load, on the same data."""
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path))
    app: Flask = runpy.run_path(str(WSGI))["app"]
    yield app
    app.extensions["kb"].background.stop()
    app.extensions["kb"].search.close()
    app.extensions["kb"].database.dispose()


def test_under_any_server_they_begin_with_the_first_request(
    kb: KnowledgeBase, loaded: Flask
) -> None:
    assert names() == []
    assert loaded.test_client().get("/health/live").status_code == 200
    assert names() == ["kb-follower", "kb-partners", "kb-retention"]
    kb.publish(a_case("tuin"))
    with kb.database.reading() as session:
        newest = last_position(session)
    until(lambda: loaded.extensions["kb"].background.newest_change == newest)


def test_a_process_that_begins_waits_until_its_index_is_level(
    kb: KnowledgeBase, app: Flask
) -> None:
    with kb.database.transaction() as session:  # while nothing follows
        case = CaseDocument().load(a_case("tuin"))
        draft = workflow.save_draft(session, case, author="redactie", at=now())
        workflow.publish(session, draft, at=now())
    background = app.extensions["kb"].background

    background.start()
    background.wait_for_first_poll(60)

    assert [each["id"] for each in app.test_client().get("/v1/cases").json["items"]] == ["tuin"]
    background.stop()


def test_a_process_begins_without_its_database(tmp_path: Path) -> None:
    nowhere = Settings(data_dir=tmp_path, database_url="postgresql+psycopg://kb@127.0.0.1:1/kb")
    background = create_app(nowhere).extensions["kb"].background
    background.start()

    start = time.monotonic()
    background.wait_for_first_poll(60)

    assert time.monotonic() - start < 30
    background.stop()


def test_a_client_of_tests_begins_nothing(kb: KnowledgeBase, app: Flask) -> None:
    assert app.test_client().get("/v1/cases").status_code == 200
    assert names() == []


def test_what_was_counted_is_written_at_the_end(kb: KnowledgeBase, app: Flask) -> None:
    with kb.database.transaction() as session:
        partners.add(session, "Portaal", ["https://www.portaal.nl"], now())
    background = app.extensions["kb"].background
    background.start()
    headers = {"Origin": "https://www.portaal.nl"}
    assert app.test_client().get("/v1/cases", headers=headers).status_code == 200

    background.stop()

    with kb.database.reading() as session:
        [use] = partners.usage(session, now().date() - timedelta(days=1))
    assert use.requests == 1


def test_they_end_with_our_server(kb: KnowledgeBase, tmp_path: Path) -> None:
    with kb.database.transaction() as session:
        partners.add(session, "Portaal", ["https://www.portaal.nl"], now())
    with serving(tmp_path, kb.app.extensions["kb"].settings.database_url) as served:
        request = urllib.request.Request(
            f"http://127.0.0.1:{served.port}/v1/cases", headers={"Origin": "https://www.portaal.nl"}
        )
        urllib.request.urlopen(request, timeout=10).close()

    with kb.database.reading() as session:
        [use] = partners.usage(session, now().date() - timedelta(days=1))
    assert use.requests == 1


FORKED = """
import os, sys, threading, time
from wsgi import app
background = app.extensions["kb"].background
assert threading.active_count() == 1  # as a server that loads the application before it forks
children = []
for _ in range(2):
    if (child := os.fork()) == 0:
        assert background.newest_change is None
        assert not background.is_running
        assert app.test_client().get("/v1/cases").status_code == 200
        assert background.is_running
        assert {"kb-follower", "kb-partners"} <= {each.name for each in threading.enumerate()}
        while background.newest_change is None:
            time.sleep(0.01)
        background.stop()
        assert threading.active_count() == 1
        os._exit(0)
    children.append(child)
sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""


def test_a_process_that_was_forked_has_threads_of_its_own(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    environment = {"KB_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", FORKED]
    done = subprocess.run(command, env=environment, cwd=WSGI.parent, timeout=60, check=False)

    assert done.returncode == 0
