"""Every mistake in a document is told at once: where it stands, what it is, what was meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from kb.input_errors import DETAILS, EXPECTED, REASONS, Mistake, detail_of
from schemas import cases
from schemas.cases import CaseDocument
from schemas.query_fields import SearchText
from schemas.questions import QuestionDocument
from schemas.studies import StudyDocument
from schemas.validators import Length
from schemas.vocabularies import SchemeFile
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_source, a_study
from tests.cases.mistakes import all_mistakes, mistakes_of, problems_of

UNITS = ("characters", "words", "items", "bytes")
WRONG_ITEMS: list[tuple[str, dict[str, Any], str, str]] = [
    ("an unknown key", {"pitfalls": [{"titel": "x"}]}, "/pitfalls/0/titel", "unknown-key"),
    ("a missing key", {"parties": [{"role": "gemeente"}]}, "/parties/0/name", "required"),
    ("a null in a list", {"strategies": [None]}, "/strategies/0", "null"),
    ("a null for a text", {"sources": [a_source(title=None)]}, "/sources/0/title", "null"),
    ("a number for a text", {"sources": [a_source(title=3)]}, "/sources/0/title", "wrong-type"),
    ("a text for a year", {"sources": [a_source(year="2016")]}, "/sources/0/year", "wrong-type"),
    ("true for a year", {"sources": [a_source(year=True)]}, "/sources/0/year", "wrong-type"),
    ("a broken year", {"sources": [a_source(year=2016.5)]}, "/sources/0/year", "wrong-type"),
    (
        "an object for the id of an ingredient",
        {"ingredients": [{"id": {"id": "buddy-systeem"}}]},
        "/ingredients/0/id",
        "wrong-type",
    ),
    (
        "a year that is far off",
        {"sources": [a_source(year=20166)]},
        "/sources/0/year",
        "out-of-range",
    ),
    ("a text for a list", {"sources": [a_source(authors="x")]}, "/sources/0/authors", "wrong-type"),
    (
        "an empty author",
        {"sources": [a_source(authors=["a", " "])]},
        "/sources/0/authors/1",
        "empty",
    ),
    ("NUL", {"sources": [a_source(authors=["a\0"])]}, "/sources/0/authors/0", "bad-format"),
    (
        "half a character",
        {"sources": [a_source(authors=["\ud83d"])]},
        "/sources/0/authors/0",
        "bad-format",
    ),
    (
        "too long a name",
        {"parties": [{"name": "x" * 201, "role": "gemeente"}]},
        "/parties/0/name",
        "too-long",
    ),
    (
        "an address of another kind",
        {"sources": [a_source(url="ftp://x")]},
        "/sources/0/url",
        "bad-format",
    ),
    (
        "a script as an address",
        {"sources": [a_source(url="javascript:x")]},
        "/sources/0/url",
        "bad-format",
    ),
    (
        "an unknown term",
        {"parties": [{"name": "x", "role": "gemeent"}]},
        "/parties/0/role",
        "not-in-vocabulary",
    ),
    ("an empty term", {"parties": [{"name": "x", "role": ""}]}, "/parties/0/role", "empty"),
    (
        "a number for a term",
        {"parties": [{"name": "x", "role": 1}]},
        "/parties/0/role",
        "wrong-type",
    ),
    (
        "an object without id",
        {"parties": [{"name": "x", "role": {"label": "Gemeente"}}]},
        "/parties/0/role",
        "wrong-type",
    ),
    ("a list for an object", {"parties": [[]]}, "/parties/0", "wrong-type"),
    ("a country by its name", {"place": {"country": "Nederland"}}, "/place/country", "bad-format"),
    ("capitals in an id", {"sources": [a_source(id="Bron 1")]}, "/sources/0/id", "bad-format"),
    (
        "two dashes in a source's id",
        {"sources": [a_source(id="bron--1")]},
        "/sources/0/id",
        "bad-format",
    ),
    (
        "three dashes in an owned id",
        {"pitfalls": [a_pitfall("tuin", "-x")]},
        "/pitfalls/0/id",
        "bad-format",
    ),
    ("an event without a year", {"events": [{"what": "x"}]}, "/events/0/year", "required"),
    ("an event without words", {"events": [{"year": 2014}]}, "/events/0/what", "required"),
    (
        "an event in a thirteenth month",
        {"events": [{"year": 2014, "month": 13, "what": "x"}]},
        "/events/0/month",
        "out-of-range",
    ),
    (
        "an event of long ago",
        {"events": [{"year": 1799, "what": "x"}]},
        "/events/0/year",
        "out-of-range",
    ),
    (
        "an event in too many words",
        {"events": [{"year": 2014, "what": "x" * 301}]},
        "/events/0/what",
        "too-long",
    ),
    (
        "too many events",
        {"events": [{"year": 2014, "what": f"{n}"} for n in range(31)]},
        "/events",
        "too-long",
    ),
    (
        "too many words to search by",
        {"searchTerms": [f"{n}" for n in range(41)]},
        "/searchTerms",
        "too-long",
    ),
    (
        "a word to search a pitfall by that is a text",
        {"pitfalls": [a_pitfall("tuin", searchTerms=["x" * 81])]},
        "/pitfalls/0/searchTerms/0",
        "too-long",
    ),
    ("a word to search by twice", {"searchTerms": ["x", " x"]}, "/searchTerms/1", "duplicate"),
    ("a strategy twice", {"strategies": ["sloop-nieuwbouw"] * 2}, "/strategies/1", "duplicate"),
]


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [(wrong, pointer, code) for _, wrong, pointer, code in WRONG_ITEMS],
    ids=[name for name, *_ in WRONG_ITEMS],
)
def test_a_mistake_deep_in_a_case_is_reported_in_its_place(
    wrong: dict[str, Any], pointer: str, code: str
) -> None:
    errors = [(at, item) for at, item, _ in mistakes_of(a_case(**wrong))]

    assert (pointer, code) in errors


def test_all_mistakes_are_reported_at_once_down_to_the_third_level() -> None:
    document = a_case(
        title=" ",
        summary="x" * 601,
        startYear="2016",
        dwellings=True,
        titel="Tuin",
        kind="praktijkk",
        strategies=["sociaal-beheer", "sociaal beheer", "sociaal-beheer", "sociaal-beheer"],
        ingredients=[{"id": "buddy-systeem", "hoe": "x"}, {"how": 3}],
        sources=[a_source(authors=["\0", "goed", 4], jaar=2)],
        findings=[a_finding("tuin", level={"id": "buurt"}, source=["bron-1"])],
    )

    assert mistakes_of(document) == [
        ("/dwellings", "wrong-type", None),
        ("/findings/0/level", "not-in-vocabulary", None),
        ("/findings/0/source", "wrong-type", None),
        ("/ingredients/0/hoe", "unknown-key", "how"),
        ("/ingredients/1/how", "wrong-type", None),
        ("/ingredients/1/id", "required", None),
        ("/kind", "not-in-vocabulary", "praktijk"),
        ("/sources/0/authors/0", "bad-format", None),
        ("/sources/0/authors/2", "wrong-type", None),
        ("/sources/0/jaar", "unknown-key", None),
        ("/startYear", "wrong-type", None),
        ("/strategies/1", "not-in-vocabulary", "sociaal-beheer"),
        ("/summary", "too-long", None),
        ("/titel", "unknown-key", "title"),
        ("/title", "empty", None),
    ]


def test_each_repeated_value_is_reported_in_its_own_place() -> None:
    twice = ["sociaal-beheer", "sloop-nieuwbouw", "sociaal-beheer", "sloop-nieuwbouw"]

    assert mistakes_of(a_case(strategies=twice)) == [
        ("/strategies/2", "duplicate", None),
        ("/strategies/3", "duplicate", None),
    ]


def test_a_pointer_escapes_slashes_and_tildes() -> None:
    assert mistakes_of(a_case() | {"a/b~c": 1}) == [("/a~1b~0c", "unknown-key", None)]


def test_an_unknown_term_tells_the_nearest_and_where_all_are() -> None:
    [(_, by_id)] = all_mistakes(a_case(scale="complexx"))
    [(_, by_label)] = all_mistakes(a_case(targetGroups=["Young people"]))

    assert (by_id.suggestion, by_id.allowed) == ("complex", "/v1/vocabularies/scales")
    assert by_id.values["value"] == "complexx"
    assert by_label.suggestion == "jongeren"


@pytest.mark.parametrize(
    ("load", "unit"),
    [
        (lambda: Length(1, 2)("abc"), "characters"),
        (lambda: Length(1, 2)([1, 2, 3]), "items"),
        (lambda: Length(2, 3)([1]), "items"),
        (lambda: SearchText().deserialize("a " * 101), "words"),
    ],
)
def test_a_length_says_of_what_it_is(load: Callable[[], object], unit: str) -> None:
    with pytest.raises(ValidationError) as raised:
        load()

    [mistake] = raised.value.messages
    assert isinstance(mistake, Mistake)
    assert [each for each in UNITS if each in detail_of(mistake)] == [unit]


def test_the_same_mistake_is_equal_each_time_that_it_is_made() -> None:
    assert all_mistakes(a_case(scale="complexx")) == all_mistakes(a_case(scale="complexx"))
    assert all_mistakes(a_case(titel="x")) == all_mistakes(a_case(titel="x"))


def test_an_enormous_wrong_value_is_reported_briefly() -> None:
    [(_, value)] = all_mistakes(a_case(scale="x" * 100_000))
    [(pointer, unknown)] = all_mistakes(a_case() | {"x" * 500: 1})

    assert len(value.values["value"]) == 80
    assert len(unknown.values["value"]) == 80
    assert pointer == "/" + "x" * 500


def test_a_year_may_be_written_as_2016_0_which_json_calls_the_same() -> None:
    assert repr(CaseDocument().load(a_case(startYear=2016.0))["start_year"]) == "2016"


@pytest.mark.parametrize("document", [None, 3, "tuin", [], [a_case()], True])
def test_what_is_no_object_is_no_case(document: object) -> None:
    assert mistakes_of(document) == [("", "wrong-type", None)]


def test_a_term_or_reference_may_come_with_its_name() -> None:
    document = a_case(
        kind={"id": "praktijk", "label": "wat dan ook"},
        archetype={"id": "type", "title": "wat dan ook"},
        ingredients=[{"id": "buddy-systeem", "label": "wat dan ook", "how": "x"}],
    )

    loaded = CaseDocument().load(document)

    assert mistakes_of(document) == []
    assert (loaded["kind"], loaded["archetype"]) == ("praktijk", "type")
    assert loaded["ingredients"] == [{"ingredient": "buddy-systeem", "how": "x"}]


@pytest.mark.parametrize(("length", "errors"), [(200, []), (201, [("/title", "too-long", None)])])
def test_lengths_count_characters_not_bytes(length: int, errors: list[Any]) -> None:
    assert mistakes_of(a_case(title="😀" * length)) == errors


@pytest.mark.parametrize(
    ("schema", "document", "expected"),
    [
        (StudyDocument(), a_study(findings=[{}], year="x"), [
            ("/findings/0/claim", "required", None),
            ("/findings/0/id", "required", None),
            ("/year", "wrong-type", None),
        ]),
        (StudyDocument(), a_study(findings=[a_finding("onderzoek")]), [
            ("/findings/0/source", "unknown-key", None),
        ]),
        (QuestionDocument(), a_question(theme="process", studies=["a", "a"], answer=None), [
            ("/studies/1", "duplicate", None),
            ("/theme", "not-in-vocabulary", "proces"),
        ]),
        (SchemeFile(), {"id": "kinds", "terms": [{"id": "a", "labels": {"nl": "A"}}]}, [
            ("/labels", "required", None),
            ("/parameter", "required", None),
            ("/terms/0/broader", "required", None),
            ("/terms/0/definition", "required", None),
            ("/terms/0/labels/en", "required", None),
            ("/terms/0/synonyms", "required", None),
        ]),
    ],
)  # fmt: skip
def test_studies_questions_and_terms_are_checked_as_strictly(
    schema: Schema, document: dict[str, Any], expected: list[Any]
) -> None:
    assert mistakes_of(document, schema) == expected


INCONSISTENT: list[tuple[str, dict[str, Any], str, str]] = [
    ("ends before it starts", {"startYear": 2016, "endYear": 2015}, "/endYear", "inconsistent"),
    (
        "an archetype of an archetype",
        {"kind": "archetype", "archetype": "x"},
        "/archetype",
        "inconsistent",
    ),
    (
        "a pitfall of another owner",
        {"pitfalls": [a_pitfall("straat")]},
        "/pitfalls/0/id",
        "inconsistent",
    ),
    (
        "an owned id without its owner",
        {"pitfalls": [{**a_pitfall("tuin"), "id": "x"}]},
        "/pitfalls/0/id",
        "inconsistent",
    ),
    ("a pitfall's id twice", {"pitfalls": [a_pitfall("tuin")] * 2}, "/pitfalls/1/id", "duplicate"),
    ("a finding's id twice", {"findings": [a_finding("tuin")] * 2}, "/findings/1/id", "duplicate"),
    ("a source's id twice", {"sources": [a_source()] * 2}, "/sources/1/id", "duplicate"),
    (
        "an ingredient twice",
        {"ingredients": [{"id": "buddy-systeem", "how": "x"}] * 2},
        "/ingredients/1/id",
        "duplicate",
    ),
    (
        "an event twice",
        {"events": [{"year": 2014, "what": "x"}, {"year": 2014, "month": None, "what": " x"}]},
        "/events/1",
        "duplicate",
    ),
    (
        "a finding of an unknown source",
        {"findings": [a_finding("tuin", source="bron-9")]},
        "/findings/0/source",
        "unknown-reference",
    ),
    (
        "a finding that credits an ingredient of no case",
        {"findings": [a_finding("tuin", ingredients=["buddy-systeem", "lange-adem"])]},
        "/findings/0/ingredients/1",
        "unknown-reference",
    ),
    (
        "an unknown key called unverified",
        {"unverified": ["startYear", "starYear"]},
        "/unverified/1",
        "bad-format",
    ),
]


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [(wrong, pointer, code) for _, wrong, pointer, code in INCONSISTENT],
    ids=[name for name, *_ in INCONSISTENT],
)
def test_an_inconsistent_case_can_be_a_draft_but_not_be_published(
    wrong: dict[str, Any], pointer: str, code: str
) -> None:
    assert problems_of(a_case(**wrong)) == [(pointer, code)]


def test_every_code_that_a_document_can_raise_is_met_in_these_tests() -> None:
    of_addresses = {"unknown-parameter", "repeated", "other-history"}
    of_files = {"invalid-json"}
    met = {code for *_, code in (*WRONG_ITEMS, *INCONSISTENT)} | {"too-short", "read-only"}

    assert met == set(DETAILS) - of_addresses - of_files


@pytest.mark.parametrize("wrong", [wrong for _, wrong, *_ in (*WRONG_ITEMS, *INCONSISTENT)])
def test_the_text_of_every_mistake_has_all_its_values(wrong: dict[str, Any]) -> None:
    document = a_case(**wrong)
    errors = all_mistakes(document)
    errors = errors or list(cases.publication_errors(CaseDocument().load(document)))

    for _, mistake in errors:
        text = DETAILS[mistake.code] % dict(mistake.values)
        assert "%(" not in text
        assert mistake.values.get("expected", "string") in EXPECTED
        assert mistake.values.get("reason", "years") in REASONS
