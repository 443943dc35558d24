"""One operation over many things makes drafts that are reviewed and published together."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.builders import a_case, a_finding, a_pitfall, a_source
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes, somebody

WORDS = {"name": "replace-text", "find": "bewoners", "replace": "huurders"}


@pytest.fixture
def cases(kb: KnowledgeBase) -> None:
    """Two cases that speak of residents, and one that does not."""
    kb.publish(
        a_case("tuin", summary="De bewoners tuinieren."),
        a_case("plein", context="Hier spelen bewoners, en medebewoners.", scale="wijk"),
        a_case("straat", summary="Een straat.", scale="wijk"),
    )


def make(
    who: Person, operation: dict[str, Any], *, dry: bool = False, **selection: Any
) -> TestResponse:
    """Make a batch; without ids or filters of all cases."""
    chosen = {"type": "case", **(selection or {"filters": {}})}
    path = f"/batches?dryRun={'true' if dry else 'false'}"
    return who.ask("POST", path, {"operation": operation, "selection": chosen})


def decide(who: Person, batch: TestResponse, decision: str, **note: Any) -> TestResponse:
    path = f"/batches/{batch.json['id']}/reviews"
    return who.ask("POST", path, {"decision": decision, **note}, tag=batch.headers["ETag"])


def publish(who: Person, batch: TestResponse) -> TestResponse:
    path = f"/batches/{batch.json['id']}/publications"
    return who.ask("POST", path, {}, tag=batch.headers["ETag"])


def read(who: Person, batch: TestResponse) -> TestResponse:
    return who.ask("GET", f"/batches/{batch.json['id']}")


def ids(batch: TestResponse) -> list[str]:
    return sorted(item["id"] for item in batch.json["items"])


def public(kb: KnowledgeBase, slug: str) -> dict[str, Any]:
    return dict(kb.client.get(f"/v1/cases/{slug}").json or {})


@pytest.mark.usefixtures("cases")
def test_a_dry_run_says_what_would_change_and_writes_nothing(anna: Person) -> None:
    answer = make(anna, WORDS, dry=True)

    assert answer.status_code == 200, answer.text
    assert (answer.json["dryRun"], answer.json["id"], ids(answer)) == (
        True,
        None,
        ["plein", "tuin"],
    )
    assert answer.json["totals"] == {"changed": 2, "unchanged": 1, "skipped": 0}
    [tuin] = [each for each in answer.json["items"] if each["id"] == "tuin"]
    assert tuin["before"] == {"summary": "De bewoners tuinieren."}
    assert tuin["after"] == {"summary": "De huurders tuinieren."}
    assert anna.ask("GET", "/drafts").json["items"] == []
    assert anna.ask("GET", "/batches").json["items"] == []


@pytest.mark.usefixtures("cases")
def test_a_dry_run_waits_for_nobody_and_keeps_nobody_waiting(
    kb: KnowledgeBase, anna: Person
) -> None:
    with kb.database.transaction() as writing:  # SQLite lets one write at a time
        writing.execute(text("DELETE FROM batch"))
        answer = make(anna, WORDS, dry=True)

    assert answer.status_code == 200, answer.text
    assert ids(answer) == ["plein", "tuin"]


@pytest.mark.usefixtures("cases")
def test_a_dry_run_shows_what_is_made(anna: Person) -> None:
    shown, made = make(anna, WORDS, dry=True).json, make(anna, WORDS).json

    for key in ("items", "skipped", "totals", "operation", "selection"):
        assert shown[key] == made[key]


@pytest.mark.usefixtures("cases")
def test_a_batch_goes_on_saying_how_much_stays_as_it_is(anna: Person) -> None:
    made = make(anna, WORDS)

    assert made.json["totals"] == {"changed": 2, "unchanged": 1, "skipped": 0}
    assert read(anna, made).json["totals"] == made.json["totals"]
    assert decide(anna, made, "submit").json["totals"] == made.json["totals"]


@pytest.mark.usefixtures("cases")
def test_a_batch_is_approved_as_one_by_another(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    made = make(anna, WORDS)
    drafts = anna.ask("GET", "/drafts").json["items"]
    submitted = decide(anna, made, "submit")

    published = publish(piet, submitted)

    assert made.status_code == 201, made.text
    assert {draft["batch"] for draft in drafts} == {made.json["id"]}
    assert published.status_code == 201, published.text
    assert (published.json["published"], published.json["searchable"]) == (2, True)
    assert public(kb, "tuin")["summary"] == "De huurders tuinieren."
    assert public(kb, "plein")["context"] == "Hier spelen huurders, en medehuurders."
    assert read(anna, made).json["state"] == "published"
    assert {item["state"] for item in read(anna, made).json["items"]} == {"published"}
    assert read(anna, made).json["items"][0]["after"]  # still told of, afterwards
    assert kb.client.get("/v1/cases?q=medehuurders").json["items"][0]["id"] == "plein"


@pytest.mark.usefixtures("cases")
def test_who_made_a_batch_does_not_publish_it(anna: Person, piet: Person) -> None:
    submitted = decide(piet, make(piet, WORDS), "submit")

    assert publish(piet, submitted).status_code == 403
    assert publish(anna, submitted).status_code == 403  # an editor
    assert "publish" not in submitted.json["actions"]


@pytest.mark.usefixtures("cases")
def test_who_wrote_in_one_draft_does_not_publish_the_batch(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    made = make(anna, WORDS)
    piet.patch("tuin", {"summary": "Huurders tuinieren."})
    submitted = decide(anna, read(anna, made), "submit")

    assert publish(piet, submitted).status_code == 403
    assert public(kb, "plein")["version"] == 1  # nothing of it


@pytest.mark.usefixtures("cases")
def test_a_draft_that_changed_meanwhile_stops_the_whole_batch(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    submitted = decide(anna, make(anna, WORDS), "submit")
    anna.patch("tuin", {"summary": "Anders."})

    late = publish(piet, submitted)

    assert late.status_code == 412
    assert publish(piet, read(piet, submitted)).status_code == 409  # a draft again
    assert read(piet, submitted).json["state"] == "draft"
    assert public(kb, "plein")["version"] == 1


@pytest.mark.usefixtures("cases")
def test_a_draft_that_cannot_be_published_stops_the_whole_batch(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    made = make(anna, WORDS)
    anna.patch("tuin", {"scale": None})
    submitted = decide(anna, read(anna, made), "submit")
    [place] = [n for n, each in enumerate(submitted.json["items"]) if each["id"] == "tuin"]

    refused = publish(piet, submitted)

    assert codes(refused) == {f"/items/{place}/scale": "required"}
    assert public(kb, "plein")["version"] == 1
    path = f"/batches/{made.json['id']}/items/case/tuin"
    without = anna.ask("DELETE", path, tag=submitted.headers["ETag"])
    assert ids(without) == ["plein"]
    assert publish(piet, without).status_code == 201
    assert public(kb, "plein")["version"] == 2
    assert anna.ask("GET", "/cases/tuin/draft").status_code == 404


@pytest.mark.usefixtures("cases")
def test_a_thing_that_was_withdrawn_stops_the_whole_batch(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    submitted = decide(anna, make(anna, WORDS), "submit")
    kb.withdraw("tuin")

    assert publish(piet, submitted).status_code == 409
    assert public(kb, "plein")["version"] == 1


@pytest.mark.usefixtures("cases")
def test_a_batch_is_returned_and_submitted_again(anna: Person, piet: Person) -> None:
    submitted = decide(anna, make(anna, WORDS), "submit")

    assert codes(decide(piet, submitted, "return")) == {"/note": "required"}
    assert decide(anna, submitted, "return", note="Nee.").status_code == 403
    returned = decide(piet, submitted, "return", note="Ook in de titels.")
    again = decide(anna, returned, "submit")

    assert (returned.json["state"], returned.json["note"]) == ("returned", "Ook in de titels.")
    assert {each["state"] for each in returned.json["items"]} == {"returned"}
    assert again.json["state"] == "submitted"


@pytest.mark.usefixtures("cases")
def test_a_batch_says_what_changes_in_a_thing_that_was_renamed(anna: Person, piet: Person) -> None:
    made = make(anna, WORDS, ids=["tuin"])
    renamed = piet.ask("POST", "/cases/tuin/renames", {"id": "hof"})

    [item] = read(anna, made).json["items"]

    assert renamed.status_code < 300, renamed.text
    assert item["id"] == "hof"
    assert item["before"] == {"summary": "De bewoners tuinieren."}


@pytest.mark.usefixtures("cases")
def test_a_discarded_batch_leaves_no_drafts(anna: Person, kb: KnowledgeBase) -> None:
    made = make(anna, WORDS)
    path = f"/batches/{made.json['id']}"

    assert anna.ask("DELETE", path).status_code == 428
    assert anna.ask("DELETE", path, tag=made.headers["ETag"]).status_code == 204

    assert anna.ask("GET", "/drafts").json["items"] == []
    assert decide(anna, read(anna, made), "submit").status_code == 409
    assert [each["state"] for each in anna.ask("GET", "/batches").json["items"]] == ["discarded"]


@pytest.mark.usefixtures("cases")
def test_a_thing_in_which_somebody_writes_is_left_to_them(anna: Person, piet: Person) -> None:
    piet.ask("POST", "/cases/tuin/draft", {})

    made = make(anna, WORDS)

    assert ids(made) == ["plein"]
    [skipped] = made.json["skipped"]
    assert (skipped["id"], skipped["reason"], skipped["author"]) == ("tuin", "has-draft", "Piet")


@pytest.mark.usefixtures("cases")
def test_a_selection_is_a_list_or_ids(anna: Person) -> None:
    assert ids(make(anna, WORDS, dry=True, filters={"scale": ["wijk"]})) == ["plein"]
    assert ids(make(anna, WORDS, dry=True, filters={"scale": "wijk,buurt"})) == ["plein", "tuin"]
    assert ids(make(anna, WORDS, dry=True, ids=["tuin", "straat"])) == ["tuin"]


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize(
    ("operation", "selection", "expected"),
    [
        (WORDS, {"ids": ["tuin", "weg"]}, {"/selection/ids/1": "unknown-reference"}),
        (WORDS, {"ids": ["tuin"], "filters": {}}, {"/selection/filters": "inconsistent"}),
        (WORDS, {"filters": {"schaal": "wijk"}}, {"/selection/filters/schaal": "unknown-key"}),
        (WORDS, {"filters": {"page": 2}}, {"/selection/filters/page": "unknown-key"}),
        (
            {**WORDS, "fields": ["summary", "url", "sources.url"]},
            {"filters": {}},
            {
                "/operation/fields/1": "unknown-reference",
                "/operation/fields/2": "unknown-reference",
            },
        ),
        ({**WORDS, "find": ""}, {"filters": {}}, {"/operation/find": "too-short"}),
        ({**WORDS, "find": "e"}, {"filters": {}}, {"/operation/find": "too-short"}),
        ({**WORDS, "replace": "bewoners"}, {"filters": {}}, {"/operation/replace": "inconsistent"}),
        (
            {"name": "add-term", "scheme": "phases", "term": "uitvoering"},
            {"filters": {}},
            {"/operation/scheme": "inconsistent"},
        ),
        (
            {"name": "add-term", "scheme": "strategies", "term": "zand"},
            {"filters": {}},
            {"/operation/term": "not-in-vocabulary"},
        ),
        ({"name": "merge-term"}, {"filters": {}}, {"/operation/name": "not-in-vocabulary"}),
    ],
)
def test_each_mistake_in_a_batch_has_its_place(
    anna: Person, operation: dict[str, Any], selection: dict[str, Any], expected: dict[str, str]
) -> None:
    assert codes(make(anna, operation, **selection)) == expected


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


def test_batches_are_for_editors(kb: KnowledgeBase, anna: Person) -> None:
    assert kb.client.get("/v1/batches").status_code == 401
    assert kb.client.post("/v1/batches", json={}).status_code == 401
    assert anna.ask("GET", "/batches/7").status_code == 404
    assert set(codes(anna.ask("POST", "/batches", {}))) == {"/operation", "/selection"}


def test_a_batch_on_postgresql_too(postgres_kb: KnowledgeBase) -> None:
    kb = postgres_kb
    kb.publish(a_case("tuin", summary="De bewoners."), a_case("plein", summary="De bewoners."))
    anna, piet = somebody(kb, "Anna", "editor"), somebody(kb, "Piet", "publisher")

    submitted = decide(anna, make(anna, WORDS), "submit")

    assert publish(piet, submitted).status_code == 201
    assert public(kb, "plein")["summary"] == "De huurders."
