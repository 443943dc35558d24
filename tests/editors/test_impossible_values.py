"""What cannot be true is refused when it is sent; what an earlier release let in stays editable."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from kb.editors.model import Revision
from tests.builders import a_case, a_source
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes

WRONG: dict[str, Any] = {
    "place": {"country": "NL", "province": "Noord Holland"},
    "startYear": 2099,
    "sources": [a_source(year=2099)],
    "unverified": ["startYaer"],
}
POINTERS = {
    "/place/province": "bad-format",
    "/startYear": "out-of-range",
    "/sources/0/year": "out-of-range",
    "/unverified/0": "bad-format",
}


def test_a_new_draft_cannot_have_them(anna: Person) -> None:
    answer = anna.create(a_case("tuin", titel="x", **WRONG))

    assert codes(answer) == POINTERS | {"/titel": "unknown-key"}
    near = {each["pointer"]: each.get("suggestion") for each in answer.get_json()["errors"]}
    assert (near["/place/province"], near["/unverified/0"]) == ("Noord-Holland", "startYear")


@pytest.mark.parametrize("key", list(WRONG))
def test_neither_can_an_edit_bring_them_in(anna: Person, key: str) -> None:
    anna.create(a_case("tuin"))

    patched = anna.patch("tuin", {key: WRONG[key]})

    assert len(codes(patched)) == 1
    assert codes(anna.put("tuin", a_case("tuin") | {key: WRONG[key]})) == codes(patched)


def test_validating_and_importing_tell_them_too(anna: Person) -> None:
    document = a_case("tuin", **WRONG)

    tried = anna.ask("POST", "/cases/_validate", document).get_json()
    row = anna.ask("POST", "/imports", [document]).get_json()["rows"][0]

    for errors in (tried["errors"], row["errors"]):
        assert {each["pointer"]: each["code"] for each in errors} == POINTERS
    assert row["outcome"] == "rejected"


def test_what_was_saved_before_can_be_read_and_saved_but_not_published(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin"))
    with kb.database.transaction() as session:  # as an earlier release let it in
        draft = session.scalar(select(Revision))
        assert draft is not None
        place = draft.document["place"] | {"province": "Noord Holland"}
        source = draft.document["sources"][0] | {"year": 2099}
        draft.document = draft.document | {"place": place, "sources": [source]}

    read = anna.ask("GET", "/cases/tuin/draft")
    patched = anna.patch("tuin", {"title": "Anders"})
    put = anna.put("tuin", read.get_json() | {"summary": "Anders."})

    assert (read.status_code, patched.status_code, put.status_code) == (200, 200, 200)
    body = put.get_json()
    assert body["place"]["province"] == "Noord Holland"
    assert {each["pointer"] for each in body["_draft"]["problems"]} == {
        *("/place/province", "/sources/0/year")
    }
    assert codes(anna.patch("tuin", {"place": {"province": "Zuid Holland"}})) == {
        "/place/province": "bad-format"
    }
    assert anna.review("tuin", "submit").status_code == 200
    assert set(codes(piet.publish("tuin"))) == {"/place/province", "/sources/0/year"}


def test_a_list_can_be_requested_by_the_official_name(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", place={"country": "NL", "province": "Fryslân"}))
    kb.catch_up()

    for name in ("Friesland", "Fryslân"):
        body = kb.client.get("/v1/cases", query_string={"province": name}).get_json()
        assert [each["id"] for each in body["items"]] == ["tuin"]
        assert body["query"]["filters"]["province"] == ["Friesland"]
