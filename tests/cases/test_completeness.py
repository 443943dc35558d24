"""A draft may lack nearly everything; what is published is complete and consistent."""

from __future__ import annotations

from tests.builders import a_case
from tests.cases.mistakes import problems_of


def test_a_draft_may_lack_everything_but_its_id_and_lists_what_it_lacks() -> None:
    errors = problems_of({"id": "tuin"})

    assert errors == [
        ("/approach", "required"),
        ("/context", "required"),
        ("/ingredients", "too-short"),
        ("/kind", "required"),
        ("/results", "required"),
        ("/scale", "required"),
        ("/sources", "too-short"),
        ("/status", "required"),
        ("/strategies", "too-short"),
        ("/summary", "required"),
        ("/targetGroups", "too-short"),
        ("/title", "required"),
    ]


def test_items_need_all_but_avoidance_and_conditions() -> None:
    errors = problems_of(
        a_case(
            ingredients=[{"id": "buddy-systeem"}],
            pitfalls=[{"id": "tuin--a", "title": "A"}],
            findings=[{"id": "tuin--b", "claim": "B"}],
            sources=[{"id": "bron-1", "title": "C"}],
        )
    )

    assert errors == [
        ("/findings/0/direction", "required"),
        ("/findings/0/domain", "required"),
        ("/findings/0/evidence", "required"),
        ("/findings/0/level", "required"),
        ("/findings/0/source", "required"),
        ("/ingredients/0/how", "required"),
        ("/pitfalls/0/category", "required"),
        ("/pitfalls/0/description", "required"),
        ("/pitfalls/0/phase", "required"),
        ("/sources/0/sourceType", "required"),
    ]
