"""Notes from practice, judged at the desk."""

from __future__ import annotations

import pytest

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk

PATH = "/redactie/praktijk"


def send(kb: KnowledgeBase, text: str, kind: str = "experience") -> str:
    """Send a note in as a reader does; gives its id."""
    about = None if kind == "nomination" else {"type": "case", "id": "tuin"}
    body = {"kind": kind, "about": about, "text": text, "consent": True}
    answer = kb.client.post("/v1/practice-notes", json=body)
    assert answer.status_code == 201
    note_id: str = answer.json["id"]
    return note_id


def decide(desk: Desk, note_id: str, decision: str, text: str = "") -> tuple[int, str]:
    """Decide with the form of the page of a note."""
    page = desk.get(f"{PATH}/{note_id}").text
    etag = page.partition('name="etag" value="')[2].partition('">')[0].replace("&#34;", '"')
    form = {"etag": etag, "decision": decision, "text": text}
    answer = desk.post(f"{PATH}/{note_id}", form)
    return answer.status_code, answer.headers.get("Location", answer.text)


@pytest.fixture(autouse=True)
def tuin(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))


def test_new_notes_are_listed_for_publishers_alone(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    send(kb, "Bij ons <b>werkte</b> dit.")

    text = piet.get(PATH).text

    assert "Bij ons &lt;b&gt;werkte&lt;/b&gt; dit." in text
    assert 'href="/casussen/tuin"' in text
    assert f'href="{PATH}">1 reactie uit de praktijk wacht op je' in piet.get("/redactie").text
    assert anna.get(PATH).status_code == 403
    assert f'href="{PATH}"' not in anna.get("/redactie").text


def test_a_note_is_approved_answered_and_taken_away(kb: KnowledgeBase, piet: Desk) -> None:
    note_id = send(kb, "Bij ons werkte dit ook.")

    approved = decide(piet, note_id, "approve")
    answered = decide(piet, note_id, "answer", "Dank: hoe lang al?")
    shown = kb.client.get("/v1/cases/tuin").json["practiceNotes"]
    rejected = decide(piet, note_id, "reject", "Toch niet.")

    assert approved == (303, f"{PATH}?done=note-approve")
    assert answered == (303, f"{PATH}?done=note-answer")
    assert [each["answer"] for each in shown] == ["Dank: hoe lang al?"]
    assert rejected == (303, f"{PATH}?done=note-reject")
    assert kb.client.get("/v1/cases/tuin").json["practiceNotes"] == []
    page = piet.get(f"{PATH}/{note_id}").text
    assert "Toch niet." in page
    assert "beantwoord" in page


def test_a_nomination_becomes_a_draft(kb: KnowledgeBase, piet: Desk) -> None:
    note_id = send(kb, "De Buurtkamer in Almere hoort hier ook.", "nomination")

    missing = decide(piet, note_id, "draft")
    begun = decide(piet, note_id, "draft", "Buurtkamer")

    assert missing[0] == 400
    assert 'id="mistake-text"' in missing[1]
    assert begun == (303, "/redactie/casussen/buurtkamer")
    assert "De Buurtkamer in Almere" in piet.get("/redactie/casussen/buurtkamer").text


def test_an_answer_needs_words(kb: KnowledgeBase, piet: Desk) -> None:
    status, text = decide(piet, send(kb, "Wie betaalt dit?", "question"), "answer")

    assert status == 400
    assert 'id="mistake-text"' in text
    assert 'value="answer" required checked' in text


def test_what_another_decided_meanwhile_is_not_decided_again(kb: KnowledgeBase, piet: Desk) -> None:
    note_id = send(kb, "Bij ons werkte dit ook.")
    stale = piet.call("GET", f"/practice-notes/{note_id}").headers["ETag"]
    decide(piet, note_id, "approve")

    answer = piet.post(f"{PATH}/{note_id}", {"etag": stale, "decision": "reject", "text": "Nee."})

    assert answer.status_code == 412
    assert "Nee.</textarea>" in answer.text
    assert len(kb.client.get("/v1/cases/tuin").json["practiceNotes"]) == 1


def test_a_note_that_is_not_there_is_not_judged(piet: Desk) -> None:
    assert piet.get(f"{PATH}/geen").status_code == 404
    assert piet.get(f"{PATH}?state=onzin").status_code == 400
    assert piet.get(f"{PATH}?page=x").status_code == 400


def test_an_open_draft_is_led_to_and_things_have_their_title(kb: KnowledgeBase, piet: Desk) -> None:
    kb.publish(a_case("tuin", title="De tuin van de buurt"))
    kb.draft(a_case("tuin", title="De tuin van de buurt"))
    note_id = send(kb, "Bij ons werkte dit ook.")

    status, refused = decide(piet, note_id, "draft")

    assert status == 409
    assert 'href="/redactie/casussen/tuin/bewerken"' in refused
    assert "/v1/" not in refused
    for page in (refused, piet.get(PATH).text):
        assert '<span dir="auto">De tuin van de buurt</span>' in page
