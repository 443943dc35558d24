"""A case with a pitfall, and publishers."""

from __future__ import annotations

import pytest

from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, somebody


@pytest.fixture(autouse=True)
def _counted_anew(request: pytest.FixtureRequest) -> None:
    """Many plans are checked here: how many one visitor may check starts anew with each test."""
    if "seeded" in request.fixturenames:
        seeded: KnowledgeBase = request.getfixturevalue("seeded")
        for limit in seeded.app.extensions["kb_limits"]:
            limit.storage.reset()


@pytest.fixture
def tuin(kb: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base with a case of one pitfall, and another case."""
    kb.publish(
        a_case("tuin", title="Een tuin", pitfalls=[a_pitfall("tuin")]),
        a_case("plein", title="Een plein"),
    )
    return kb


@pytest.fixture
def piet(kb: KnowledgeBase) -> Person:
    """A publisher."""
    return somebody(kb, "Piet", "publisher")
