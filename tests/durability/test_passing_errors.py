"""What the machine cannot do just now discards no index; nor do two releases, over and over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kb.cases.changes import last_number, record
from kb.database import now
from kb.search import catch_up
from kb.search.analysis import analyzer
from kb.search.analysis.analyzer import DUTCH
from kb.search.engine import IndexInUse, IndexState, SearchRequest
from kb.search.follower import Follower
from kb.search.index.index_writer import WhooshBatch
from kb.search.whoosh_engine import WhooshEngine
from tests.builders import a_case
from tests.conftest import KnowledgeBase, slow, until
from tests.durability import other_processes
from tests.durability.following import following
from tests.processes import beside
from tests.search.test_catch_up import Step, drift, take


@pytest.mark.parametrize("room", [4, *slow(1, 2, 3, 5, 6, 7, 8)])
def test_too_many_open_files_discard_no_index(kb: KnowledgeBase, tmp_path: Path, room: int) -> None:
    kb.publish(a_case("tuin"))
    take(kb, Step.PUBLISH, "plein")
    index = tmp_path / "index"

    with beside(other_processes.work_without_files, tmp_path, room) as child:
        child.end()

    assert not index.with_name("index-damaged").exists()
    assert not drift(kb)


def test_a_request_applies_few_changes_and_leaves_a_backlog(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    for _ in range(catch_up.MAX_CHANGES_IN_REQUEST + 1):
        with kb.database.transaction() as session:
            record(session, "updated", "case", "tuin", now())
    with kb.database.reading() as session:
        last = last_number(session)
    before = kb.engine.change()

    assert catch_up.apply_if_few(kb.database, kb.engine, last) is False
    assert kb.engine.change() == before
    with following(kb):
        until(lambda: kb.engine.change() == last)
    take(kb, Step.PUBLISH, "plein")
    assert catch_up.apply_if_few(kb.database, kb.engine, last + 1) is True


def test_a_request_makes_no_index_anew(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    before = kb.engine.snapshot_id()
    analysis = analyzer.ANALYSIS_VERSION
    try:
        analyzer.ANALYSIS_VERSION = analysis + 1
        assert catch_up.apply_if_few(kb.database, kb.engine, 1) is False
    finally:
        analyzer.ANALYSIS_VERSION = analysis
    assert kb.engine.snapshot_id() == before


class CountingEngine(WhooshEngine):
    """Counts how often it was made anew, and lets something happen after it told its state."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.anew = 0
        self.meanwhile: Callable[[], None] = lambda: None

    def state(self) -> IndexState:
        state = super().state()
        self.meanwhile()
        return state

    @contextmanager
    def writing(self, *, afresh: bool = False) -> Iterator[WhooshBatch]:
        self.anew += afresh
        with super().writing(afresh=afresh) as batch:
            yield batch


def test_a_change_between_two_looks_makes_no_index_anew(kb: KnowledgeBase, tmp_path: Path) -> None:
    kb.publish(a_case("tuin"))
    engine = CountingEngine(tmp_path / "index")

    def publish_and_index() -> None:
        engine.meanwhile = lambda: None
        kb.publish(a_case("plein"))

    engine.meanwhile = publish_and_index
    catch_up.catch_up(kb.database, engine)

    assert engine.anew == 0
    engine.close()


def refusals(folder: Path, difference: str) -> list[str]:
    """What another release hears that follows and rebuilds."""
    with beside(other_processes.be_another_release, folder, difference) as child:
        texts: list[str] = child.receive()
        child.end()
    return texts


@pytest.mark.parametrize("difference", ["analysis", "format"])
def test_an_index_that_a_running_release_uses_is_left_to_it(
    kb: KnowledgeBase, tmp_path: Path, difference: str
) -> None:
    kb.publish(a_case("tuin"))
    with following(kb):
        until(lambda: bool(list(tmp_path.glob("index.*.users"))))
        before = kb.engine.snapshot_id()
        reasons = refusals(tmp_path, difference)

        assert len(reasons) == 2
        assert all("another release uses" in each for each in reasons)
        assert kb.engine.snapshot_id() == before
        take(kb, Step.PUBLISH, "plein")
        until(lambda: kb.engine.search(SearchRequest(types=("case",))).total == 2)
    kb.engine.close()  # the first one has gone

    assert refusals(tmp_path, difference) == []
    assert not list(tmp_path.glob(f"index.*{DUTCH.fingerprint()}.users"))


def test_an_index_that_an_older_release_makes_again_is_left_to_it(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    follower = Follower(kb.database, kb.engine)
    follower.poll()
    with kb.engine.writing() as batch:  # releases before 1.1.0 wrote no nonce
        batch.nonce = ""
    before = kb.engine.state()

    with pytest.raises(IndexInUse):
        follower.poll()

    assert kb.engine.state() == before
    assert kb.client.get("/health/ready").json["checks"]["search"] == "other-history"
    kb.catch_up()  # as `kb index catch-up` does, when the other one was stopped
    follower.poll()
