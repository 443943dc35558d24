"""What an archetype is called is told by its cases too."""

from __future__ import annotations

from tests.builders import a_case
from tests.conftest import KnowledgeBase


def test_a_case_is_found_by_the_new_title_of_its_archetype(kb: KnowledgeBase) -> None:
    kb.publish(a_case("vorm", kind="archetype", title="Tuinvorm"))
    kb.publish(a_case("tuin", archetype="vorm", title="Groen"))
    kb.publish(a_case("vorm", kind="archetype", title="Pleinvorm"))

    found = kb.client.get("/v1/cases?q=pleinvorm").json["items"]

    assert {item["id"] for item in found} == {"vorm", "tuin"}
