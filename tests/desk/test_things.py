"""One thing for editors: how it is, its history, and what is done with it as a whole."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.builders import a_case, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk
from tests.desk.test_draft_lists import create, review

TUIN = "/redactie/casussen/tuin"


def patch(desk: Desk, slug: str, **keys: Any) -> None:
    etag = desk.call("GET", f"/cases/{slug}/draft").headers["ETag"]
    headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
    answer = desk.call("PATCH", f"/cases/{slug}/draft", json=keys, headers=headers)
    assert answer.status_code == 200


def hidden(text: str, name: str) -> str:
    """The value of a hidden field of the form on a page."""
    match = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert match
    return match[1].replace("&#34;", '"')


def confirm(desk: Desk, path: str, **form: str) -> Any:
    """Open the page that says what will happen, and send its form."""
    text = desk.get(path).text
    etag = {"etag": hidden(text, "etag")} if 'name="etag"' in text else {}
    return desk.post(path, {**etag, **form})


def revisions(desk: Desk, slug: str) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = desk.call("GET", f"/cases/{slug}/history").json["items"]
    return steps


def test_the_page_of_a_thing_says_how_it_is_and_what_can_be_done(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    kb.publish(a_case("tuin"))

    before = piet.get(TUIN).text
    begun = anna.post(f"{TUIN}/beginnen")
    text = anna.get(TUIN).text

    assert "Begin een concept vanaf de openbare tekst" in before
    assert "Versie 1, gepubliceerd op" in before
    assert f'href="{TUIN}/intrekken"' in before
    assert begun.headers["Location"] == f"{TUIN}/bewerken"
    assert "Wijziging" in text
    assert "vanaf versie 1" in text
    assert f'href="{TUIN}/weggooien"' in text
    assert f'href="{TUIN}/intrekken"' not in text  # for publishers


@pytest.mark.parametrize("path", ["onderzoeken/onderzoek", "vragen/wat-werkt"])
def test_studies_and_questions_have_the_pages_of_a_case(
    kb: KnowledgeBase, piet: Desk, path: str
) -> None:
    kb.take(studies=[a_study()], questions=[a_question()])
    piet.post(f"/redactie/{path}/beginnen")
    pages = ["", "/bewerken", "/beoordelen", "/weggooien", "/intrekken", "/hernoemen", "/wissen/1"]
    api_path = path.replace("onderzoeken", "studies").replace("vragen", "questions")
    step = piet.call("GET", f"/{api_path}/history").json["items"][-1]["revision"]
    pages += ["/voorbeeld", f"/teksten/{step}", f"/herstellen/{step}"]

    answers = {page: piet.get(f"/redactie/{path}{page}") for page in pages}

    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(
        pages, 200
    )
    assert "Versie 1, gepubliceerd op" in answers[""].text
    assert "Deze versie is nu openbaar" in answers["/wissen/1"].text


def test_who_begins_a_draft_where_one_is_open_hears_so(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case("tuin"))
    anna.post(f"{TUIN}/beginnen")

    answer = anna.post(f"{TUIN}/beginnen")

    assert answer.status_code == 409
    assert "heeft al een concept" in answer.text


def test_a_thing_that_nobody_wrote_is_not_there(anna: Desk) -> None:
    assert anna.get("/redactie/casussen/geen").status_code == 404
    assert anna.get("/redactie/onzin/geen").status_code == 404


def test_a_draft_is_discarded_and_brought_back(kb: KnowledgeBase, anna: Desk) -> None:
    create(anna, "tuin")

    gone = confirm(anna, f"{TUIN}/weggooien")
    [draft] = anna.call("GET", "/drafts?state=discarded").json["items"]
    text = anna.get(TUIN).text
    back = confirm(anna, f"{TUIN}/herstellen/{draft['revision']}")

    assert gone.headers["Location"] == f"{TUIN}?done=discarded"
    assert "Weggegooide concepten" in text
    assert f'href="{TUIN}/herstellen/{draft["revision"]}"' in text
    assert back.headers["Location"] == f"{TUIN}?done=restored"
    assert anna.call("GET", "/cases/tuin/draft").json["title"] == "Tuin"


def test_a_draft_that_changed_meanwhile_is_not_discarded(anna: Desk, piet: Desk) -> None:
    create(anna, "tuin")
    etag = hidden(anna.get(f"{TUIN}/weggooien").text, "etag")
    patch(piet, "tuin", title="Van Piet")

    answer = anna.post(f"{TUIN}/weggooien", {"etag": etag})

    assert answer.status_code == 412
    assert "Een ander was je voor" in answer.text
    assert anna.call("GET", "/cases/tuin/draft").json["title"] == "Van Piet"


def test_any_text_takes_the_place_of_the_open_draft(anna: Desk, piet: Desk) -> None:
    create(anna, "tuin", title="Eerste")
    patch(piet, "tuin", title="Tweede")
    first = revisions(anna, "tuin")[-1]["revision"]

    page = anna.get(f"{TUIN}/herstellen/{first}").text
    read = anna.get(f"{TUIN}/teksten/{first}").text
    confirm(anna, f"{TUIN}/herstellen/{first}")

    assert "dat Piet het laatst bewaarde" in page
    assert "Eerste" in read
    assert anna.call("GET", "/cases/tuin/draft").json["title"] == "Eerste"
    assert "teruggehaald uit een eerdere tekst" in anna.get(TUIN).text


def test_withdrawing_says_what_it_does_to_examples(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    kb.publish(a_case("type", kind="archetype"), a_case("hof"))
    kb.publish(a_case("tuin", archetype="type"))
    path = "/redactie/casussen/type/intrekken"

    page = piet.get(path).text
    chosen = piet.post(path, {"find": "hof", "find-now": "1", "reason": "Opgegaan."})
    done = confirm(piet, path, reason="Opgegaan.", replacedBy="hof")

    assert "1 casus is een voorbeeld van dit type" in page
    assert 'href="/casussen/tuin"' in page
    assert re.search(r'value="hof"> <span dir="auto">Hof', chosen.text)
    assert "Opgegaan.</textarea>" in chosen.text
    assert done.headers["Location"] == "/redactie/casussen/type?done=withdrawn"
    body = kb.client.get("/v1/cases/type").json
    assert (body["reason"], body["replacedBy"]) == ("Opgegaan.", "hof")
    assert anna.get(path).status_code == 403


def test_what_was_withdrawn_is_offered_no_other_id(kb: KnowledgeBase, piet: Desk) -> None:
    kb.publish(a_case("tuin"))
    kb.withdraw("tuin", "Verouderd.")

    page = piet.get(f"{TUIN}/hernoemen").text

    assert 'name="id"' not in page
    assert "Haal het eerst terug" in page


def test_the_reason_of_a_withdrawal_is_corrected(kb: KnowledgeBase, piet: Desk) -> None:
    kb.publish(a_case("tuin"), a_case("hof"))
    kb.withdraw("tuin", "Verouderdd.", replaced_by="hof")

    page = piet.get(f"{TUIN}/intrekken").text
    done = confirm(piet, f"{TUIN}/intrekken", reason="Verouderd.", replacedBy="")

    assert "Verouderdd.</textarea>" in page
    assert re.search(r'value="hof" checked', page)
    assert done.headers["Location"] == f"{TUIN}?done=corrected"
    body = kb.client.get("/v1/cases/tuin").json
    assert (body["reason"], body["replacedBy"]) == ("Verouderd.", None)
    assert [step["note"] for step in revisions(piet, "tuin")][:2] == ["Verouderd.", "Verouderdd."]


@pytest.mark.parametrize(
    ("form", "name"),
    [({"reason": ""}, "reason"), ({"reason": "x", "replacedBy": "geen"}, "replacedBy")],
)
def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(
    kb: KnowledgeBase, piet: Desk, form: dict[str, str], name: str
) -> None:
    kb.publish(a_case("tuin"))

    answer = confirm(piet, f"{TUIN}/intrekken", **form)

    assert answer.status_code == 400
    assert f'id="mistake-{name}"' in answer.text
    assert f"{form['reason']}</textarea>" in answer.text
    assert kb.client.get("/v1/cases/tuin").status_code == 200


def test_a_thing_gets_another_id(kb: KnowledgeBase, piet: Desk) -> None:
    kb.publish(a_case("tuin"), a_case("hof"))

    taken = confirm(piet, f"{TUIN}/hernoemen", id="hof")
    wrong = confirm(piet, f"{TUIN}/hernoemen", id="Niet Goed!")
    done = confirm(piet, f"{TUIN}/hernoemen", id="buurttuin")

    assert (taken.status_code, wrong.status_code) == (409, 400)
    assert 'value="Niet Goed!"' in wrong.text
    assert done.headers["Location"] == "/redactie/casussen/buurttuin?done=renamed"
    former = piet.get(TUIN)
    assert (former.status_code, former.headers["Location"]) == (
        301,
        "/redactie/casussen/buurttuin",
    )


def test_a_version_is_erased_for_good(kb: KnowledgeBase, anna: Desk, piet: Desk) -> None:
    kb.publish(a_case("tuin", title="Naam van een bewoner"))
    kb.publish(a_case("tuin"))
    anna.post(f"{TUIN}/beginnen")

    page = piet.get(TUIN).text
    undecided = confirm(piet, f"{TUIN}/wissen/1", reason="Privacy.")
    done = confirm(piet, f"{TUIN}/wissen/1", reason="Privacy.", draft="keep")

    assert f'href="{TUIN}/wissen/1"' in page
    assert f'href="{TUIN}/wissen/2"' not in page  # it is public
    assert undecided.status_code == 409
    assert done.headers["Location"] == f"{TUIN}?done=erased"
    assert kb.client.get("/v1/cases/tuin/versions/1").status_code == 410
    assert "Privacy." in piet.get(TUIN).text


def test_discarding_what_was_never_saved_again_leads_to_the_desk(anna: Desk) -> None:
    create(anna, "tuin")
    confirm(anna, f"{TUIN}/weggooien")

    assert anna.get(f"{TUIN}/weggooien").status_code == 200
    assert "Er is geen open concept." in anna.get(f"{TUIN}/weggooien").text


def test_a_long_history_has_pages(anna: Desk) -> None:
    create(anna, "tuin")
    for number in range(26):
        review(anna, "tuin", "submit")
        patch(anna, "tuin", title=f"Tuin {number}")

    assert 'rel="next"' in anna.get(TUIN).text
    assert 'rel="prev"' in anna.get(f"{TUIN}?page=2").text


def test_another_page_discards_nothing(anna: Desk) -> None:
    create(anna, "tuin")

    answer = anna.client.post(f"{TUIN}/weggooien", data={"csrf": "x"})

    assert answer.status_code == 403
    assert anna.call("GET", "/cases/tuin/draft").status_code == 200


def test_steps_of_the_history_have_their_time(kb: KnowledgeBase, anna: Desk) -> None:
    create(anna, "tuin")

    assert re.search(r'<span class="quiet">\d+ \w+ \d{4}, \d\d:\d\d</span>', anna.get(TUIN).text)
