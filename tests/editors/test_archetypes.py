"""What an archetype is called is told by its cases too, and they remember it while it is away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_case
from tests.conftest import KnowledgeBase


def test_a_case_matches_the_new_title_of_its_archetype(kb: KnowledgeBase) -> None:
    kb.publish(a_case("vorm", kind="archetype", title="Tuinvorm"))
    kb.publish(a_case("tuin", archetype="vorm", title="Groen"))
    kb.publish(a_case("vorm", kind="archetype", title="Pleinvorm"))

    items = kb.client.get("/v1/cases?q=pleinvorm").json["items"]

    assert {item["id"] for item in items} == {"vorm", "tuin"}


VORM = a_case("vorm", kind="archetype", title="Tuinvorm")
TUIN = a_case("tuin", archetype="vorm", title="Groen")


@pytest.fixture
def family(kb: KnowledgeBase) -> KnowledgeBase:
    """An archetype and one of its cases."""
    kb.publish(VORM)
    kb.publish(TUIN)
    return kb


def archetype_of(kb: KnowledgeBase, slug: str = "tuin") -> Any:
    value = kb.client.get(f"/v1/cases/{slug}").json["archetype"]
    return value and value["id"]


def listed(kb: KnowledgeBase) -> set[str]:
    """The cases that search has below the archetype."""
    return {each["id"] for each in kb.client.get("/v1/cases?archetype=vorm").json["items"]}


def changed_last(kb: KnowledgeBase, number: int) -> list[tuple[str, str]]:
    items = kb.client.get("/v1/changes?pageSize=100").json["items"]
    return [(each["event"], each["id"]) for each in items[-number:]]


def test_a_case_has_its_archetype_again_when_that_comes_back(family: KnowledgeBase) -> None:
    family.withdraw("vorm")
    assert (archetype_of(family), listed(family)) == (None, set())

    family.publish(VORM)

    assert (archetype_of(family), listed(family)) == ("vorm", {"tuin"})
    assert changed_last(family, 4) == [
        ("updated", "tuin"),
        ("withdrawn", "vorm"),
        ("updated", "tuin"),
        ("created", "vorm"),
    ]
    assert family.client.get("/v1/cases?q=tuinvorm").json["page"]["totalItems"] == 2


def test_a_case_has_its_archetype_again_when_that_is_one_again(family: KnowledgeBase) -> None:
    family.publish(VORM | {"kind": "praktijk"})
    assert archetype_of(family) is None

    family.publish(VORM)

    assert (archetype_of(family), listed(family)) == ("vorm", {"tuin"})


def test_a_case_may_change_while_its_archetype_is_away(family: KnowledgeBase) -> None:
    family.withdraw("vorm")
    family.publish(TUIN | {"title": "Groener"})
    assert archetype_of(family) is None

    family.publish(VORM)

    assert archetype_of(family) == "vorm"


def test_a_case_that_was_away_itself_remembers_its_archetype(family: KnowledgeBase) -> None:
    family.withdraw("tuin")
    family.withdraw("vorm")
    family.publish(TUIN)
    family.publish(VORM)

    assert archetype_of(family) == "vorm"


def test_a_case_that_let_go_of_its_archetype_does_not_get_it_back(family: KnowledgeBase) -> None:
    family.withdraw("vorm")
    family.publish(TUIN | {"archetype": None})
    family.publish(VORM)

    assert archetype_of(family) is None


def test_seeding_the_same_files_leaves_the_archetype_of_a_case(kb: KnowledgeBase) -> None:
    kb.take(cases=[VORM, TUIN])
    kb.withdraw("vorm")

    report = kb.take(cases=[VORM, TUIN])
    kb.publish(VORM)

    assert "tuin" in report.unchanged
    assert archetype_of(kb) == "vorm"
