"""Notes from practice for tests: sending them in, and deciding."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person

WORDS = "Bij ons stonden de bakfietsen in de weg."


def a_note(about: str = "case:tuin", **keys: Any) -> dict[str, Any]:
    """A note as somebody sends it in."""
    kind, _, slug = about.partition(":")
    subject = {"about": {"type": kind, "id": slug}} if about else {}
    return {"kind": "experience", **subject, "text": WORDS, "consent": True, **keys}


def send(kb: KnowledgeBase, about: str = "case:tuin", **keys: Any) -> str:
    """Send a note in; returns its id."""
    answer = kb.client.post("/v1/practice-notes", json=a_note(about, **keys))
    assert answer.status_code == 201, answer.text
    slug: str = answer.json["id"]
    return slug


def decide(person: Person, note: str, decision: str, **keys: Any) -> TestResponse:
    """Decide about a note as it is now."""
    tag = person.ask("GET", f"/practice-notes/{note}").headers["ETag"]
    body = {"decision": decision, **keys}
    return person.ask("POST", f"/practice-notes/{note}/decisions", body, tag=tag)


def notes_of(kb: KnowledgeBase, path: str) -> list[dict[str, Any]]:
    """The public notes of a thing of the API."""
    answer = kb.client.get(f"/v1/{path}")
    assert answer.status_code == 200, answer.text
    notes: list[dict[str, Any]] = answer.json["practiceNotes"]
    return notes
