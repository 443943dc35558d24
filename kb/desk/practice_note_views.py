"""/redactie/praktijk: what readers sent in, to be approved, answered, rejected or made a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint
from kb.desk.rendering import render_desk
from kb.editors.blueprint import current_editor
from kb.kinds import CASE, KINDS
from kb.pages.links import link
from kb.translation import N_
from kb.web.translation import gettext

blp = DeskBlueprint("desk_practice_notes", __name__)
PATH = "/praktijk"
PAGE_SIZE = 20
STATES = {
    "new": N_("New"),
    "approved": N_("Approved"),
    "drafted": N_("Draft begun"),
    "rejected": N_("Rejected"),
}
KIND_LABELS = {
    "experience": N_("An experience"),
    "question": N_("A question"),
    "nomination": N_("A nomination"),
}
DECISIONS = {
    "approve": N_("approved"),
    "answer": N_("answered"),
    "reject": N_("rejected"),
    "draft": N_("began a draft with it"),
}


@blp.before_request
def check_role() -> None:
    """Notes are judged by publishers. Raises Forbidden."""
    current_editor().must_be("publisher")


@blp.get(PATH)
def notes() -> str:
    """The notes in one state, those that wait longest first."""
    state = request.args.get("state", "new")
    query = {"state": [state], "page": request.args.get("page", 1), "pageSize": PAGE_SIZE}
    listed = api.read("/practice-notes", query)
    return render_desk(
        "desk/practice_notes.html",
        listed=listed,
        titles={each["id"]: _title(each["about"]) for each in listed["items"] if each["about"]},
        state=state,
        **_labels(),
    )


@blp.get(f"{PATH}/<slug:note_id>")
def note(note_id: str) -> str:
    """One note, and what can be decided of it."""
    return _note_page(note_id, None, {})


@blp.post(f"{PATH}/<slug:note_id>")
def decide(note_id: str) -> Response | tuple[str, int]:
    """Decide, and go on: to the draft that was begun, or back to the list."""
    decision, text = request.form.get("decision", ""), request.form.get("text", "").strip()
    answer = api.call(
        "POST",
        f"/practice-notes/{note_id}/decisions",
        json={"decision": decision, "text": text or None},
        etag=request.form.get("etag"),
    )
    if not answer.ok:
        typed = {"decision": decision, "text": text}
        return _note_page(note_id, answer, typed), answer.status
    if decision == "draft":
        return redirect(link(f"/redactie{CASE.page_path}/{answer.json['draft']}"), 303)
    return redirect(link(f"/redactie{PATH}", {"done": f"note-{decision}"}), 303)


def _note_page(note_id: str, refusal: api.ApiResponse | None, typed: dict[str, str]) -> str:
    """The page of a note, perhaps with a decision that the API refused. Raises ApiProblem."""
    answer = api.succeed(api.call("GET", f"/practice-notes/{note_id}"))
    about = answer.json["about"]
    return render_desk(
        "desk/practice_note.html",
        note=answer.json,
        etag=answer.etag,
        refusal=refusal and refusal.json,
        mistakes=refusal.mistakes if refusal else {},
        title=_title(about) if about else "",
        open_form=_open_form(about) if about and typed.get("decision") == "draft" else None,
        typed=typed,
        decision_labels={name: gettext(label) for name, label in DECISIONS.items()},
        **_labels(),
    )


def _title(about: Mapping[str, str]) -> str:
    """What the subject of a note is called; its id when it is no longer public."""
    answer = api.call("GET", f"/{KINDS[about['type']].collection}/{about['id']}")
    return answer.json["title"] if answer.ok else about["id"]


def _open_form(about: Mapping[str, str]) -> str | None:
    """Where the open draft of the case of a note is written; None when there is none."""
    case_id = about["id"].partition("--")[0]  # of a pitfall: the case that has it
    has_draft = api.call("GET", f"/{CASE.collection}/{case_id}/draft").ok
    return f"/redactie{CASE.page_path}/{case_id}/bewerken" if has_draft else None


def _labels() -> dict[str, Any]:
    """What states, kinds and subjects are called, and where a subject has its page."""
    return {
        "states": {name: gettext(label) for name, label in STATES.items()},
        "note_kinds": {name: gettext(label) for name, label in KIND_LABELS.items()},
        "page_paths": {name: kind.page_path for name, kind in KINDS.items()},
    }
