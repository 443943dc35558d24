"""/redactie/{collection}/{id}/beoordelen and /voorbeeld: a draft is read, spoken of and decided."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.api import ApiResponse
from kb.desk.blueprint import DeskBlueprint
from kb.desk.form.things import Thing
from kb.desk.rendering import render_desk
from kb.desk.review_page import ReviewPage, problem_labels, review_page
from kb.editors.blueprint import current_editor
from kb.pages.draft_preview import render_preview
from kb.pages.links import link
from kb.web.translation import gettext

blp = DeskBlueprint("desk_review", __name__)
Answer = str | Response | tuple[str, int]
MAX_DIGITS = 4  # of a number of days
DECISIONS = {"submit": "submitted", "retract": "retracted", "return": "returned"}


@blp.get("/<collection>/<slug:slug>/voorbeeld")
def preview(collection: str, slug: str) -> str:
    """The draft as its page will look."""
    thing = Thing(collection, slug)
    draft = api.read(thing.draft)
    labels = problem_labels(thing, draft)
    problems = [
        {"label": label, "detail": each["detail"]}
        for label, each in zip(labels, draft["_draft"]["problems"], strict=True)
    ]
    return render_preview(draft, state={**draft["_draft"], "problems": problems})


@blp.get("/<collection>/<slug:slug>/beoordelen")
def review(collection: str, slug: str) -> Answer:
    """The draft beside its public text; without a draft what there is instead."""
    thing = Thing(collection, slug)
    answer = api.call("GET", thing.draft)
    if answer.status == HTTPStatus.NOT_FOUND:
        public = api.call("GET", f"/{thing.kind.collection}/{slug}")
        if public.ok:
            return render_desk("desk/review_done.html", thing=thing, public=public.json)
    return _shown(review_page(thing, api.succeed(answer).json, answer.etag or ""))


def _shown(page: ReviewPage) -> str:
    return render_desk("desk/review.html", page=page, me=current_editor())


@blp.post("/<collection>/<slug:slug>/beoordelen")
def decide(collection: str, slug: str) -> Answer:
    """Do what the button says; what was typed stays when the API refuses it."""
    thing = Thing(collection, slug)
    action, _, number = request.form.get("do", "").partition(".")
    answer, done = _carry_out(thing, action, number)
    if action == "preview" and answer.ok:
        return _again(thing, address=answer.json["url"])
    if not answer.ok:
        return _again(thing, **_refusal(action, answer)), answer.status
    return redirect(link(f"{thing.page}/beoordelen", {"done": done}), 303)


def _again(thing: Thing, **options: Any) -> str:
    """The page as it is now, with what was typed."""
    answer = api.succeed(api.call("GET", thing.draft))
    page = review_page(thing, answer.json, answer.etag or "")
    page.error, page.address = options.get("error", ""), options.get("address", "")
    page.note_mistake = options.get("note_mistake", "")
    if page.error:
        page.typed = {key: request.form.get(key, "") for key in ("note", "text", "pointer")}
    return _shown(page)


def _refusal(action: str, answer: ApiResponse) -> dict[str, str]:
    """Why something was not done, and what of that is about the note."""
    mistakes = answer.mistakes
    note = mistakes.get("/note", "")
    if note and action == "return" and not request.form.get("note", "").strip():
        note = mistakes["/note"] = gettext("Write in the note what the author must do.")
    error = " ".join(mistakes.values()) or (answer.json or {}).get("detail", "")
    return {"error": error, "note_mistake": note}


def _carry_out(thing: Thing, action: str, number: str) -> tuple[ApiResponse, str]:
    """What the API answers to what the button says, and the name of its message."""
    etag, note = request.form.get("etag", ""), request.form.get("note", "").strip() or None
    if action in DECISIONS:
        decision = {"decision": action, "note": note}
        return api.call("POST", f"{thing.draft}/reviews", json=decision, etag=etag), DECISIONS[
            action
        ]
    if action == "publish":
        path = f"/{thing.kind.collection}/{thing.slug}/publications"
        body = {"note": note, "reinstate": "reinstate" in request.form}
        answer = api.call("POST", path, json=body, etag=etag)
        is_searchable = answer.ok and answer.json["searchable"]
        return answer, "published" if is_searchable else "published-later"
    if action == "preview":
        text = request.form.get("days", "").strip()
        days = int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else text
        return api.call("POST", f"{thing.draft}/previews", json={"days": days}), ""
    if action == "revoke":
        return api.call("DELETE", f"{thing.draft}/previews/{number}"), "revoked"
    return _comment(thing, action, number)


def _comment(thing: Thing, action: str, number: str) -> tuple[ApiResponse, str]:
    """The same of buttons beside comments."""
    path = f"{thing.draft}/comments"
    if action == "delete":
        return api.call("DELETE", f"{path}/{number}"), "deleted"
    if action in {"resolve", "reopen"}:
        is_resolved = action == "resolve"
        answer = api.call("PUT", f"{path}/{number}", json={"resolved": is_resolved})
        return answer, "resolved" if is_resolved else "reopened"
    body = {key: request.form.get(key, "") for key in ("pointer", "text")}
    return api.call("POST", path, json=body), "commented"
