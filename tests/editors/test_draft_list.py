"""The list of drafts, and what editors ask of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes, somebody


def test_the_list_of_drafts_tells_how_far_each_is(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("openbaar"))
    anna.create({"id": "leeg"})
    piet.create(a_case("tuin"))
    piet.review("tuin", "submit")

    body = anna.ask("GET", "/drafts").json

    assert [
        (each["id"], each["title"], each["state"], each["author"], each["problemCount"])
        for each in body["items"]
    ] == [("tuin", "Tuin", "submitted", "Piet", 0), ("leeg", None, "draft", "Anna", 12)]
    assert all(each["savedAt"].endswith("Z") for each in body["items"])
    assert body["page"] == {"number": 1, "size": 20, "totalItems": 2, "totalPages": 1}

    def draft_ids(query: str) -> list[str]:
        return [each["id"] for each in anna.ask("GET", f"/drafts?{query}").json["items"]]

    assert draft_ids("state=draft") == ["leeg"]
    assert draft_ids("state=draft&state=submitted") == ["tuin", "leeg"]
    assert draft_ids("author=Anna&author=Piet") == ["tuin", "leeg"]
    assert draft_ids("author=Niemand") == []
    assert draft_ids("state=returned") == []
    page = anna.ask("GET", "/drafts?pageSize=1&state=draft&state=submitted")
    assert [each["id"] for each in page.json["items"]] == ["tuin"]
    following = page.json["_links"]["next"]["href"].removeprefix("http://kennisbank.test/v1")
    assert f'<{page.json["_links"]["next"]["href"]}>; rel="next"' == page.headers["Link"]
    assert [each["id"] for each in anna.ask("GET", following).json["items"]] == ["leeg"]
    assert codes(anna.ask("GET", "/drafts?state=onzin&auteur=x&pageSize=101")) == {
        "state": "not-in-vocabulary",
        "auteur": "unknown-parameter",
        "pageSize": "out-of-range",
    }


def listed(who: Person, query: str = "") -> list[dict[str, Any]]:
    """The items of the list of drafts."""
    items: list[dict[str, Any]] = who.ask("GET", f"/drafts{query}").json["items"]
    return items


def test_a_draft_is_listed_for_who_ever_wrote_in_it(anna: Person, piet: Person) -> None:
    anna.create(a_case("tuin"))
    piet.patch("tuin", {"title": "Tuin van ons"})
    piet.create(a_case("hof"))

    [item] = listed(anna, "?writer=Anna")

    assert (item["id"], item["startedBy"], item["author"]) == ("tuin", "Anna", "Piet")
    assert {each["id"] for each in listed(anna, "?writer=Piet")} == {"tuin", "hof"}
    assert listed(anna, "?writer=Niemand") == []


def test_the_list_is_searched_by_words_of_title_and_id(anna: Person) -> None:
    for slug, title in (("tuin", "De 100%-tuin"), ("hof", "Het hof van Ede"), ("plein", "Ede")):
        anna.create({"id": slug, "title": title})

    assert [each["id"] for each in listed(anna, "?q=EDE")] == ["plein", "hof"]
    assert [each["id"] for each in listed(anna, "?q=ede+hof")] == ["hof"]
    assert [each["id"] for each in listed(anna, "?q=tui")] == ["tuin"]
    assert [each["id"] for each in listed(anna, "?q=%25")] == ["tuin"]
    assert listed(anna, "?q=_") == []
    assert [each["id"] for each in listed(anna, "?id=hof")] == ["hof"]


def test_what_waits_longest_for_review_comes_first(anna: Person, piet: Person) -> None:
    for slug in ("a", "b", "c"):
        anna.create(a_case(slug))
    for slug in ("c", "a", "b"):
        anna.review(slug, "submit", note=f"Over {slug}.")
    piet.review("c", "return", note="Wie deed dit?")

    waiting = listed(piet, "?state=submitted&sort=stateSince")
    [returned] = listed(anna, "?state=returned")

    assert [(each["id"], each["note"]) for each in waiting] == [("a", "Over a."), ("b", "Over b.")]
    assert waiting[0]["stateSince"] >= waiting[0]["savedAt"]
    assert returned["note"] == "Wie deed dit?"
    assert listed(anna)[0]["note"] is None or listed(anna)[0]["state"] != "draft"


def test_a_draft_says_what_publishing_it_is(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("openbaar"), a_case("weg"))
    kb.withdraw("weg")
    for slug in ("openbaar", "weg"):
        anna.ask("POST", f"/cases/{slug}/draft", {})
    anna.create(a_case("nieuw", kind="archetype"))

    items = {each["id"]: each for each in listed(anna)}

    assert {slug: (each["change"], each["basedOn"]) for slug, each in items.items()} == {
        "openbaar": ("change", 1),
        "weg": ("reinstatement", 1),
        "nieuw": ("new", None),
    }
    assert [each["id"] for each in listed(anna, "?kind=archetype")] == ["nieuw"]


def test_a_draft_says_what_may_be_done_with_it(
    anna: Person, piet: Person, kb: KnowledgeBase
) -> None:
    anna.create(a_case("tuin"))
    other = somebody(kb, "Sanne", "editor")

    def actions(*people: Person) -> list[str]:
        return [" ".join(listed(who, "?id=tuin")[0]["actions"]) for who in people]

    assert actions(anna, other, piet) == [
        "edit submit discard",
        "edit submit",
        "edit submit discard",
    ]
    anna.review("tuin", "submit")
    assert actions(anna, other, piet) == [
        "edit retract discard",
        "edit",
        "edit retract return publish discard",
    ]
    piet.patch("tuin", {"title": "Van Piet"})
    anna.review("tuin", "submit")
    assert actions(piet) == ["edit retract return discard"]  # he wrote in it
    piet.review("tuin", "return", note="Nog eens.")
    anna.patch("tuin", {"summary": None})
    anna.review("tuin", "submit")
    assert "publish" not in listed(somebody(kb, "Els", "publisher"))[0]["actions"]  # no summary


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in ("/me", "/drafts", "/cases/tuin/draft")),
        *(("POST", path) for path in ("/cases", "/cases/tuin/draft", "/cases/tuin/draft/reviews")),
        *((method, "/cases/tuin/draft") for method in ("PUT", "PATCH", "DELETE")),
        *(("POST", path) for path in ("/cases/tuin/publications", "/cases/tuin/withdrawals")),
        ("POST", "/cases/tuin/renames"),
    ],
)
def test_slips_in_the_query_are_reported_to_editors_too(
    piet: Person, method: str, path: str
) -> None:
    response = piet.ask(method, f"{path}?onbekend=1&lang=fr")

    assert codes(response) == {"onbekend": "unknown-parameter", "lang": "not-in-vocabulary"}
