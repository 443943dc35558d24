"""Threads begin with the server that answers, not with the application, and end with it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flask import Flask

from kb.app import create_app
from kb.database import now
from kb.search.catch_up import newest_change
from kb.settings import Settings
from kb.sharing import partners
from tests.builders import a_case
from tests.conftest import KnowledgeBase, until


def names() -> list[str]:
    return sorted(each.name for each in threading.enumerate() if each.name.startswith("kb-"))


@pytest.fixture
def app(kb: KnowledgeBase) -> Flask:
    """A second application on the same data."""
    settings: Settings = kb.app.extensions["kb"].settings
    return create_app(settings)


def test_making_applications_begins_nothing(kb: KnowledgeBase, app: Flask) -> None:
    create_app(kb.app.extensions["kb"].settings)

    assert names() == []


def test_they_begin_once_and_end_when_they_are_told(kb: KnowledgeBase, app: Flask) -> None:
    background = app.extensions["kb"].background

    for _ in range(3):
        background.start()
    assert names() == ["kb-follower", "kb-partners"]
    background.stop()
    background.stop()
    assert names() == []

    background.start()  # and it may begin anew
    until(lambda: background.seen is not None)
    background.stop()


def test_under_any_server_they_begin_with_the_first_request(kb: KnowledgeBase, app: Flask) -> None:
    try:
        assert app.test_client().get("/health/live").status_code == 200
        assert names() == ["kb-follower", "kb-partners"]
        kb.publish(a_case("tuin"))
        newest = newest_change(kb.database)
        until(lambda: app.extensions["kb"].background.seen == newest)
    finally:
        app.extensions["kb"].background.stop()


def test_what_was_counted_is_written_at_the_end(kb: KnowledgeBase, app: Flask) -> None:
    with kb.database.transaction() as session:
        partners.add(session, "Portaal", ["https://www.portaal.nl"], now())
    background = app.extensions["kb"].background
    background.start()
    asked = {"Origin": "https://www.portaal.nl"}
    assert app.test_client().get("/v1/cases", headers=asked).status_code == 200

    background.stop()

    with kb.database.reading() as session:
        [use] = partners.usage(session, now().date())
    assert use.requests == 1


FORKED = """
import os, sys
from kb.app import create_app
app = create_app()
background = app.extensions["kb"].background
background.start()  # as a server that loads the application before it forks
if os.fork() == 0:
    assert app.test_client().get("/health/live").status_code == 200
    assert background.follower.is_alive()
    sys.exit(0)
_, status = os.wait()
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_process_that_was_forked_has_threads_of_its_own(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    environment = {"KB_DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", FORKED], env=environment, timeout=60, check=False)

    assert done.returncode == 0
