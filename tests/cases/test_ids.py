"""Ids that editors did not give: kept from the text before, or made, and never twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.cases import CaseDocument, SentCase, as_document, open_problems
from schemas.ids import case_id, keep_ids
from tests import strategies
from tests.builders import a_case, a_finding, a_pitfall, a_source
from tests.cases.mistakes import told_mistakes


def told(document: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
    """The document as it would be kept, after `old`."""
    return as_document(keep_ids(SentCase().load(document), old))


def bare(item: dict[str, Any], **given: Any) -> dict[str, Any]:
    """An item without its id."""
    return {key: value for key, value in (item | given).items() if key != "id"}


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Place2BU", "place2bu"),
        ("Wonen & zorg in Súdwest-Fryslân", "wonen-en-zorg-in-sudwest-fryslan"),
        ("Foto's van Ærø", "fotos-van-aero"),
        ("  – ?", "casus"),
        ("x" * 100, "x" * 80),
        ("woord " * 30, "-".join(["woord"] * 13)),  # whole words
    ],
)
def test_an_id_is_made_from_the_title(title: str, expected: str) -> None:
    assert case_id(title) == expected


def test_a_case_without_an_id_gets_that_of_its_title_and_so_do_its_items() -> None:
    document = bare(
        a_case("x", title="Onze tuin", sources=[bare(a_source()), a_source("bron-1")]),
        pitfalls=[bare(a_pitfall("x"), title="Te laat begonnen")],
        findings=[bare(a_finding("x"), claim="Buren kennen elkaar")],
    )

    kept = told(document)

    assert kept["id"] == "onze-tuin"
    assert ids(kept["pitfalls"]) == ["onze-tuin--te-laat-begonnen"]
    assert ids(kept["findings"]) == ["onze-tuin--buren-kennen-elkaar"]
    assert ids(kept["sources"]) == ["bron-2", "bron-1"]


def test_an_item_without_an_id_keeps_that_of_the_item_with_the_same_title() -> None:
    old = told(
        a_case(
            pitfalls=[
                a_pitfall("tuin", "een", title="Geld"),
                a_pitfall("tuin", "twee", title="Tijd"),
            ],
            findings=[a_finding("tuin", "drie", claim="Contact")],
            sources=[a_source("verslag", title="Verslag")],
        )
    )
    new = a_case(
        pitfalls=[bare(a_pitfall("tuin"), title=each) for each in ("Tijd", "Geld", "Geld")],
        findings=[bare(a_finding("tuin"), claim="Contact")],
        sources=[bare(a_source(), title="Verslag")],
    )

    kept = told(new, old)

    assert ids(kept["pitfalls"]) == ["tuin--twee", "tuin--een", "tuin--geld"]
    assert ids(kept["findings"]) == ["tuin--drie"]
    assert ids(kept["sources"]) == ["verslag"]


def test_an_id_that_another_item_brings_is_not_given_again() -> None:
    old = told(a_case(pitfalls=[a_pitfall("tuin", "geld", title="Geld")]))
    new = a_case(
        pitfalls=[bare(a_pitfall("tuin"), title="Geld"), a_pitfall("tuin", "geld", title="Anders")]
    )

    assert ids(told(new, old)["pitfalls"]) == ["tuin--geld-2", "tuin--geld"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, [("/id", "required", None)]),
        ({"title": None}, [("/id", "required", None)]),
        ({"title": "Tuin"}, []),
        ({"title": " "}, [("/title", "empty", None)]),
        ({"id": None, "title": "Tuin"}, [("/id", "null", None)]),
        ({"id": "tuin", "pitfalls": [{}]}, [("/pitfalls/0/title", "required", None)]),
        (
            {"id": "tuin", "pitfalls": [{"id": None, "title": "x"}]},
            [("/pitfalls/0/id", "null", None)],
        ),
    ],
)
def test_what_is_sent_has_an_id_or_a_title(document: dict[str, Any], expected: list[Any]) -> None:
    assert told_mistakes(document, SentCase()) == expected


def test_a_document_may_name_its_schema() -> None:
    schema = {"$schema": "https://example.org/v1/schemas/case"}

    assert told_mistakes(a_case() | schema) == []
    assert told_mistakes(a_case() | schema, SentCase()) == []
    assert told_mistakes(a_case(place=schema))[0][:2] == ("/place/$schema", "unknown-key")


@strategies.PATIENT
@given(strategies.cases(), st.data())
def test_ids_are_kept_when_they_are_left_out_afterwards(
    document: dict[str, Any], draw: st.DataObject
) -> None:
    """Always each its own, always right, and the same when the same text comes again."""
    without = {
        **document,
        **{
            key: [bare(item) if draw.draw(st.booleans()) else item for item in document[key]]
            for key in ("pitfalls", "findings")
        },
    }

    first = told(without)

    assert list(open_problems(CaseDocument().load(first))) == []
    assert told(without, first) == first
