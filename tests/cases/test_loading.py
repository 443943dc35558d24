"""All that is wrong with a document is told in one go, and nothing that only follows from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import cases, studies
from schemas.cases import CaseDocument, CaseInput
from schemas.json_fields import stored_texts
from schemas.loading import load_with_errors
from schemas.provinces import PROVINCES
from schemas.studies import StudyDocument
from tests.builders import a_case, a_finding, a_pitfall, a_source, a_study
from tests.cases.test_json_schema import damaged


def errors_of(document: Any) -> list[tuple[str, str, str | None]]:
    loaded = load_with_errors(CaseDocument(), document, cases.publication_errors)
    return sorted((at, mistake.code, mistake.suggestion) for at, mistake in loaded.errors)


def errors_of_study(document: Any) -> list[tuple[str, str, str | None]]:
    loaded = load_with_errors(StudyDocument(), document, studies.publication_errors)
    return sorted((at, mistake.code, mistake.suggestion) for at, mistake in loaded.errors)


def in_place(province: str | None, country: str | None = "NL") -> dict[str, Any]:
    return a_case(place={"country": country, "province": province})


def test_what_parts_say_together_is_reported_beside_what_is_wrong_with_one() -> None:
    document = a_case(
        titel="Tuin",
        scale="buurtt",
        results=None,
        startYear=2020,
        endYear=2010,
        pitfalls=[a_pitfall("straat"), None, "x", a_pitfall("tuin", phase="x", category=None)],
        findings=[a_finding("tuin", source="bron-9")],
        sources=[a_source(year=2099)],
        unverified=["startYaer"],
    )

    assert errors_of(document) == [
        ("/endYear", "inconsistent", None),
        ("/findings/0/source", "unknown-reference", "bron-1"),
        ("/pitfalls/0/id", "inconsistent", None),
        ("/pitfalls/1", "null", None),
        ("/pitfalls/2", "wrong-type", None),
        ("/pitfalls/3/category", "required", None),
        ("/pitfalls/3/phase", "not-in-vocabulary", None),
        ("/results", "required", None),
        ("/scale", "not-in-vocabulary", "buurt"),
        ("/sources/0/year", "out-of-range", None),
        ("/titel", "unknown-key", "title"),
        ("/unverified/0", "bad-format", "startYear"),
    ]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"sources": "bron-1"}, [("/sources", "wrong-type", None)]),
        ({"sources": [None]}, [("/sources/0", "null", None)]),
        ({"sources": [a_source("bron 1")]}, [("/sources/0/id", "bad-format", None)]),
        ({"place": "Utrecht"}, [("/place", "wrong-type", None)]),
        ({"strategies": ["x"]}, [("/strategies/0", "not-in-vocabulary", None)]),
        ({"unverified": [1, "x"]}, [("/unverified/0", "wrong-type", None)]),
        ({"startYear": "2016", "endYear": 1990}, [("/startYear", "wrong-type", None)]),
    ],
)
def test_nothing_is_reported_that_only_follows_from_something_wrong(
    wrong: dict[str, Any], expected: list[Any]
) -> None:
    assert errors_of(a_case(findings=[a_finding("tuin")]) | wrong) == expected


def test_what_is_no_document_is_only_that() -> None:
    assert errors_of([]) == [("", "wrong-type", None)]


@given(damaged())
def test_no_document_has_fewer_errors_than_before(document: Any) -> None:
    alone = load_with_errors(CaseInput(), document, lambda _: iter(()))
    whole = load_with_errors(CaseInput(), document, cases.publication_errors)

    assert whole.errors[: len(alone.errors)] == alone.errors
    assert whole.is_whole == (not alone.errors)


@pytest.mark.parametrize(
    ("province", "suggestion"),
    [
        *(("Noord Holland", "Noord-Holland"), ("noord-holland", "Noord-Holland")),
        *(("ZUID HOLLAND", "Zuid-Holland"), ("Provincie Utrecht", "Utrecht")),
        *(("Brabant", "Noord-Brabant"), ("South Holland", "Zuid-Holland")),
        *(("Gelderlnad", "Gelderland"), ("Drente", "Drenthe")),
        *(("Noord\u2011Holland", "Noord-Holland"), ("friesland", "Friesland"), ("Xyz", None)),
    ],
)  # fmt: skip
def test_a_dutch_province_has_its_own_name(province: str, suggestion: str | None) -> None:
    assert errors_of(in_place(province)) == [("/place/province", "bad-format", suggestion)]


@given(st.sampled_from(PROVINCES), st.sampled_from(("NL", None)))
def test_each_province_passes(province: str, country: str | None) -> None:
    assert errors_of(in_place(province, country)) == []


@pytest.mark.parametrize("country", ["BE", "US"])
@pytest.mark.parametrize("province", ["Noord Holland", "Vlaanderen", "limburg"])
def test_abroad_a_province_may_be_called_anything(province: str, country: str) -> None:
    assert errors_of(in_place(province, country)) == []


def test_without_a_country_only_another_spelling_of_a_dutch_one_is_refused() -> None:
    assert errors_of(in_place("Noord Holland", None)) == [
        ("/place/province", "bad-format", "Noord-Holland")
    ]
    assert errors_of(in_place("Vlaanderen", None)) == []


@pytest.mark.parametrize("sent", ["Fryslân", "Fryslan", "fryslân", "Frysl\u0061\u0302n"])
def test_the_official_name_of_friesland_is_taken_as_the_one_that_cases_have(sent: str) -> None:
    loaded = load_with_errors(CaseDocument(), in_place(sent), cases.publication_errors)

    assert (loaded.document["place"]["province"], loaded.errors) == ("Friesland", [])
    with stored_texts():
        assert CaseDocument().load(in_place(sent))["place"]["province"] == sent


def test_years_that_cannot_be_are_refused() -> None:
    year = datetime.now(UTC).year  # as it is now: a run may begin in the year before
    far = a_case(startYear=year + 11, sources=[a_source(year=year + 2)], status="gepland")
    near = a_case(startYear=year + 10, sources=[a_source(year=year + 1)], status="gepland")

    assert [(at, code) for at, code, _ in errors_of(far) if code == "out-of-range"] == [
        ("/sources/0/year", "out-of-range"),
        ("/startYear", "out-of-range"),
    ]
    assert [each for each in errors_of(near) if each[1] == "out-of-range"] == []
    assert errors_of_study(a_study(year=year + 1)) == []
    assert errors_of_study(a_study(year=year + 2)) == [("/year", "out-of-range", None)]


def test_unknown_unverified_keys_of_a_study_are_refused() -> None:
    assert errors_of_study(a_study(unverified=["yaer", "findings.claim"])) == [
        ("/unverified/0", "bad-format", "year")
    ]
