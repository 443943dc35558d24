"""No draft is lost: only who began it or a publisher discards it, and it can be brought back."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from kb.database import now
from kb.editors.model import Revision, RevisionEvent
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes, somebody
from tests.editors.in_a_process import at_once
from tests.editors.test_lost_updates import request, two_people
from tests.strategies import examples


def discard(who: Person, slug: str = "tuin") -> Any:
    return who.ask("DELETE", f"/cases/{slug}/draft", tag=who.tag(slug))


def discarded(who: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = who.ask("GET", "/drafts?state=discarded").json["items"]
    return items


def restore(who: Person, number: int, tag: str | None = None, slug: str = "tuin") -> Any:
    return who.ask("POST", f"/cases/{slug}/draft", {"fromRevision": number}, tag=tag)


def numbers(who: Person, slug: str = "tuin") -> list[int]:
    """The saved texts of a case, the first first."""
    items = who.ask("GET", f"/cases/{slug}/history?pageSize=100").json["items"]
    return [each["revision"] for each in items][::-1]


def forward(kb: KnowledgeBase, days: int) -> None:
    """Let it be so long ago that drafts were discarded."""
    with kb.database.transaction() as session:
        session.execute(update(Revision).values(discarded_at=now() - timedelta(days=days)))


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_another_editor_does_not_discard_a_draft(
    kb: KnowledgeBase, anna: Person, piet: Person, state: str
) -> None:
    bea = somebody(kb, "Bea", "editor")
    anna.create(a_case("tuin"))
    if state != "draft":
        anna.review("tuin", "submit")
    if state == "returned":
        piet.review("tuin", "return", note="Nog niet.")

    refused = discard(bea)

    assert refused.status_code == 403
    assert "Anna" in refused.json["detail"]
    assert anna.ask("GET", "/cases/tuin/draft").json["_draft"]["state"] == state
    assert discard(anna if state == "draft" else piet).status_code == 204


def test_saving_once_in_the_draft_of_another_gives_no_right_to_discard_it(
    kb: KnowledgeBase, anna: Person
) -> None:
    bea = somebody(kb, "Bea", "editor")
    anna.create(a_case("tuin"))
    bea.patch("tuin", {"title": "Van Bea"})

    assert discard(bea).status_code == 403
    assert discard(anna).status_code == 204


def test_a_discarded_draft_is_listed_and_comes_back_as_it_was(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    text = anna.create(a_case("tuin", pitfalls=[a_pitfall("tuin")])).json
    discard(piet)

    [item] = discarded(anna)
    assert (item["id"], item["state"], item["discardedBy"]) == ("tuin", "discarded", "Piet")
    assert item["discardedAt"]
    assert item["_links"]["self"]["href"].endswith(f"/v1/cases/tuin/revisions/{item['revision']}")
    assert anna.ask("GET", "/drafts").json["items"] == []
    assert anna.ask("GET", "/cases/tuin/draft").status_code == 404
    back = restore(anna, item["revision"])

    assert back.status_code == 201
    assert without(back.json, "_draft") == without(text, "_draft")
    assert back.json["_draft"]["state"] == "draft"
    assert back.json["_draft"]["history"][0]["restoredFrom"] == item["revision"]
    assert [each["id"] for each in anna.ask("GET", "/drafts").json["items"]] == ["tuin"]


def without(document: Any, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}


def test_the_id_of_a_discarded_draft_is_free(anna: Person) -> None:
    anna.create(a_case("tuin", summary="De eerste."))
    discard(anna)

    assert anna.create(a_case("tuin", summary="De tweede.")).status_code == 201
    [item] = discarded(anna)
    assert restore(anna, item["revision"]).status_code == 428  # there is an open one
    back = restore(anna, item["revision"], anna.tag("tuin"))
    assert (back.status_code, back.json["summary"]) == (200, "De eerste.")


def test_a_never_public_case_without_a_draft_says_how_to_go_on(anna: Person) -> None:
    anna.create(a_case("tuin"))
    discard(anna)

    response = anna.ask("POST", "/cases/tuin/draft", {})

    assert response.status_code == 409
    assert "fromRevision" in response.json["detail"]


def test_after_ninety_days_a_discarded_text_is_gone(kb: KnowledgeBase, anna: Person) -> None:
    anna.create(a_case("tuin", summary="Geheim."))
    anna.patch("tuin", {"summary": "Geheim, maar anders."})
    discard(anna)
    [item] = discarded(anna)
    forward(kb, 89)
    assert len(discarded(anna)) == 1
    forward(kb, 91)

    assert discarded(anna) == []
    assert anna.ask("GET", f"/cases/tuin/revisions/{item['revision']}").status_code == 410
    assert restore(anna, item["revision"]).status_code == 404
    anna.create(a_case("plein"))
    discard(anna, "plein")  # whoever writes sweeps
    with kb.database.reading() as session:
        rows = [str(each.document) for each in session.query(Revision)]
        rows += [str(each.replaced) for each in session.query(RevisionEvent)]
    assert not [each for each in rows if "Geheim" in each]
    assert anna.create(a_case("tuin")).status_code == 201


def test_every_saved_text_can_be_read_and_made_current_again(anna: Person, piet: Person) -> None:
    anna.create(a_case("tuin", summary="Een."))
    piet.patch("tuin", {"summary": "Twee."})
    anna.patch("tuin", {"summary": "Drie."})
    anna.review("tuin", "submit", note="Klaar.")

    texts = [anna.ask("GET", f"/cases/tuin/revisions/{number}").json for number in numbers(anna)]
    assert [each["summary"] for each in texts] == ["Een.", "Twee.", "Drie.", "Drie."]
    assert texts[1]["_revision"]["who"] == "Piet"
    assert texts[3]["_revision"]["note"] == "Klaar."

    back = restore(anna, numbers(anna)[0], anna.tag("tuin"))
    assert (back.status_code, back.json["summary"]) == (200, "Een.")
    assert back.json["_draft"]["state"] == "draft"
    again = anna.put("tuin", texts[1])  # what was read may be sent back
    assert (again.status_code, again.json["summary"]) == (200, "Twee.")
    summaries = [
        anna.ask("GET", f"/cases/tuin/revisions/{number}").json["summary"]
        for number in numbers(anna)
    ]
    assert summaries == ["Een.", "Twee.", "Drie.", "Drie.", "Een.", "Twee."]


def test_a_stale_tag_brings_nothing_back(anna: Person, piet: Person) -> None:
    tag = anna.create(a_case("tuin")).headers["ETag"]
    piet.patch("tuin", {"summary": "Van Piet."})

    stale = restore(anna, numbers(anna)[0], tag)

    assert (stale.status_code, stale.json["changed"]) == (412, ["summary"])
    assert anna.ask("GET", "/cases/tuin/draft").json["summary"] == "Van Piet."


def test_without_if_match_an_open_draft_stays(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin"))
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"summary": "Mijn werk."})

    assert anna.ask("POST", "/cases/tuin/draft", {}).status_code == 409
    assert anna.ask("POST", "/cases/tuin/draft", {"fromVersion": 1}).status_code == 409
    assert restore(anna, numbers(anna)[0]).status_code == 428
    assert anna.ask("GET", "/cases/tuin/draft").json["summary"] == "Mijn werk."
    over = anna.ask("POST", "/cases/tuin/draft", {"fromVersion": 1}, tag=anna.tag("tuin"))
    assert (over.status_code, over.json["_draft"]["basedOn"]) == (200, 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"fromRevision": 0}, {"/fromRevision": "out-of-range"}),
        ({"fromRevision": "1"}, {"/fromRevision": "wrong-type"}),
        ({"fromRevision": True}, {"/fromRevision": "wrong-type"}),
        ({"fromRevision": 10**12}, {"/fromRevision": "out-of-range"}),
        ({"fromRevision": 999_999}, {"/fromRevision": "unknown-reference"}),
        ({"fromRevision": 1, "fromVersion": 1}, {"/fromRevision": "inconsistent"}),
        ({"fromVersion": 7}, {"/fromVersion": "unknown-reference"}),
    ],
)
def test_what_is_wrong_with_a_beginning_is_reported(
    kb: KnowledgeBase, anna: Person, body: dict[str, Any], expected: dict[str, str]
) -> None:
    kb.publish(a_case("tuin"))

    assert codes(anna.ask("POST", "/cases/tuin/draft", body)) == expected


def test_the_text_of_another_case_is_no_text_of_this_one(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin"), a_case("plein"))
    [other, *_] = numbers(anna, "plein")

    assert codes(restore(anna, other)) == {"/fromRevision": "unknown-reference"}
    assert anna.ask("GET", f"/cases/tuin/revisions/{other}").status_code == 404
    assert anna.ask("GET", f"/cases/niets/revisions/{other}").status_code == 404


def test_who_wrote_a_text_does_not_approve_it_when_another_brought_it_back(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    piet.create(a_case("tuin"))
    discard(piet)
    [item] = discarded(anna)
    restore(anna, item["revision"])
    anna.review("tuin", "submit")

    assert piet.publish("tuin").status_code == 403
    assert somebody(kb, "Els", "publisher").publish("tuin").status_code == 201


@examples(10)
@given(acts=st.lists(st.sampled_from(["save", "submit", "discard", "restore"]), max_size=8))
def test_every_text_that_was_saved_can_always_be_read(kb: KnowledgeBase, acts: list[str]) -> None:
    slug = f"tuin-{kb.client.get('/v1/me').json['instance'][-12:]}"
    piet = somebody(kb, "Piet", "publisher")
    saved = ["0"]
    piet.create(a_case(slug, summary="0"))
    for place, act in enumerate(acts, start=1):
        open_draft = piet.ask("GET", f"/cases/{slug}/draft")
        tag = open_draft.headers.get("ETag")
        if act == "save" and tag:
            saved.append(str(place))
            assert piet.patch(slug, {"summary": str(place)}, tag).status_code == 200
        elif act == "submit" and tag:
            piet.review(slug, "submit", tag)
        elif act == "discard" and tag:
            assert discard(piet, slug).status_code == 204
        elif act == "restore":
            first = numbers(piet, slug)[0]
            assert restore(piet, first, tag, slug).status_code in {200, 201}
    read = {
        piet.ask("GET", f"/cases/{slug}/revisions/{number}").json["summary"]
        for number in numbers(piet, slug)
    }
    assert read == set(saved)


def test_of_two_who_bring_a_draft_back_at_once_one_hears_of_a_conflict(
    any_kb: KnowledgeBase,
) -> None:
    anna, piet = two_people(any_kb)
    anna.create(a_case("tuin"))
    discard(anna)
    [item] = discarded(anna)
    body = {"fromRevision": item["revision"]}

    answers = at_once(
        any_kb, *(request(who, "POST", "/cases/tuin/draft", body) for who in (anna, piet))
    )

    statuses = Counter(each["status"] for each in answers)
    assert statuses in (Counter({201: 1, 409: 1}), Counter({201: 1, 428: 1})), answers
    assert len(anna.ask("GET", "/drafts").json["items"]) == 1


def test_of_two_who_discard_and_save_at_once_nothing_is_lost(any_kb: KnowledgeBase) -> None:
    anna, piet = two_people(any_kb)
    tag = anna.create(a_case("tuin")).headers["ETag"]

    gone, saved = at_once(
        any_kb,
        request(anna, "DELETE", "/cases/tuin/draft", None, If_Match=tag),
        request(piet, "PUT", "/cases/tuin/draft", a_case("tuin", title="Piet"), If_Match=tag),
    )

    assert (gone["status"], saved["status"]) in {(204, 404), (412, 200)}
    number = numbers(anna)[-1]
    text = anna.ask("GET", f"/cases/tuin/revisions/{number}").json
    assert text["title"] == ("Tuin" if gone["status"] == 204 else "Piet")
    assert json.loads(saved["text"])["status" if gone["status"] == 204 else "title"]
