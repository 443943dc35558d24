"""What practice sends in is seen by publishers alone, until one of them decides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from kb.app import create_app
from kb.cases.aliases import Thing
from kb.cases.practice_note import PracticeNote
from kb.cli.main import main
from kb.database import now
from kb.decisions.practice_notes import workflow
from kb.decisions.practice_notes.model import SubmittedNote
from kb.editors import renaming
from kb.migrations import steps
from kb.search.catch_up import rebuild
from kb.settings import Settings
from schemas.practice_notes import NoteInput
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase, until
from tests.decisions.practice import WORDS, a_note, decide, notes_of, send
from tests.editors.conftest import Person, codes, somebody

PITFALL = a_pitfall("tuin")["id"]
SECRET = {"organisation": "Woonstichting Zonnig", "email": "naam@example.org"}


def public_text(kb: KnowledgeBase) -> str:
    """Everything that readers can get of what a note may be about."""
    paths = (
        *("/v1/cases/tuin", f"/v1/pitfalls/{PITFALL}", "/v1/ingredients/buddy-systeem"),
        *("/v1/cases?q=bakfietsen", "/v1/search?q=bakfietsen", "/v1/changes"),
        *("/casussen/tuin", f"/valkuilen/{PITFALL}", "/bestanddelen/buddy-systeem"),
        *("/zoeken?q=bakfietsen", "/v1/cases?format=ndjson&fields=all"),
    )
    return "\n".join(kb.client.get(path).text for path in paths)


@pytest.mark.parametrize("about", ["case:tuin", f"pitfall:{PITFALL}", "ingredient:buddy-systeem"])
def test_nobody_but_publishers_sees_a_new_note(
    tuin: KnowledgeBase, piet: Person, about: str
) -> None:
    note = send(tuin, about, **SECRET)

    assert WORDS not in public_text(tuin)
    anna = somebody(tuin, "Anna", "editor")
    assert anna.ask("GET", "/practice-notes").status_code == 403
    assert tuin.client.get(f"/v1/practice-notes/{note}").status_code == 401
    [item] = piet.ask("GET", "/practice-notes?state=new").json["items"]
    assert (item["id"], item["text"], item["email"]) == (note, WORDS, SECRET["email"])
    assert "{type}:{id}".format_map(item["about"]) == about


@pytest.mark.parametrize(
    ("about", "path"),
    [
        ("case:tuin", "cases/tuin"),
        (f"pitfall:{PITFALL}", f"pitfalls/{PITFALL}"),
        ("ingredient:buddy-systeem", "ingredients/buddy-systeem"),
    ],
)
def test_an_approved_note_stands_with_what_it_is_about(
    tuin: KnowledgeBase, piet: Person, about: str, path: str
) -> None:
    before = tuin.client.get(f"/v1/{path}").headers["ETag"]
    number = tuin.client.get("/v1/changes").json["items"][-1]["number"]
    note = send(tuin, about, **SECRET)

    answer = decide(piet, note, "approve")

    assert answer.status_code == 200, answer.text
    [shown] = notes_of(tuin, path)
    assert (shown["id"], shown["kind"], shown["text"]) == (note, "experience", WORDS)
    assert shown["answer"] is None
    assert tuin.client.get(f"/v1/{path}").headers["ETag"] != before
    assert tuin.client.get("/v1/changes").json["items"][-1]["number"] == number + 1
    assert not any(secret in public_text(tuin) for secret in SECRET.values())


def test_words_of_approved_notes_lead_to_their_case(tuin: KnowledgeBase, piet: Person) -> None:
    tuin.publish(a_case("fiets", title="Bakfietsen in de buurt"))
    note = send(tuin)
    decide(piet, note, "answer", text="Zet ze in een overkapping.")

    first, second = tuin.client.get("/v1/cases?q=bakfietsen").json["items"]

    assert (first["id"], second["id"]) == ("fiets", "tuin")
    assert second["match"]["fields"] == ["practiceNotes"]
    [snippet] = second["match"]["snippets"]
    assert (snippet["field"], snippet["text"]) == ("practiceNotes", WORDS)
    [item] = tuin.client.get("/v1/cases?q=overkapping").json["items"]
    assert item["id"] == "tuin"
    decide(piet, note, "reject")
    assert tuin.client.get("/v1/cases?q=overkapping").json["items"] == []


def test_words_of_approved_notes_lead_to_their_ingredient(
    tuin: KnowledgeBase, piet: Person
) -> None:
    note = send(tuin, "ingredient:buddy-systeem")
    lists = ("/v1/ingredients?q=bakfietsen", "/v1/search?q=bakfietsen&type=ingredient")
    assert [tuin.client.get(each).json["items"] for each in lists] == [[], []]

    decide(piet, note, "approve")

    for each in lists:
        [item] = tuin.client.get(each).json["items"]
        assert item["id"] == "buddy-systeem"
        assert item["match"]["snippets"][0]["field"] == "practiceNotes"
    page = tuin.client.get("/zoeken?q=bakfietsen&type=ingredient").text
    assert "ervaring, geen bewijs" in page
    rebuild(tuin.database, tuin.engine)
    assert len(tuin.client.get(lists[0]).json["items"]) == 1
    decide(piet, note, "reject")
    assert tuin.client.get(lists[0]).json["items"] == []


def test_an_answer_stands_beside_the_question_and_can_be_improved(
    tuin: KnowledgeBase, piet: Person
) -> None:
    note = send(tuin, kind="question", text="Wie betaalde dit?")

    assert codes(decide(piet, note, "answer")) == {"/text": "required"}
    decide(piet, note, "answer", text="De gemeente.")
    decide(piet, note, "answer", text="De gemeente en Portaal.")

    [shown] = notes_of(tuin, "cases/tuin")
    assert (shown["kind"], shown["answer"]) == ("question", "De gemeente en Portaal.")
    history = piet.ask("GET", f"/practice-notes/{note}").json["history"]
    assert [(each["decision"], each["who"]) for each in history] == [("answer", "Piet")] * 2


def test_an_approved_note_can_be_taken_back_and_approved_again(
    tuin: KnowledgeBase, piet: Person
) -> None:
    note = send(tuin)
    decide(piet, note, "approve")
    assert decide(piet, note, "approve").status_code == 409

    decide(piet, note, "reject", text="Op verzoek.")

    assert notes_of(tuin, "cases/tuin") == []
    assert WORDS not in public_text(tuin)
    assert decide(piet, note, "reject").status_code == 409
    assert decide(piet, note, "approve").json["state"] == "approved"
    assert len(notes_of(tuin, "cases/tuin")) == 1


def test_a_note_becomes_the_next_draft_of_its_case(tuin: KnowledgeBase, piet: Person) -> None:
    note = send(tuin, f"pitfall:{PITFALL}")

    answer = decide(piet, note, "draft")

    assert (answer.json["state"], answer.json["draft"]) == ("drafted", "tuin")
    draft = piet.ask("GET", "/cases/tuin/draft").json
    assert [step["note"] for step in draft["_draft"]["history"]] == [WORDS]
    assert WORDS not in public_text(tuin)
    again = decide(piet, note, "draft")
    assert again.status_code == 409  # there is one already
    assert "/v1/cases/tuin/draft" in again.json["detail"]
    assert "keur de reactie daarna goed" in again.json["detail"]
    assert decide(piet, note, "approve").status_code == 200


def test_a_nomination_becomes_a_draft_of_a_new_case(tuin: KnowledgeBase, piet: Person) -> None:
    note = send(tuin, "", kind="nomination", text="In Zwolle doen ze dit ook.")

    assert decide(piet, note, "approve").status_code == 409
    assert codes(decide(piet, note, "draft")) == {"/text": "required"}
    answer = decide(piet, note, "draft", text="Samen wonen in Zwolle")

    assert answer.json["draft"] == "samen-wonen-in-zwolle"
    draft = piet.ask("GET", "/cases/samen-wonen-in-zwolle/draft").json
    assert draft["title"] == "Samen wonen in Zwolle"
    assert [step["note"] for step in draft["_draft"]["history"]] == ["In Zwolle doen ze dit ook."]
    assert tuin.client.get("/v1/cases/samen-wonen-in-zwolle").status_code == 404


def test_nobody_decides_about_what_they_have_not_seen(tuin: KnowledgeBase, piet: Person) -> None:
    note = send(tuin)
    path, body = f"/practice-notes/{note}/decisions", {"decision": "approve"}
    tag = piet.ask("GET", f"/practice-notes/{note}").headers["ETag"]

    without_tag = piet.ask("POST", path, body)
    assert (without_tag.status_code, "concept" in without_tag.text) == (428, False)
    assert piet.ask("POST", path, {"decision": "reject"}, tag=tag).status_code == 200
    stale = piet.ask("POST", path, body, tag=tag)
    assert (stale.status_code, "concept" in stale.text) == (412, False)
    assert piet.ask("POST", "/practice-notes/x/decisions", body, tag=tag).status_code == 404
    assert notes_of(tuin, "cases/tuin") == []


def test_a_renamed_case_keeps_its_notes_and_a_withdrawn_one_hides_them(
    tuin: KnowledgeBase, piet: Person
) -> None:
    for about in ("case:tuin", f"pitfall:{PITFALL}"):
        decide(piet, send(tuin, about), "approve")
    waiting = send(tuin)
    with tuin.database.transaction() as session:
        renaming.rename(session, Thing("case", "tuin"), "hof", who="Piet", at=now())
    tuin.catch_up()

    assert len(notes_of(tuin, "cases/hof")) == 1
    assert len(notes_of(tuin, f"pitfalls/{PITFALL.replace('tuin', 'hof', 1)}")) == 1
    assert decide(piet, waiting, "approve").json["about"] == {"type": "case", "id": "hof"}
    assert len(notes_of(tuin, "cases/hof")) == 2

    tuin.withdraw("hof")

    assert tuin.client.get("/v1/search?q=bakfietsen").json["items"] == []
    assert decide(piet, waiting, "reject").status_code == 200
    assert decide(piet, waiting, "approve").status_code == 409
    tuin.publish(a_case("hof", title="Een hof", pitfalls=[]))
    notes = notes_of(tuin, "cases/hof")
    assert len(notes) == 2  # that of the pitfall, which went, has come to its case


@pytest.mark.parametrize(
    ("note", "mistakes"),
    [
        ({}, {"/kind": "required", "/text": "required", "/consent": "required"}),
        (a_note(text=" \u200b\n"), {"/text": "empty"}),
        (a_note(text="x" * 2001), {"/text": "too-long"}),
        (a_note(text="a\u0000"), {"/text": "bad-format"}),
        (a_note(consent=False), {"/consent": "inconsistent"}),
        (a_note(email="naam@"), {"/email": "bad-format"}),
        (a_note(leaveEmpty="https://x.nl"), {"/leaveEmpty": "inconsistent"}),
        (a_note("", kind="question"), {"/about": "required"}),
        (a_note(kind="nomination"), {"/about": "inconsistent"}),
        (a_note("case:niets"), {"/about/id": "unknown-reference"}),
        (a_note("pitfall:tuin"), {"/about/id": "unknown-reference"}),
        (a_note("ingredient:niets"), {"/about/id": "unknown-reference"}),
        (a_note("study:tuin"), {"/about/type": "not-in-vocabulary"}),
        (a_note(naam="x"), {"/naam": "unknown-key"}),
    ],
)
def test_mistakes_are_listed_and_nothing_is_stored(
    tuin: KnowledgeBase, note: dict[str, Any], mistakes: dict[str, str]
) -> None:
    assert codes(tuin.client.post("/v1/practice-notes", json=note)) == mistakes

    with tuin.database.reading() as session:
        assert session.scalars(select(SubmittedNote)).all() == []


@given(st.text(max_size=40), st.sampled_from(["naam@example.org", None]))
def test_any_text_is_stored_as_it_reads_or_refused(text: str, email: str | None) -> None:
    errors = NoteInput().validate(a_note(text=text, email=email))

    if not errors:
        loaded = NoteInput().load(a_note(text=text, email=email))
        again = NoteInput().load(a_note(text=loaded["text"]))
        assert 1 <= len(loaded["text"]) <= 2000
        assert again["text"] == loaded["text"]
    else:
        assert set(errors) == {"text"}


def test_a_note_that_comes_again_with_its_key_is_stored_once(
    tuin: KnowledgeBase, piet: Person
) -> None:
    key = {"Idempotency-Key": "k1"}
    first, second = (
        tuin.client.post("/v1/practice-notes", json=a_note(), headers=key) for _ in range(2)
    )

    assert first.json == second.json
    assert piet.ask("GET", "/practice-notes").json["page"]["totalItems"] == 1


def test_who_sends_too_much_has_to_wait(tuin: KnowledgeBase) -> None:
    limit = int(workflow.SENDING_LIMIT.partition(" ")[0])
    statuses = [
        tuin.client.post("/v1/practice-notes", json=a_note()).status_code for _ in range(limit + 1)
    ]

    assert statuses == [*[201] * limit, 429]
    assert tuin.client.get("/v1/cases/tuin").status_code == 200


def test_addresses_and_rejected_texts_are_deleted_after_90_days(
    tuin: KnowledgeBase, piet: Person
) -> None:
    approved, rejected = send(tuin, **SECRET), send(tuin, **SECRET)
    decide(piet, approved, "approve")
    decide(piet, rejected, "reject", text="Naam van een bewoner.")
    later = now() + workflow.RETENTION

    assert forget_at(tuin, later - timedelta(days=1)) == 0
    assert forget_at(tuin, later) == 2
    assert forget_at(tuin, later) == 0

    seen = {each["id"]: each for each in piet.ask("GET", "/practice-notes").json["items"]}
    assert (seen[approved]["email"], seen[approved]["text"]) == (None, WORDS)
    assert seen[approved]["organisation"] == SECRET["organisation"]
    assert (seen[rejected]["text"], seen[rejected]["organisation"]) == (None, None)
    assert [step["text"] for step in seen[rejected]["history"]] == [None]
    assert len(notes_of(tuin, "cases/tuin")) == 1
    assert decide(piet, rejected, "approve").status_code == 409


def forget_at(kb: KnowledgeBase, at: Any) -> int:
    with kb.database.transaction() as session:
        return workflow.forget(session, at)


def test_an_editor_can_send_back_what_readers_get(tuin: KnowledgeBase, piet: Person) -> None:
    decide(piet, send(tuin), "approve")
    anna = somebody(tuin, "Anna", "editor")
    assert anna.ask("POST", "/cases/tuin/draft", {}).status_code == 201

    document = tuin.client.get("/v1/cases/tuin").json
    assert anna.put("tuin", document).status_code == 200
    assert anna.ask("POST", "/imports?dryRun=true", [document]).json["totals"]["rejected"] == 0


def test_both_databases_keep_notes(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case("tuin", title="Een tuin"))
    piet = somebody(any_kb, "Piet", "publisher")
    note = send(any_kb, **SECRET)

    assert decide(piet, note, "approve").status_code == 200
    assert len(notes_of(any_kb, "cases/tuin")) == 1
    assert forget_at(any_kb, now() + workflow.RETENTION) == 1
    assert decide(piet, note, "reject").status_code == 200
    assert forget_at(any_kb, now() + 2 * workflow.RETENTION) == 1
    with any_kb.database.reading() as session:
        assert session.scalars(select(PracticeNote)).all() == []


def test_without_the_setting_nothing_is_taken_in(tmp_path: Path) -> None:
    settings = Settings.from_environment({"KB_DATA_DIR": str(tmp_path), "KB_PRACTICE_NOTES": "off"})
    app = create_app(settings, serving=False)
    steps.upgrade(app.extensions["kb"].database)
    client = app.test_client()

    assert client.post("/v1/practice-notes", json=a_note()).status_code == 404
    assert client.get("/v1/practice-notes").status_code == 401  # of publishers, as ever


def test_a_server_deletes_what_is_old_by_itself(tuin: KnowledgeBase, piet: Person) -> None:
    note = send(tuin, **SECRET)
    with tuin.database.transaction() as session:
        workflow.get_note(session, note).received_at = now() - workflow.RETENTION
    background = tuin.app.extensions["kb"].background

    background.start()
    until(lambda: piet.ask("GET", f"/practice-notes/{note}").json["email"] is None)
    background.stop()


def test_an_operator_can_have_it_done(tuin: KnowledgeBase, tmp_path: Path) -> None:
    send(tuin, **SECRET)
    with tuin.database.transaction() as session:
        for note in session.scalars(select(SubmittedNote)):
            note.received_at = now() - workflow.RETENTION

    ran = CliRunner().invoke(main, ["notes", "forget"], env={"KB_DATA_DIR": str(tmp_path)})

    assert ran.exit_code == 0, ran.output
    assert "deleted: 1." in ran.output
