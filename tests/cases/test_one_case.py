"""One case with everything it owns."""

from __future__ import annotations

from tests.builders import a_case
from tests.conftest import KnowledgeBase


def test_a_published_case_can_be_read(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case(id="tuin"))

    answer = any_kb.client.get("/v1/cases/tuin")

    assert answer.status_code == 200
    assert answer.json["version"] == 1
