"""Engines, empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.search.engine import SearchEngine
from kb.search.whoosh_engine import WhooshEngine
from tests.scan_engine import ScanEngine
from tests.search.engines import DegradedEngine


@pytest.fixture(params=["scan", "whoosh", "plain whoosh"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    """Every engine in turn, empty."""
    new: SearchEngine = ScanEngine()
    if request.param == "whoosh":
        new = WhooshEngine(tmp_path / "index", lock_timeout=0.2)
    if request.param == "plain whoosh":
        new = DegradedEngine(tmp_path / "index", lock_timeout=0.2)
    with new.writing(afresh=True):
        pass
    yield new
    new.close()
