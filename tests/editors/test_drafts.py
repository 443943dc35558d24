"""Drafts: saved while incomplete, beside the public text, with ids that never change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from kb.editors.model import Revision
from tests import strategies
from tests.builders import a_case, a_finding, a_pitfall, a_source
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes, somebody
from tests.strategies import examples

TITLE = "Wonen & zorg in Súdwest-Fryslân"


def problems(document: Any) -> dict[str, str]:
    """The open problems of a draft, by pointer."""
    return {each["pointer"]: each["code"] for each in document.json["_draft"]["problems"]}


def ids(document: Any, key: str) -> list[str]:
    return [each["id"] for each in document.json[key]]


def bare(item: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """An item without its id."""
    return {key: value for key, value in (item | keys).items() if key != "id"}


def test_an_incomplete_case_is_saved_and_its_open_problems_are_reported(anna: Person) -> None:
    response = anna.create({"title": TITLE, "endYear": 2010, "startYear": 2020, "archetype": "x"})

    assert response.status_code == 201
    slug = "wonen-en-zorg-in-sudwest-fryslan"
    assert response.json["id"] == slug
    assert response.headers["Location"] == f"http://kennisbank.test/v1/cases/{slug}/draft"
    assert response.headers["Cache-Control"] == "no-store"
    assert problems(response) == {
        **dict.fromkeys(("/kind", "/summary", "/context", "/approach", "/results"), "required"),
        **dict.fromkeys(("/status", "/scale"), "required"),
        **dict.fromkeys(("/strategies", "/targetGroups", "/ingredients", "/sources"), "too-short"),
        "/endYear": "inconsistent",
        "/archetype": "unknown-reference",
    }
    state = response.json["_draft"]
    assert (state["state"], state["author"], state["basedOn"]) == ("draft", "Anna", None)
    assert [(each["what"], each["who"]) for each in state["history"]] == [("saved", "Anna")]
    again = anna.ask("GET", f"/cases/{slug}/draft")
    assert again.json == response.json
    assert again.headers["ETag"] == response.headers["ETag"]


def test_a_complete_case_has_no_open_problems(anna: Person) -> None:
    assert problems(anna.create(a_case("tuin"))) == {}


def test_problems_are_reported_in_english_on_request(anna: Person) -> None:
    anna.create({"id": "tuin"})

    [nl, en] = [anna.ask("GET", f"/cases/tuin/draft?lang={each}") for each in ("nl", "en")]

    assert nl.json["_draft"]["problems"][0]["detail"] == "Dit is verplicht."
    assert en.json["_draft"]["problems"][0]["detail"] == "This is required."
    assert nl.headers["ETag"] != en.headers["ETag"]
    assert anna.patch("tuin", {"title": "Tuin"}, nl.headers["ETag"]).status_code == 200
    assert anna.patch("tuin", {"title": "Plein"}, en.headers["ETag"]).status_code == 412


def test_every_mistake_is_reported_at_once_and_nothing_is_saved(anna: Person) -> None:
    anna.create(a_case("tuin"))
    wrong = a_case(
        "plein",
        type="study",
        version=3,
        title="a" * 201,
        startYear="2016",
        scale="wijkk",
        status=None,
        strategies=["sociaal-beheer", "sociaal-beheer"],
        places=[],
        ingredients=[{"id": "budy-systeem", "how": 7, "howw": ""}],
        findings=[{"id": "plein--x", "domain": {"id": "leefbarheid"}}],
        sources=[a_source(year=99_999, authors=[1, ""])],
    )

    response = anna.put("tuin", wrong)

    assert codes(response) == {
        "/id": "read-only",
        "/type": "read-only",
        "/version": "read-only",
        "/title": "too-long",
        "/startYear": "wrong-type",
        "/scale": "not-in-vocabulary",
        "/strategies/1": "duplicate",
        "/places": "unknown-key",
        "/ingredients/0/id": "not-in-vocabulary",
        "/ingredients/0/how": "wrong-type",
        "/ingredients/0/howw": "unknown-key",
        "/findings/0/claim": "required",
        "/findings/0/domain": "not-in-vocabulary",
        "/sources/0/year": "out-of-range",
        "/sources/0/authors/0": "wrong-type",
        "/sources/0/authors/1": "empty",
    }
    near = {each["pointer"]: each.get("suggestion") for each in response.json["errors"]}
    assert near["/scale"] == "wijk"
    assert near["/places"] == "place"
    assert near["/ingredients/0/id"] == "buddy-systeem"
    assert near["/ingredients/0/howw"] == "how"
    allowed = {each["pointer"]: each.get("allowed") for each in response.json["errors"]}
    assert allowed["/scale"] == "http://kennisbank.test/v1/vocabularies/scales"
    assert anna.ask("GET", "/cases/tuin/draft").json["title"] == "Tuin"


def test_an_id_that_is_taken_is_a_conflict(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("openbaar"), a_case("weg"))
    kb.withdraw("weg")
    kb.take(studies=[{"id": "studie", "title": "Studie", "sourceType": "rapport", "summary": "x"}])
    anna.create(a_case("tuin"))

    for slug in ("tuin", "openbaar", "weg", "studie"):
        assert anna.create(a_case(slug)).status_code == 409


def test_a_title_that_is_taken_gets_a_number(anna: Person) -> None:
    made = [anna.create({"title": "Tuin"}).json["id"] for _ in range(3)]
    long = [anna.create({"title": "a" * 200}).json["id"] for _ in range(2)]

    assert made == ["tuin", "tuin-2", "tuin-3"]
    assert long == ["a" * 80, "a" * 74 + "-2"]


@pytest.mark.parametrize("document", [{}, {"title": None}, {"summary": "Zonder naam"}])
def test_a_case_without_id_and_title_cannot_be_named(
    anna: Person, document: dict[str, Any]
) -> None:
    assert codes(anna.create(document)) == {"/id": "required"}


def test_what_get_gives_can_be_sent_back_unchanged(anna: Person) -> None:
    whole = a_case(
        "tuin",
        pitfalls=[a_pitfall("tuin")],
        findings=[a_finding("tuin")],
        unverified=["startYear"],
        parties=[{"name": "Portaal", "role": "woningcorporatie"}],
    )
    response = anna.create(whole)
    anna.review("tuin", "submit")
    read = anna.ask("GET", "/cases/tuin/draft")

    back = anna.put("tuin", read.json, read.headers["ETag"])

    assert back.status_code == 200
    assert back.json == read.json  # it is even still submitted
    assert back.headers["ETag"] == read.headers["ETag"]
    texts = [
        {key: value for key, value in each.get_json().items() if key != "_draft"}
        for each in (read, response)
    ]
    assert texts[0] == texts[1]


def test_what_get_gives_of_a_published_case_can_be_sent_back_too(
    kb: KnowledgeBase, anna: Person
) -> None:
    kb.publish(a_case("type", kind="archetype"), a_case("tuin", archetype="type"))
    public: Any = kb.client.get("/v1/cases/tuin").json
    anna.ask("POST", "/cases/tuin/draft", {})

    response = anna.put("tuin", public)

    assert response.status_code == 200, response.text
    ours = ("_draft", "_links", "practiceNotes")
    assert {key: value for key, value in response.json.items() if key not in ours} == {
        key: value for key, value in public.items() if key not in ours
    }


@examples(25)
@given(document=strategies.cases("tuin"), patch=st.booleans())
def test_any_draft_can_be_sent_back_unchanged(
    kb: KnowledgeBase, document: dict[str, Any], patch: bool
) -> None:
    anna = somebody(kb, "Anna", "editor")
    response = anna.create(document)
    assert response.status_code == 201, response.text

    send = anna.patch if patch else anna.put
    back = send("tuin", response.json, response.headers["ETag"])

    assert back.json == response.json
    deleted = anna.ask("DELETE", "/cases/tuin/draft", tag=back.headers["ETag"])
    assert deleted.status_code == 204


def test_put_is_complete_and_what_is_left_out_becomes_empty(anna: Person) -> None:
    anna.create(a_case("tuin", unverified=["scale"], pitfalls=[a_pitfall("tuin")]))

    response = anna.put("tuin", {"title": "Tuin"})

    assert response.json["pitfalls"] == response.json["strategies"] == []
    assert response.json["summary"] is None
    assert response.json["place"]["municipality"] is None
    assert response.json["unverified"] == ["scale"]  # left out: nobody has checked it yet


def test_patch_changes_the_keys_it_has_and_replaces_lists_whole(anna: Person) -> None:
    anna.create(a_case("tuin", strategies=["sociaal-beheer", "sloop-nieuwbouw"]))

    response = anna.patch(
        "tuin",
        {
            "title": "Plein",
            "summary": None,
            "place": {"municipality": "Ede", "province": None},
            "kind": {"id": "archetype"},
            "strategies": [{"id": "gemengd-wonencomplex", "label": "Wat dan ook"}],
            "_onzin": 1,
        },
    )

    assert response.status_code == 200, response.text
    assert (response.json["title"], response.json["summary"]) == ("Plein", None)
    place: Any = response.json["place"]
    assert {
        key: place[key] for key in ("country", "province", "municipality", "neighbourhood")
    } == {
        "country": "NL",
        "province": None,
        "municipality": "Ede",
        "neighbourhood": None,
    }
    assert response.json["kind"]["id"] == "archetype"
    assert ids(response, "strategies") == ["gemengd-wonencomplex"]
    assert response.json["context"] == a_case()["context"]
    assert "_onzin" not in response.text


@pytest.mark.parametrize("send", ["put", "patch"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "plein"),
        ("type", "study"),
        ("version", 2),
        ("version", True),
        ("version", None),
        ("publishedAt", "2020-01-01T00:00:00Z"),
        ("updatedAt", None),
    ],
)
def test_what_we_tell_cannot_be_changed(
    kb: KnowledgeBase, anna: Person, send: str, key: str, value: Any
) -> None:
    kb.publish(a_case("tuin"))
    anna.ask("POST", "/cases/tuin/draft", {})

    response = getattr(anna, send)("tuin", {"title": "Tuin", key: value})

    assert codes(response) == {f"/{key}": "read-only"}


@pytest.mark.parametrize("send", ["put", "patch"])
def test_what_follows_from_other_keys_is_passed_over(anna: Person, send: str) -> None:
    draft: Any = anna.create(a_case("tuin", findings=[a_finding("tuin")])).json
    assert draft["outcome"]["id"] == "positief"
    [finding] = draft["findings"]
    changed = {**finding, "direction": "negatief", "lane": "oorzakelijk"}

    response = getattr(anna, send)("tuin", {**draft, "findings": [changed], "outcome": "verdeeld"})

    assert response.status_code == 200, response.text
    assert response.json["outcome"]["id"] == "negatief"
    assert response.json["findings"][0]["lane"]["id"] == "ervaring"


def test_an_item_keeps_its_id_and_a_new_one_gets_its_own(anna: Person) -> None:
    old = a_case(
        "tuin",
        pitfalls=[a_pitfall("tuin", "een", title="Te laat!"), a_pitfall("tuin", "twee")],
        findings=[a_finding("tuin", "drie", claim="Buren kennen elkaar")],
        sources=[a_source("bron-1"), a_source("bron-3", title="Anders")],
    )
    anna.create(old)

    response = anna.patch(
        "tuin",
        {
            "pitfalls": [
                bare(a_pitfall("tuin"), title="Een"),  # the id of another, which stays free
                bare(a_pitfall("tuin"), title="Te laat"),
                bare(a_pitfall("tuin"), title="Te laat!"),
                {**a_pitfall("tuin", "twee"), "title": "Heel anders"},
            ],
            "findings": [
                bare(a_finding("tuin"), claim="Buren kennen elkaar"),
                bare(a_finding("tuin"), claim="woord " * 40),
                bare(a_finding("tuin"), claim="…"),
            ],
            "sources": [bare(a_source()), bare(a_source(), title="Nieuw")],
        },
    )

    assert response.status_code == 200, response.text
    assert ids(response, "pitfalls") == ["tuin--een-2", "tuin--te-laat", "tuin--een", "tuin--twee"]
    assert ids(response, "findings") == [
        "tuin--drie",
        "tuin--" + "-".join(["woord"] * 10),
        "tuin--finding",
    ]
    assert ids(response, "sources") == ["bron-1", "bron-2"]


def test_a_draft_that_is_thrown_away_is_gone_and_its_id_is_free(anna: Person) -> None:
    tag = anna.create(a_case("tuin")).headers["ETag"]

    assert anna.ask("DELETE", "/cases/tuin/draft", tag=tag).status_code == 204

    assert anna.ask("GET", "/cases/tuin/draft").status_code == 404
    again = anna.create(a_case("tuin", title="Opnieuw"))
    assert again.status_code == 201
    assert again.headers["ETag"] != tag
    assert anna.patch("tuin", {"title": "Te laat"}, tag).status_code == 412


def test_a_term_that_is_no_more_does_not_close_a_draft(kb: KnowledgeBase, anna: Person) -> None:
    anna.create(a_case("tuin"))
    with kb.database.transaction() as session:  # as an older release may have saved it
        old = a_case("tuin") | stored_document(kb) | {"scale": "dorp"}
        session.execute(update(Revision).values(document=old))

    response = anna.ask("GET", "/cases/tuin/draft")

    assert response.status_code == 200
    assert response.json["scale"] == {"id": "dorp", "label": "dorp"}
    assert problems(response) == {"/scale": "not-in-vocabulary"}
    assert anna.patch("tuin", {"scale": "wijk"}).status_code == 200


def stored_document(kb: KnowledgeBase) -> dict[str, Any]:
    """The document of the one draft, as it is kept."""
    with kb.database.reading() as session:
        rows: dict[str, Any] = session.scalars(select(Revision.document)).one()
    return rows
