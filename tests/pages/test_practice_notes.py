"""The form for experience, questions and nominations works without script, and loses nothing."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from kb.app import create_app
from kb.cases import changes
from kb.cases.practice_note import PracticeNote
from kb.database import now
from kb.decisions.practice_notes import workflow
from kb.decisions.practice_notes.model import SubmittedNote
from kb.migrations import steps
from kb.settings import Settings
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.decisions.practice import WORDS, decide, send
from tests.editors.conftest import somebody

FILLED = {"about": "case:tuin", "kind": "experience", "text": WORDS, "consent": "yes"}
PAGES = ("/casussen/tuin", "/valkuilen/tuin--korte-adem", "/bestanddelen/buddy-systeem")


@pytest.fixture
def tuin(kb: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base with a case of one pitfall."""
    kb.publish(a_case("tuin", title="Een tuin", pitfalls=[a_pitfall("tuin")]))
    return kb


def stored(kb: KnowledgeBase) -> list[SubmittedNote]:
    with kb.database.reading() as session:
        return list(session.scalars(select(SubmittedNote)))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_invites_to_tell_more(tuin: KnowledgeBase, path: str) -> None:
    page = tuin.client.get(path).text

    assert "Heb je dit ook gedaan?" in page
    assert '<form class="note-form" method="post" action="/praktijk">' in page
    assert tuin.client.get("/strategieen/sociaal-beheer").text.count("note-form") == 0


def test_who_sends_a_note_reads_what_happens_next(tuin: KnowledgeBase) -> None:
    answer = tuin.client.post("/praktijk", data=FILLED, follow_redirects=True)

    assert answer.status_code == 200
    assert answer.request.path == "/praktijk/ontvangen"
    assert "Wat er nu gebeurt" in answer.text
    assert "Een tuin" in answer.text
    [note] = stored(tuin)
    assert (note.about, note.text, note.state) == ("tuin", WORDS, "new")


def test_a_project_is_nominated_the_same_way(tuin: KnowledgeBase) -> None:
    assert "Ken je een project dat hier hoort?" in tuin.client.get("/praktijk").text
    nomination = {"kind": "nomination", "text": "In Zwolle.", "consent": "yes"}

    assert tuin.client.post("/praktijk?lang=en", data=nomination).status_code == 303

    assert [note.kind for note in stored(tuin)] == ["nomination"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "naam@"},
        {"consent": ""},
        {"leaveEmpty": "x"},
        {"about": "case:weg"},
        {"about": "case"},
        {"about": "study:x"},
        {"kind": "x"},
        {"kind": ""},
        {"organisation": "x" * 201},
    ],
)
def test_with_a_mistake_nothing_typed_is_lost(tuin: KnowledgeBase, wrong: dict[str, str]) -> None:
    text = "<b>vet</b> & \u202e omgekeerd"

    answer = tuin.client.post("/praktijk", data={**FILLED, "text": text, **wrong})

    assert answer.status_code == 400
    assert "Het is nog niet verstuurd." in answer.text
    assert escape(text) in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert stored(tuin) == []


@given(st.dictionaries(st.sampled_from([*FILLED, "email", "leaveEmpty"]), st.text(max_size=20)))
def test_whatever_is_posted_gets_a_page(kb: KnowledgeBase, data: dict[str, str]) -> None:
    posted = {name: value.encode("utf-8", "replace").decode() for name, value in data.items()}

    assert kb.client.post("/praktijk", data=posted).status_code in {303, 400, 429}


def test_notes_are_shown_as_plain_text_and_as_experience(tuin: KnowledgeBase) -> None:
    piet = somebody(tuin, "Piet", "publisher")
    text = "Zie https://voorbeeld.nl <script>alert(1)</script>"
    decide(piet, send(tuin, text=text), "approve")
    decide(piet, send(tuin, kind="question", text="Wie betaalt?"), "answer", text="De gemeente.")

    page = tuin.client.get("/casussen/tuin").text

    assert escape(text) in page
    assert 'href="https://voorbeeld.nl' not in page
    assert "geen bewijs" in page
    assert page.index("Wie betaalt?") < page.index("De gemeente.")


def test_a_case_shows_the_notes_of_its_pitfalls_with_them(tuin: KnowledgeBase) -> None:
    piet = somebody(tuin, "Piet", "publisher")
    decide(piet, send(tuin, "pitfall:tuin--korte-adem"), "approve")

    page = tuin.client.get("/casussen/tuin").text

    start = page.index('id="tuin--korte-adem"')
    assert WORDS in page[start : page.index("</article>", start)]


def test_who_sends_too_much_loses_nothing_typed(tuin: KnowledgeBase) -> None:
    limit = int(workflow.SENDING_LIMIT.partition(" ")[0])
    for _ in range(limit):
        assert tuin.client.post("/praktijk", data=FILLED).status_code == 303

    answer = tuin.client.post("/praktijk", data={**FILLED, "text": "Nog <een>."})

    assert answer.status_code == 429
    assert escape("Nog <een>.") in answer.text
    assert "Wat je typte staat er nog" in answer.text
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_privacy_tells_what_becomes_of_notes(tuin: KnowledgeBase, lang: str) -> None:
    assert (
        'href="/praktijk' in tuin.client.get(f"/privacy?lang={lang}").text.partition("<footer")[0]
    )


def test_without_the_setting_pages_show_what_was_approved_and_no_form(tmp_path: Path) -> None:
    settings = Settings.from_environment({"KB_DATA_DIR": str(tmp_path), "KB_PRACTICE_NOTES": "off"})
    app = create_app(settings, serving=False)
    parts = app.extensions["kb"]
    steps.upgrade(parts.database)
    client = app.test_client()

    assert client.get("/praktijk").status_code == 404
    assert client.post("/praktijk", data=FILLED).status_code == 404
    assert "/praktijk" not in client.get("/over").text
    assert "/praktijk" not in client.get("/privacy").text
    assert "note-form" not in client.get("/bestanddelen/buddy-systeem").text
    with parts.database.transaction() as session:
        session.add(
            PracticeNote(
                slug="a1",
                kind="experience",
                about_kind="ingredient",
                about="buddy-systeem",
                text=WORDS,
                received_at=now(),
                published_at=now(),
            )
        )
        changes.record_terms(session, "ingredients", ["buddy-systeem"], now())
    page = client.get("/bestanddelen/buddy-systeem").text
    assert WORDS in page
    assert "note-form" not in page
