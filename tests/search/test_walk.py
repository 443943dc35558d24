"""How many of our files a search passes: who reads how it works should not have to open more."""

from __future__ import annotations

import gc
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from flask.testing import FlaskClient

from kb.app import create_app
from kb.services import services_of
from tests.conftest import KnowledgeBase, until

ROOT = Path(__file__).parents[2]
OURS = tuple(f"{ROOT / name}/" for name in ("kb", "schemas"))
MAX_FILES = 40
MAX_FILES_OF_SEARCH = 19


def forget_words() -> None:
    """Empty what search remembers of words and queries, but not what it loads once."""
    gc.unfreeze()  # what is frozen, to be looked through no more, is found too
    for each in gc.get_objects():
        is_cache = isinstance(each, _lru_cache_wrapper)
        if is_cache and each.__module__.startswith("kb.search.") and is_limited(each):
            each.cache_clear()
    gc.freeze()


def is_limited(cache: Any) -> bool:
    """Whether a cache is of words or queries; one without a limit is of what is loaded once."""
    return bool(cache.cache_parameters()["maxsize"])


@pytest.fixture
def serving(seeded: KnowledgeBase) -> Iterator[FlaskClient]:
    """Who asks an application that serves: it follows the database, and caches responses."""
    app = create_app(services_of(seeded.app).settings)
    parts = services_of(app)
    parts.background.start()
    until(lambda: parts.background.newest_change is not None)
    yield app.test_client()
    parts.background.stop()
    parts.search.close()
    parts.database.dispose()


def files_passed(client: FlaskClient, url: str) -> dict[str, set[str]]:
    """The files of ours with functions that run to answer a GET in this thread, with those."""
    passed: dict[str, set[str]] = defaultdict(set)

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS) and code.co_name != "<module>":
            passed[str(Path(code.co_filename).relative_to(ROOT))].add(code.co_qualname)

    sys.setprofile(profile)
    try:
        answer = client.get(url)
    finally:
        sys.setprofile(None)
    assert answer.json["page"]["totalItems"], "it finds nothing, and so passes less"
    return passed


def test_a_search_passes_few_files(serving: FlaskClient) -> None:
    files_passed(serving, "/v1/cases?q=jongeren&facets=scale")  # loads what is loaded once
    forget_words()

    passed = files_passed(serving, "/v1/cases?q=nieuwe+tuinen&facets=scale,ingredient")

    listed = "\n".join(f"{name}: {', '.join(sorted(passed[name]))}" for name in sorted(passed))
    of_search = [name for name in passed if name.startswith("kb/search/")]
    assert len(of_search) <= MAX_FILES_OF_SEARCH, listed
    assert len(passed) <= MAX_FILES, listed
