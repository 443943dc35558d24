"""One operation over many things makes drafts that are reviewed and published together."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.editors.batches import WORDS, decide, ids, make, public, publish, read
from tests.editors.conftest import Person, codes, somebody


@pytest.fixture
def cases(kb: KnowledgeBase) -> None:
    """Two cases that speak of residents, and one that does not."""
    kb.publish(
        a_case("tuin", summary="De bewoners tuinieren."),
        a_case("plein", context="Hier spelen bewoners, en medebewoners.", scale="wijk"),
        a_case("straat", summary="Een straat.", scale="wijk"),
    )


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
    again = decide(anna, read(anna, made), "submit")
    assert again.status_code == 409
    assert "al gepubliceerd of weggegooid; maak een andere" in again.json["detail"]
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
