"""Engines, empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.search.engine import SearchEngine
from kb.search.whoosh_engine import WhooshEngine
from tests.opensearch import clusters
from tests.scan_engine import ScanEngine
from tests.search.engines import DegradedEngine

SHARDS = {"opensearch": 1, "opensearch in 3 shards": 3}  # by the name of an engine


@pytest.fixture(
    params=[
        *("scan", "whoosh", "plain whoosh"),
        pytest.param("opensearch", marks=[pytest.mark.opensearch, pytest.mark.slow]),
        pytest.param("opensearch in 3 shards", marks=[pytest.mark.opensearch, pytest.mark.long]),
    ]
)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    """Every engine in turn, empty."""
    new: SearchEngine = ScanEngine()
    if request.param == "whoosh":
        new = WhooshEngine(tmp_path / "index", lock_timeout=0.2)
    if request.param == "plain whoosh":
        new = DegradedEngine(tmp_path / "index", lock_timeout=0.2)
    if request.param in SHARDS:
        url = request.getfixturevalue("opensearch_url")
        new = clusters.new_engine(url, shards=SHARDS[request.param])
    with new.writing(afresh=True):
        pass
    yield new
    if request.param in SHARDS:
        clusters.delete(new)
    new.close()
