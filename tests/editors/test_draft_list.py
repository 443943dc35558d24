"""The list of drafts, and what editors ask of it."""

from __future__ import annotations

import pytest

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes


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
