"""Of two writers the second waits, or says that it could not; nothing of either is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kb.search import consistency
from kb.search.engine import IndexBusy, SearchDocument
from kb.search.follower import Follower
from kb.search.whoosh_engine import WhooshEngine
from tests.builders import a_case
from tests.conftest import KnowledgeBase, until
from tests.durability import holder, rounds
from tests.durability.served import serving
from tests.durability.test_backup import publish_in_the_database
from tests.processes import beside

Release = Callable[[], None]


@contextmanager
def holding(folder: Path, slug: str) -> Iterator[Release]:
    """Another process in the middle of its writing, which goes on when it is released."""

    def release() -> None:
        child.connection.send("go on")
        child.end()

    with beside(holder.hold, folder, slug) as child:
        assert child.receive() == "holding"
        yield release


def index_of(kb: KnowledgeBase) -> Path:
    """The folder of its index."""
    folder: Path = kb.app.extensions["kb"].settings.index_dir
    return folder


def test_a_second_writer_says_so_when_its_wait_is_over(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    second = WhooshEngine(index_of(kb), lock_timeout=0.3)
    with holding(index_of(kb), "plein") as release:
        begun = time.monotonic()
        with pytest.raises(IndexBusy, match=r"another writer held .* for 0\.3 s"):
            put(second, "straat")
        assert time.monotonic() - begun >= 0.3
        release()

    assert {"case:tuin", "case:plein"} <= set(second.keys())
    assert set(second.keys()).isdisjoint({"case:straat"})
    second.close()


def test_a_second_writer_waits_and_adds_to_what_the_first_saved(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    second = WhooshEngine(index_of(kb), lock_timeout=60)
    writer = threading.Thread(target=put, args=(second, "straat"))
    with holding(index_of(kb), "plein") as release:
        writer.start()
        time.sleep(0.3)
        assert writer.is_alive()
        release()
        writer.join(timeout=60)

    assert not writer.is_alive()
    assert {"case:tuin", "case:plein", "case:straat"} <= set(second.keys())
    second.close()


def test_a_writer_that_is_killed_leaves_nothing_behind(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    second = WhooshEngine(index_of(kb), lock_timeout=5)
    with holding(index_of(kb), "plein"):
        pass  # killed at the end, in the middle of its writing

    put(second, "straat")

    assert {"case:tuin", "case:straat"} <= set(second.keys())
    assert set(second.keys()).isdisjoint({"case:plein"})
    second.close()


def put(engine: WhooshEngine, slug: str) -> None:
    """Write one document."""
    with engine.writing() as batch:
        batch.put(SearchDocument("case", slug, slug.capitalize()))


def test_a_follower_that_finds_the_index_in_use_tries_again(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    hasty = WhooshEngine(index_of(kb), lock_timeout=0.05)
    follower = Follower(kb.database, hasty, poll_seconds=0.05)
    with holding(index_of(kb), "verzonnen") as release:
        publish_in_the_database(kb, "plein")
        follower.start()
        time.sleep(0.5)
        assert set(kb.engine.keys()).isdisjoint({"case:plein"})
        release()
    until(lambda: {"case:plein"} <= set(kb.engine.keys()))
    follower.stop()
    follower.join()
    hasty.close()


@pytest.mark.slow
def test_an_index_is_made_anew_beside_a_running_server(kb: KnowledgeBase, tmp_path: Path) -> None:
    rounds.take_round(kb.database, 1)
    kb.catch_up()
    with serving(tmp_path, kb.app.extensions["kb"].settings.database_url) as served:
        results = []
        for number in (2, 3):
            rounds.take_round(kb.database, number)  # the server's followers take it over
            results.append(served.run("index", "rebuild"))
            assert served.get("/v1/cases")[0] == 200
        until(lambda: not consistency.check(kb.database, kb.engine))  # the followers have it
        checked = served.run("index", "check")
        log = served.log.read_text()

    assert [each.returncode for each in results] == [0, 0], results
    assert all("The index was made anew" in each.stderr for each in results)
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in log
    assert "ERROR" not in log
    kb.catch_up()
    assert not consistency.check(kb.database, kb.engine)
