"""The desk: what is in progress, and what can be done next with it."""

from __future__ import annotations

import re

import pytest

from kb.desk.draft_list import age_text
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk, SignedIn


def create(desk: Desk, slug: str, **keys: object) -> None:
    assert desk.call("POST", "/cases", json=a_case(slug, **keys)).status_code == 201


def review(desk: Desk, slug: str, decision: str, note: str | None = None) -> None:
    """Submit or return the draft as it is now."""
    etag = desk.call("GET", f"/cases/{slug}/draft").headers["ETag"]
    body = {"decision": decision, "note": note}
    path = f"/cases/{slug}/draft/reviews"
    answer = desk.call("POST", path, json=body, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text


def section(text: str, name: str) -> str:
    """The part of the desk with one of its lists."""
    match = re.search(rf'aria-labelledby="list-{name}">(.*?)</section>', text, re.DOTALL)
    assert match
    return match[1]


def titles(text: str) -> list[str]:
    return re.findall(r'class="draft-title"><a href="[^"]*" dir="auto">([^<]*)</a>', text)


def test_my_drafts_are_those_that_i_ever_wrote_in(anna: Desk, piet: Desk) -> None:
    create(anna, "tuin")
    create(piet, "hof")
    etag = anna.call("GET", "/cases/tuin/draft").headers["ETag"]
    piet.call(
        "PATCH",
        "/cases/tuin/draft",
        json={"title": "Tuin van Piet"},
        headers={"If-Match": etag, "Content-Type": "application/merge-patch+json"},
    )

    mine = section(anna.get("/redactie").text, "mine")

    assert titles(mine) == ["Tuin van Piet"]
    assert "Bewaard door Piet" in mine
    assert "begonnen door Anna" in mine


def test_what_waits_for_review_comes_oldest_first_with_its_next_steps(
    anna: Desk, piet: Desk
) -> None:
    for slug in ("b", "a"):
        create(anna, slug)
        review(anna, slug, "submit")

    waiting = section(piet.get("/redactie").text, "waiting")

    assert titles(waiting) == ["B", "A"]
    assert 'href="/redactie/casussen/b/beoordelen">Beoordelen' in waiting
    assert waiting.count('href="/redactie/casussen/b/beoordelen"') == 1
    own = section(anna.get("/redactie").text, "waiting")
    assert 'href="/redactie/casussen/b/beoordelen">Indiening terugnemen' in own


def test_what_was_returned_shows_the_note(anna: Desk, piet: Desk) -> None:
    create(anna, "tuin", sources=[])
    review(anna, "tuin", "submit")
    review(piet, "tuin", "return", "Wie <b>betaalde</b> dit?")

    returned = section(anna.get("/redactie").text, "returned")

    assert "Wie &lt;b&gt;betaalde&lt;/b&gt; dit?" in returned
    assert "Teruggestuurd" in returned
    assert "1 probleem" in returned
    assert 'href="/redactie/casussen/tuin/bewerken">Verder schrijven' in returned


def test_rows_say_whether_publishing_is_new_a_change_or_a_return(
    kb: KnowledgeBase, anna: Desk
) -> None:
    kb.publish(a_case("openbaar"), a_case("weg"))
    kb.withdraw("weg")
    create(anna, "vers")
    for slug in ("openbaar", "weg"):
        assert anna.call("POST", f"/cases/{slug}/draft", json={}).status_code == 201

    text = anna.get("/redactie?view=all").text

    badges = re.findall(r'badge (new|change|reinstatement)">([^<]+)<', text)
    assert sorted(badges) == [
        ("change", "Wijziging"),
        ("new", "Nieuw"),
        ("reinstatement", "Ingetrokken"),
    ]


def test_the_list_is_searched_and_filtered(anna: Desk, piet: Desk) -> None:
    create(anna, "tuin")
    create(anna, "hof", kind="archetype")
    create(piet, "plein")
    review(piet, "plein", "submit")

    def hits(query: str) -> list[str]:
        return titles(anna.get(f"/redactie?{query}").text)

    assert hits("q=TUI") == ["Tuin"]
    assert hits("kind=archetype") == ["Hof"]
    assert hits("author=Piet") == ["Plein"]
    assert hits("view=all&state=submitted") == ["Plein"]
    assert hits("view=mine&q=plein") == []
    assert "Geen concept voldoet hieraan." in anna.get("/redactie?view=mine&q=plein").text


def test_long_lists_have_pages_that_keep_the_filters(anna: Desk) -> None:
    for number in range(21):
        create(anna, f"tuin-{number}")

    first = anna.get("/redactie?view=all&q=tuin").text
    [address] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = anna.get(address.replace("&amp;", "&")).text

    assert len(titles(first)) == 20
    assert "q=tuin" in address
    assert len(titles(second)) == 1


def test_what_was_discarded_can_be_brought_back(anna: Desk) -> None:
    create(anna, "tuin")
    etag = anna.call("GET", "/cases/tuin/draft").headers["ETag"]
    anna.call("DELETE", "/cases/tuin/draft", headers={"If-Match": etag})

    text = anna.get("/redactie?view=discarded").text

    assert titles(text) == ["Tuin"]
    assert "weggegooid door Anna" in text
    assert "Terughalen" in text


@pytest.mark.parametrize("query", ["view=onzin", "page=x", "page=0", "view=all&page=99999999"])
def test_slips_in_the_address_are_no_errors_of_ours(anna: Desk, query: str) -> None:
    assert anna.get(f"/redactie?{query}").status_code in {200, 400}


def test_a_wrong_filter_says_what_is_wrong(anna: Desk) -> None:
    answer = anna.get("/redactie?state=onzin")

    assert answer.status_code == 400
    assert "state" in answer.text


def test_an_age_is_in_whole_days(signed_in: SignedIn, kb: KnowledgeBase) -> None:
    with kb.app.test_request_context("/redactie"):
        assert age_text("2026-01-01T00:00:00Z").startswith("al ")
        assert age_text("2099-01-01T00:00:00Z") == "vandaag"


@pytest.mark.parametrize("path", ["/redactie", "/redactie?view=all"])
def test_the_desk_leads_to_the_beginning_of_each_kind(anna: Desk, path: str) -> None:
    text = anna.get(path).text

    for folder, name in (
        ("casussen", "Nieuwe casus"),
        ("onderzoeken", "Nieuw onderzoek"),
        ("vragen", "Nieuwe vraag"),
    ):
        [address] = re.findall(rf'class="button[^"]*" href="([^"]+)">{name}<', text)
        assert address == f"/redactie/{folder}/nieuw"
        assert anna.get(address).status_code == 200
    assert 'href="/redactie/begrippen">Begrippen' in text


def test_the_desk_is_filtered_by_every_kind(kb: KnowledgeBase, anna: Desk) -> None:
    create(anna, "tuin")
    study = {"id": "rapport", "title": "Een rapport", "year": 2018, "sourceType": "rapport"}
    assert anna.call("POST", "/studies", json=study).status_code == 201

    assert titles(anna.get("/redactie?kind=study").text) == ["Een rapport"]
    assert titles(anna.get("/redactie?kind=praktijk").text) == ["Tuin"]
    assert '<option value="question">' in anna.get("/redactie").text
