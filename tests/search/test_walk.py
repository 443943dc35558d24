"""How many of our files a search passes: who reads how it works should not have to open more."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from types import FrameType

from tests.conftest import KnowledgeBase

ROOT = Path(__file__).parents[2]
OURS = tuple(f"{ROOT / name}/" for name in ("kb", "schemas"))
MAX_FILES = 44
MAX_FILES_OF_SEARCH = 24


def files_passed(kb: KnowledgeBase, url: str) -> dict[str, set[str]]:
    """The files of ours with functions that run to answer a GET in this thread, with those."""
    passed: dict[str, set[str]] = defaultdict(set)

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS) and code.co_name != "<module>":
            passed[str(Path(code.co_filename).relative_to(ROOT))].add(code.co_qualname)

    client = kb.client
    sys.setprofile(profile)
    try:
        answer = client.get(url)
    finally:
        sys.setprofile(None)
    assert answer.json["page"]["totalItems"], "it finds nothing, and so passes less"
    return passed


def test_a_search_passes_few_files(seeded: KnowledgeBase) -> None:
    files_passed(seeded, "/v1/cases?q=jongeren&facets=scale")  # loads what is loaded once

    passed = files_passed(seeded, "/v1/cases?q=sociale+samenhang&facets=scale,ingredient")

    listed = "\n".join(f"{name}: {', '.join(sorted(passed[name]))}" for name in sorted(passed))
    of_search = [name for name in passed if name.startswith("kb/search/")]
    assert len(of_search) <= MAX_FILES_OF_SEARCH, listed
    assert len(passed) <= MAX_FILES, listed
