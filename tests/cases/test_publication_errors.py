"""What may be published, and what a text still lacks before that."""

from __future__ import annotations

from schemas import studies
from schemas.studies import StudyDocument
from tests.builders import a_case, a_pitfall, a_study
from tests.cases.mistakes import problems_of


def test_years_that_are_the_same_or_unknown_are_in_order() -> None:
    assert problems_of(a_case(status="afgerond", startYear=2016, endYear=2016)) == []
    assert problems_of(a_case(status="afgerond", startYear=None, endYear=1990)) == []
    assert problems_of(a_case(status="lopend", startYear=2016, endYear=2099)) == []


def test_every_key_of_a_case_can_be_called_unverified() -> None:
    keys = ["startYear", "place", "place.municipality", "pitfalls", "pitfalls.avoidance",
            "findings.source", "sources.url", "ingredients.how", "parties.role"]  # fmt: skip

    assert problems_of(a_case(unverified=keys)) == []
    for key in ("id", "type", "version", "unverified", "pitfalls.id", "pitfalls.x"):
        assert problems_of(a_case(unverified=[key])) == [("/unverified/0", "bad-format")]


def test_a_study_needs_its_source_type_and_ids_of_its_own() -> None:
    loaded = StudyDocument().load(a_study(sourceType=None, pitfalls=[a_pitfall("tuin")]))

    errors = sorted((at, mistake.code) for at, mistake in studies.publication_errors(loaded))

    assert errors == [("/pitfalls/0/id", "inconsistent"), ("/sourceType", "required")]
