"""A full disk stops the index from moving on, and nothing else; it goes on once there is room.

As root, on a small file system of our own that is really full. Else the same by a limit on the
size of a file that a process may write, which needs nobody's permission.
"""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from kb.search import catch_up, consistency
from kb.search.engine import SearchUnavailable
from kb.search.whoosh_engine import WhooshEngine
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase, make, until
from tests.durability.disk import Disk, a_disk
from tests.durability.following import following
from tests.durability.served import KB
from tests.durability.test_backup import publish_in_the_database

pytestmark = pytest.mark.filterwarnings(
    # files that could not be written to their end cannot be closed well either
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
PAGE = 4096  # bytes; what the file system gives out at a time


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk, where that can be had."""
    with a_disk(tmp_path / "disk", "4m") as made:
        yield made


@pytest.fixture
def small(disk: Disk, tmp_path: Path) -> Iterator[KnowledgeBase]:
    """A knowledge base with its index on the small disk and its database elsewhere."""
    kb = make(disk.place, f"sqlite:///{tmp_path / 'kb.sqlite3'}")
    kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin")]))
    yield kb
    disk.clear()
    kb.close()


def searchable(kb: KnowledgeBase) -> set[str] | None:
    """The cases in the list, which counts them right; None when it answers 503."""
    answer = kb.client.get("/v1/cases?facets=municipality&pageSize=100")
    assert answer.status_code in {200, 503}, answer.text
    if answer.status_code == 503:
        return None
    ids = {item["id"] for item in answer.json["items"]}
    [place] = answer.json["facets"]["municipality"]["values"]
    assert len(ids) == answer.json["page"]["totalItems"] == place["count"]
    return ids


def searchable_when_reopened(kb: KnowledgeBase) -> set[str] | None:
    """The cases that a process which starts now finds; None when there is no index to ask."""
    fresh = WhooshEngine(kb.app.extensions["kb"].settings.index_dir)
    try:
        keys = fresh.keys()
        return {key.removeprefix("case:") for key in keys if key.startswith("case:")}
    except SearchUnavailable:
        return None
    finally:
        fresh.close()


def assert_heals(kb: KnowledgeBase, expected: set[str]) -> None:
    """Everything is found soon, without a hand."""
    until(lambda: searchable(kb) == expected)
    assert searchable_when_reopened(kb) == expected
    assert not consistency.check(kb.database, kb.engine)


def test_a_running_system_on_a_disk_that_fills_up(
    small: KnowledgeBase, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.leave(0)
    with following(small), caplog.at_level(logging.WARNING, "kb.search"):
        publish_in_the_database(small, "plein")

        until(lambda: "could not follow" in caplog.text)
        for _ in range(20):  # polls of the follower go on
            assert searchable(small) in ({"tuin"}, None)
            assert searchable_when_reopened(small) in ({"tuin"}, None)
            assert small.client.get("/v1/cases/plein").status_code == 200
            assert small.client.get("/v1/cases/tuin").status_code == 200
            time.sleep(0.05)
        assert "follows the database again" not in caplog.text
        publish_in_the_database(small, "straat")

        disk.clear()

        assert_heals(small, {"tuin", "plein", "straat"})
        until(lambda: "follows the database again" in caplog.text)

    failures = [record for record in caplog.records if "could not follow" in record.message]
    assert [record.levelname for record in failures] == ["WARNING"]


@pytest.mark.slow
def test_a_disk_that_fills_up_at_any_moment_of_saving(small: KnowledgeBase, disk: Disk) -> None:
    """Leave a page more each time, so that each file in turn is the one that does not fit."""
    public, outcomes = {"tuin"}, set[bool]()
    for pages in (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256):
        before = set(public)
        public.add(f"plein-{pages}")
        publish_in_the_database(small, f"plein-{pages}")
        disk.leave(pages * PAGE)
        for bring_level in (catch_up.catch_up, catch_up.rebuild):
            saved = True
            try:
                bring_level(small.database, small.engine)
            except OSError:
                saved = False
            before = public if saved else before
            allowed = (before,) if saved else (before, None)
            assert searchable(small) in allowed, pages
            assert searchable_when_reopened(small) in allowed, pages
            outcomes.add(saved)
        disk.clear()
        small.catch_up()
        assert searchable(small) == searchable_when_reopened(small) == public, pages
    assert not consistency.check(small.database, small.engine)
    assert outcomes == {True, False}


@pytest.mark.parametrize(
    ("command", "kilobytes"),
    [
        ("catch-up", 0),
        pytest.param("catch-up", 8, marks=pytest.mark.slow),
        pytest.param("rebuild", 4, marks=pytest.mark.slow),
        pytest.param("rebuild", 16, marks=pytest.mark.slow),
    ],
)
def test_a_command_that_may_not_write_more(
    kb: KnowledgeBase, tmp_path: Path, command: str, kilobytes: int
) -> None:
    """The same without a disk of our own: a process that may not write larger files."""
    kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin")]))
    publish_in_the_database(kb, "plein")
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (kilobytes * 1024,) * 2)
    environment = os.environ | {"KB_DATA_DIR": str(tmp_path), "KB_DATABASE_URL": ""}

    tried = subprocess.run(
        [KB, "index", command],
        preexec_fn=limit,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    now, anew = searchable(kb), searchable_when_reopened(kb)
    kb.catch_up()

    if tried.returncode == 0:
        assert now == anew == {"tuin", "plein"}
    else:
        assert tried.returncode == 1
        assert now in ({"tuin"}, None)
        assert anew in ({"tuin"}, None)
        assert "Traceback" not in tried.stderr
        assert "Error: The index could not be written" in tried.stderr
    assert searchable(kb) == searchable_when_reopened(kb) == {"tuin", "plein"}
    assert not consistency.check(kb.database, kb.engine)
