"""What each operation of a batch makes of a thing."""

from __future__ import annotations

from typing import Any

from tests.builders import a_case, a_finding, a_pitfall, a_source
from tests.conftest import KnowledgeBase
from tests.editors.batches import make
from tests.editors.conftest import Person


def test_text_is_literal_and_in_texts_alone(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(
        a_case(
            "a-b",
            title="a.b (nieuw)",
            context="A.B en a.b en aXb",
            programme="a-b",
            sources=[a_source(title="a.b", url="https://example.org/a.b")],
            pitfalls=[a_pitfall("a-b", title="Over a.b")],
            findings=[a_finding("a-b", claim="Van a.b")],
        )
    )

    [item] = make(anna, {"name": "replace-text", "find": "a.b", "replace": r"\1$&"}).json["items"]

    assert item["after"]["title"] == r"\1$& (nieuw)"
    assert item["after"]["context"] == r"A.B en \1$& en aXb"
    assert item["after"]["pitfalls"][0]["title"] == r"Over \1$&"
    assert item["after"]["pitfalls"][0]["id"] == "a-b--korte-adem"
    assert item["after"]["findings"][0]["claim"] == r"Van \1$&"
    assert "sources" not in item["after"]


def test_an_operation_says_where_and_how_to_look(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin", summary="Café of CAFE\u0301 of cafés", context="café"))
    cafe = {"name": "replace-text", "find": "cafe\u0301", "replace": "kroeg", "fields": ["summary"]}

    def summary(**more: Any) -> str:
        items = make(anna, {**cafe, **more}, dry=True).json["items"]
        return str(items[0]["after"]["summary"])

    assert summary() == "Café of CAFÉ of kroegs"
    assert summary(caseSensitive=False) == "kroeg of kroeg of kroegs"
    assert summary(caseSensitive=False, wholeWords=True) == "kroeg of kroeg of cafés"


def test_what_would_be_no_text_is_skipped(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin", title="Weg")]))

    away = {"name": "replace-text", "find": "Weg", "replace": ""}
    planned = make(anna, away, dry=True)

    assert planned.json["items"] == []
    assert make(anna, away).status_code == 409  # a batch of nothing
    assert anna.ask("GET", "/batches").json["items"] == []
    [skipped] = planned.json["skipped"]
    assert skipped["reason"] == "invalid"
    assert skipped["detail"].startswith("/pitfalls/0/title")


def test_a_term_is_added_replaced_and_removed(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(
        a_case(
            "tuin",
            strategies=["sociaal-beheer"],
            ingredients=[{"id": "buddy-systeem", "how": "Samen."}],
            findings=[a_finding("tuin", ingredients=["buddy-systeem"])],
        )
    )

    def after(**operation: Any) -> dict[str, Any]:
        items = make(anna, operation, dry=True).json["items"]
        return dict(items[0]["after"]) if items else {}

    other = next(
        each["id"]
        for each in kb.client.get("/v1/vocabularies/ingredients").json["terms"]
        if each["id"] != "buddy-systeem"
    )
    ingredients = {"scheme": "ingredients", "term": "buddy-systeem"}
    added = after(name="add-term", scheme="ingredients", term=other)["ingredients"]
    assert [(each["id"], each["how"]) for each in added] == [
        ("buddy-systeem", "Samen."),
        (other, None),
    ]
    assert after(name="add-term", **ingredients) == {}
    replaced = after(name="replace-term", **ingredients, **{"with": other})
    assert [each["id"] for each in replaced["ingredients"]] == [other]
    assert [each["id"] for each in replaced["findings"][0]["ingredients"]] == [other]
    removed = after(name="remove-term", **ingredients)
    assert removed["ingredients"] == []
    assert removed["findings"][0]["ingredients"] == []


def test_a_draft_says_what_its_added_ingredient_lacks(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin", ingredients=[{"id": "buddy-systeem", "how": "Samen."}]))
    terms = kb.client.get("/v1/vocabularies/ingredients").json["terms"]
    other = next(each["id"] for each in terms if each["id"] != "buddy-systeem")

    made = make(anna, {"name": "add-term", "scheme": "ingredients", "term": other})

    [item] = made.json["items"]
    assert [each["pointer"] for each in item["problems"]] == ["/ingredients/1/how"]
