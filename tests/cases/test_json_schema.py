"""The JSON Schema of a case and the API agree on every document; its words are Dutch."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from schemas.cases import CaseDocument, CaseInput, publication_errors
from schemas.json_schema import DIALECT, document_schema
from tests import strategies
from tests.builders import a_case
from tests.cases.mistakes import mistakes_of
from tests.conftest import KnowledgeBase

JUNK: list[Any] = [
    *(None, "", " ", "\n", "\u2003", "\x1c", "\x85", "\ufeff", "a", "A", "NL", "nl", "\0", "a\0b"),
    *("praktijk", "bron-1", "bron--1", "tuin--x", "a-", "-a", "a--b--c", "é", "x" * 81, "x" * 171),
    *("x" * 201, "x" * 601, "😀" * 200, "😀" * 201, "case", "2016", "http://x", "https:///x"),
    *("http://x y", "ftp://x", "http:// x", "http://x\u00a0"),
    *(True, False, 0, 1, -1, 3.0, 3.5, 1799, 1800, 2016.0, 2100, 2101, 10_000_001, 1e300),
    *([], [None], ["a"], ["a", "a"], [[]], [{}], {}, {"id": "praktijk"}, {"id": "type", "x": 1}),
    *({"id": None}, {"id": ["praktijk"]}, {"id": "bron-1", "title": "x"}, {"_links": {}}),
    *({"title": "x"}, {"name": "x", "role": "gemeente"}, {"label": "x", "id": "buddy-systeem"}),
    *(["sociaal-beheer", {"id": "sociaal-beheer"}], [{"id": "jongeren"}], ["jongeren"]),
    *([{"id": "jongeren", "label": "a"}, {"id": "jongeren", "label": "b"}], {"$schema": "x"}),
]  # fmt: skip
KEYS = [*CaseInput().fields, "_links", "_x", "x", "$schema", "version", "type", "place", "label"]


@cache
def schema() -> Any:
    return jsonschema_rs.validator_for(document_schema("case", "en"))


def accepted(document: Any) -> bool:
    """Whether the API takes this as a draft."""
    return not mistakes_of(document, CaseInput())


def places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every key and item in a document: what holds it, and its name or number there."""
    steps = document.items() if isinstance(document, dict) else enumerate(document)
    for step, inside in steps:
        yield document, step
        if isinstance(inside, (dict, list)):
            yield from places(inside)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A case after a few changes, each of which may break it or not."""
    document = copy.deepcopy(draw(strategies.cases()))
    for _ in range(draw(st.integers(1, 3))):
        holder, step = draw(st.sampled_from(list(places(document))))
        match draw(st.sampled_from(("replace", "remove", "add", "repeat", "name"))):
            case "replace":
                holder[step] = copy.deepcopy(draw(st.sampled_from(JUNK)))
            case "remove":
                del holder[step]
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(KEYS))] = draw(st.sampled_from(JUNK))
            case "repeat" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[step]))
            case "name" if isinstance(holder[step], str):
                holder[step] = {"id": holder[step], "label": "wat dan ook"}
    return document


@given(strategies.cases())
def test_the_schema_and_the_api_accept_every_right_case(document: dict[str, Any]) -> None:
    assert accepted(document)
    assert [each.message for each in schema().iter_errors(document)] == []


@given(damaged())
def test_the_schema_and_the_api_agree_on_damaged_cases(document: Any) -> None:
    right = accepted(document)
    event("accepted" if right else "refused")

    items = [f"{each.instance_path}: {each.message}" for each in schema().iter_errors(document)]
    assert (not items) == right, (items, mistakes_of(document, CaseInput()))


@given(st.sampled_from(KEYS), st.sampled_from(JUNK))
def test_the_schema_and_the_api_agree_on_one_key(key: str, value: Any) -> None:
    name = CaseInput().fields[key].data_key if key in CaseInput().fields else key

    assert schema().is_valid({"id": "tuin", name: value}) == accepted({"id": "tuin", name: value})


@pytest.mark.parametrize("document", JUNK)
def test_the_schema_and_the_api_agree_on_what_is_no_case(document: Any) -> None:
    assert schema().is_valid(document) == accepted(document)


@given(strategies.cases(), st.data())
def test_what_is_marked_is_what_publishing_needs(
    document: dict[str, Any], draw: st.DataObject
) -> None:
    marked = [
        path
        for path, each in described(document_schema("case", "en"))
        if each.get("x-required-to-publish")
    ]
    path = draw.draw(st.sampled_from(marked))
    key, _, part = path.partition(".")
    assume(document.get(key) or not part)
    if part:
        document[key][0][part] = None
    else:
        document[key] = [] if isinstance(document[key], list) else None

    matches = [at for at, _ in publication_errors(CaseDocument().load(document))]

    assert (f"/{key}/0/{part}" if part else f"/{key}") in matches


def described(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that the schema knows, by its path."""
    for key, item in schema["properties"].items():
        yield f"{path}{key}", item
        below = item.get("items", item)
        if "properties" in below:
            yield from described(below, f"{path}{key}.")


def test_every_key_has_a_dutch_title_and_description_and_most_an_example(
    kb: KnowledgeBase,
) -> None:
    with kb.app.app_context():
        dutch, english = (
            dict(described(document_schema("case", "nl"))),
            dict(described(document_schema("case", "en"))),
        )

    assert dutch["endYear"]["title"] == "Eindjaar"
    assert dutch["title"]["description"].endswith("Nodig om te publiceren.")
    for path, item in dutch.items():
        assert item["description"] != english[path]["description"], path
    without = [path for path, item in dutch.items() if "examples" not in item]
    assert without == [
        *("type", "archetype", "place.urbanity", "place.population", "place.socialRent"),
        *("place.figuresYear", "ingredients.label", "findings.lane"),
        *("images.width", "images.height", "images.href", "images.files"),
        *(
            "version",
            "publishedAt",
            "updatedAt",
            "outcome",
            "findingsByLane",
            "practiceNotes",
            "$schema",
        ),
    ]


def test_terms_come_with_their_labels_in_both_languages(kb: KnowledgeBase) -> None:
    with kb.app.app_context():
        dutch, english = (document_schema("case", each)["$defs"]["scales"] for each in ("nl", "en"))

    ids = dutch["anyOf"][0]
    assert dict(zip(ids["enum"], ids["enumDescriptions"], strict=True))["wijk"] == "Wijk"
    assert "Neighbourhood" in str(english["anyOf"][0]["enumDescriptions"])


def test_the_schema_is_one_and_its_example_can_be_published() -> None:
    value = document_schema("case", "en")

    assert value["$schema"] == DIALECT
    assert jsonschema_rs.meta.is_valid(value)
    [example] = value["examples"]
    assert schema().is_valid(example)
    assert list(publication_errors(CaseDocument().load(example))) == []
    assert example.keys() <= value["properties"].keys()


def test_the_schema_accepts_a_whole_answer_of_the_api(kb: KnowledgeBase) -> None:
    kb.publish(a_case())

    body: Any = kb.client.get("/v1/cases/tuin").json

    assert schema().is_valid({**body, "$schema": "https://example.org/v1/schemas/case"})
    assert schema().is_valid({**body, "version": 2})  # whether it was changed, only the API sees
