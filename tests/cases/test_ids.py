"""Ids that editors did not give: kept from the text before, or made, and never twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.editors.editable_kind import editable_kind
from schemas.cases import CaseDocument, CaseInput, as_document, publication_errors
from schemas.ids import assign_ids, slugify
from tests import strategies
from tests.builders import a_case, a_finding, a_pitfall, a_source
from tests.cases.mistakes import mistakes_of


def with_ids(document: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
    """The document as it would be kept, after `old`."""
    return as_document(editable_kind("case").with_ids(CaseInput().load(document), old))


def bare(item: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """An item without its id."""
    return {key: value for key, value in (item | keys).items() if key != "id"}


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
    assert slugify(title, 80, "casus") == expected


def test_a_case_without_an_id_gets_that_of_its_title_and_so_do_its_items() -> None:
    document = bare(
        a_case("x", title="Onze tuin", sources=[bare(a_source()), a_source("bron-1")]),
        pitfalls=[bare(a_pitfall("x"), title="Te laat begonnen")],
        findings=[bare(a_finding("x"), claim="Buren kennen elkaar")],
    )

    stored = with_ids(document)

    assert stored["id"] == "onze-tuin"
    assert ids(stored["pitfalls"]) == ["onze-tuin--te-laat-begonnen"]
    assert ids(stored["findings"]) == ["onze-tuin--buren-kennen-elkaar"]
    assert ids(stored["sources"]) == ["bron-2", "bron-1"]


def test_an_item_without_an_id_keeps_that_of_the_item_with_the_same_title() -> None:
    old = with_ids(
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

    stored = with_ids(new, old)

    assert ids(stored["pitfalls"]) == ["tuin--twee", "tuin--een", "tuin--geld"]
    assert ids(stored["findings"]) == ["tuin--drie"]
    assert ids(stored["sources"]) == ["verslag"]


def test_an_id_that_another_item_brings_is_not_assigned_again() -> None:
    old = with_ids(a_case(pitfalls=[a_pitfall("tuin", "geld", title="Geld")]))
    new = a_case(
        pitfalls=[bare(a_pitfall("tuin"), title="Geld"), a_pitfall("tuin", "geld", title="Anders")]
    )

    assert ids(with_ids(new, old)["pitfalls"]) == ["tuin--geld-2", "tuin--geld"]


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
    assert mistakes_of(document, CaseInput()) == expected


def test_a_document_may_name_its_schema() -> None:
    schema = {"$schema": "https://example.org/v1/schemas/case"}

    assert mistakes_of(a_case() | schema) == []
    assert mistakes_of(a_case() | schema, CaseInput()) == []
    assert mistakes_of(a_case(place=schema))[0][:2] == ("/place/$schema", "unknown-key")


@given(strategies.cases(), st.data())
def test_ids_stay_when_they_are_left_out_afterwards(
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

    first = with_ids(without)

    assert list(publication_errors(CaseDocument().load(first))) == []
    assert with_ids(without, first) == first


def after(*texts: dict[str, Any]) -> dict[str, Any]:
    """The last of these texts as it is kept, each sent after the one before."""
    stored: list[dict[str, Any]] = []
    for text in texts:
        sent = CaseInput().load(text)
        old = stored[-1] if stored else None
        stored.append(as_document(assign_ids(sent, old, reversed(stored[:-1]))))
    return stored[-1]


def pitfalls(*titles: str, **keys: Any) -> dict[str, Any]:
    """A text whose pitfalls have these titles and no ids."""
    return a_case(pitfalls=[bare(a_pitfall("tuin"), title=title, **keys) for title in titles])


def sources(*titles: str, **keys: Any) -> dict[str, Any]:
    """A text whose sources have these titles and no ids."""
    return a_case(sources=[bare(a_source(), title=title, **keys) for title in titles])


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([sources("Rapport A"), sources(), sources("Krantenbericht B")], ["bron-2"]),
        ([sources("Krant A"), sources("Krant B")], ["bron-2"]),
        ([sources("A"), sources(), sources("A")], ["bron-1"]),  # the same comes back
        ([sources("A", "B"), sources("B", "A")], ["bron-2", "bron-1"]),
        ([sources("A", "B"), sources("B", "C")], ["bron-2", "bron-3"]),
        ([sources("Verslag 2019"), sources("Verslag 2020")], ["bron-2"]),
        ([sources("Verslag vna de wijk"), sources("Verslag van de wijk")], ["bron-1"]),
        (
            [
                sources("Verslag 1", url="https://a.nl/1"),
                sources("Het verslag", url="https://a.nl/1"),
            ],
            ["bron-1"],
        ),
    ],
)
def test_an_id_of_a_source_is_never_assigned_to_another(
    texts: list[dict[str, Any]], expected: list[str]
) -> None:
    assert ids(after(*texts)["sources"]) == expected


def test_of_sources_with_one_title_each_keeps_the_id_of_its_own_year() -> None:
    first, second = (bare(a_source(), title="Jaarverslag", year=year) for year in (2019, 2020))
    both, newest, turned = (
        a_case(sources=each) for each in ([first, second], [second], [second, first])
    )

    assert ids(after(both, newest)["sources"]) == ["bron-2"]
    assert ids(after(both, turned)["sources"]) == ["bron-2", "bron-1"]


def test_an_id_that_only_a_finding_still_names_is_not_assigned_to_a_new_source() -> None:
    finding = a_finding("tuin", source="bron-1")
    orphan = a_case(sources=[], findings=[finding])

    stored = after(orphan, a_case(sources=[bare(a_source())], findings=[finding]))

    assert ids(stored["sources"]) == ["bron-2"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Te wienig geld", "Te weinig geld", "te-wienig-geld"),
        ("te weinig geld", "Te weinig  geld", "te-weinig-geld"),
        ("Participtie te laat", "Participatie te laat", "participtie-te-laat"),
        ("Geld voor fase 1", "Geld voor fase 2", "geld-voor-fase-2"),
        ("Bewoner A haakt af", "Bewoner B haakt af", "bewoner-b-haakt-af"),
        ("Te weinig geld", "Te weinig tijd", "te-weinig-tijd"),
    ],
)
def test_a_mended_slip_of_the_pen_keeps_the_id_of_a_pitfall(
    old: str, new: str, expected: str
) -> None:
    assert ids(after(pitfalls(old), pitfalls(new))["pitfalls"]) == [f"tuin--{expected}"]


def test_the_id_of_a_pitfall_that_went_is_not_assigned_to_another_of_the_same_first_words() -> None:
    long = "Geld dat bedoeld was voor ontmoeting gaat op aan overleg over de "
    first, second = pitfalls(long + "inrichting"), pitfalls(long + "bekostiging")

    assert ids(after(first, pitfalls(), second)["pitfalls"]) == [
        "tuin--geld-dat-bedoeld-was-voor-ontmoeting-gaat-op-aan-overleg-2"
    ]


TITLES = ("Geld", "Gled", "Tijd", "Tijdgebrek bij bewoners", "Rapport 1", "Rapport 2")


@given(st.lists(st.lists(st.sampled_from(TITLES), max_size=4), min_size=2, max_size=6))
def test_no_edit_gives_an_id_to_another_item(edits: list[list[str]]) -> None:
    """Whatever is left out, reordered or brought back: an id means one thing."""
    meaning: dict[str, str] = {}
    stored: list[dict[str, Any]] = []
    for titles in edits:
        text = {**pitfalls(*titles), "sources": sources(*titles)["sources"]}
        old = stored[-1] if stored else None
        stored.append(as_document(assign_ids(CaseInput().load(text), old, reversed(stored[:-1]))))
        for item in (*stored[-1]["pitfalls"], *stored[-1]["sources"]):
            title = item["title"].replace("Gled", "Geld")  # one item, before it was mended
            assert meaning.setdefault(item["id"], title) == title
        for key in ("pitfalls", "sources"):
            assert len(set(ids(stored[-1][key]))) == len(stored[-1][key])
