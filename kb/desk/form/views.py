"""/redactie/{collection}/{id}/bewerken: the form, and what is done with what was typed in it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import g, jsonify, redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint, sign_in_first
from kb.desk.form.conflicts import refused, settle
from kb.desk.form.items import changed, item_action
from kb.desk.form.model import FormModel
from kb.desk.form.page import FormPage, rests, saved_page, typed_page
from kb.desk.form.rendering import as_json, render, render_parts
from kb.desk.form.requests import END, MAX_FIELDS, SentForm, read_form, wants_json
from kb.desk.form.saving import SaveResult, save
from kb.desk.form.things import Thing, model_of
from kb.desk.form.values import Document, Submission, shown_part
from kb.desk.rendering import render_desk
from kb.editors.blueprint import EDITOR, authenticated_editor
from kb.editors.session_cookie import current_session
from kb.pages.links import link
from kb.problems import Forbidden

blp = DeskBlueprint("desk_form", __name__, is_open=True)
Answer = str | Response | tuple[Any, int]


@blp.before_request
def require_session() -> Response | tuple[Any, int] | None:
    """Lead who has not signed in to where that is done; what they had typed stays on their page."""
    request.max_form_parts = MAX_FIELDS
    opened = current_session()
    if opened is None:
        return _ended() if request.method == "POST" else sign_in_first()
    try:
        g.editor = authenticated_editor()
    except Forbidden:  # the page is of an earlier session of this browser
        if wants_json():
            return jsonify({"outcome": "renewed", "csrf": opened.csrf}), HTTPStatus.FORBIDDEN
        if END not in request.form:
            raise
        g.editor, g.is_renewed = opened.editor, True
        request.environ[EDITOR] = opened.editor
    return None


def _ended() -> tuple[Any, int]:
    if wants_json():
        return jsonify({"outcome": "ended"}), HTTPStatus.UNAUTHORIZED
    fields = [pair for pair in request.form.items(multi=True) if pair[0] not in {"csrf", "do"}]
    return render_desk(
        "desk/form_ended.html", fields=fields, shows_form=True
    ), HTTPStatus.UNAUTHORIZED


@blp.get("/<collection>/<slug:slug>/bewerken")
def form(collection: str, slug: str) -> Answer:
    """The form with the draft; where there is none yet, a button that begins one."""
    thing = Thing(collection, slug)
    answer = api.call("GET", thing.draft)
    if answer.status == HTTPStatus.NOT_FOUND:
        public = api.call("GET", f"/{thing.kind.collection}/{slug}")
        if public.ok:
            return render_desk("desk/form_begin.html", thing=thing, title=public.json["title"])
    return render(saved_page(thing, api.succeed(answer).json, answer.etag or ""))


@blp.post("/<collection>/<slug:slug>/bewerken")
def send(collection: str, slug: str) -> Answer:
    """Do what the button says: save, submit, settle a conflict, or show the form with more items.

    Script sends the same form, and gets JSON.
    """
    thing = Thing(collection, slug)
    if request.form.get("do") == "begin" and END not in request.form:
        api.succeed(api.call("POST", thing.draft, json={}))
        return redirect(link(thing.form), 303)
    model = model_of(thing.kind)
    sent = read_form(model)
    if g.get("is_renewed"):
        return _show(thing, model, sent, sent.submission.document, waits="renewed")
    if action := item_action(model, sent.action):
        return _show(thing, model, sent, changed(model, sent.submission, action))
    if sent.action == "show":
        return _show(thing, model, sent, sent.submission.document)
    if sent.action == "settle":
        return settle(thing, model, sent)
    return _save(thing, model, sent)


def _show(
    thing: Thing, model: FormModel, sent: SentForm, document: Document, **options: Any
) -> Answer:
    """The form with what was typed, not saved; a conflict when somebody has saved since."""
    answer = api.succeed(api.call("GET", thing.draft))
    if answer.etag != sent.etag:
        return settle(thing, model, sent)
    page = typed_page(thing, model, answer.json, sent.etag, sent.base, document, **options)
    return render(page)


def _save(thing: Thing, model: FormModel, sent: SentForm) -> Answer:
    written = sent.submission.without_empty_items(model)
    is_autosave = sent.action == "autosave"
    result = save(thing.draft, sent.base, written.document, sent.etag, is_autosave=is_autosave)
    if wants_json():
        return _as_json(thing, model, sent, written, result)
    if result.outcome == "stale":
        return settle(thing, model, sent)
    if result.outcome != "saved":
        return refused(thing, model, sent.base, sent.etag, sent.submission.document, result)
    if sent.action == "submit":
        return _submit(thing, model, sent, result)
    return redirect(link(thing.form, {"done": "saved"}), 303)


def _submit(thing: Thing, model: FormModel, sent: SentForm, result: SaveResult) -> Answer:
    """Ask for approval of what has just been saved."""
    path = f"{thing.draft}/reviews"
    answer = api.call("POST", path, json={"decision": "submit"}, etag=result.etag)
    if answer.status == HTTPStatus.PRECONDITION_FAILED:
        return settle(thing, model, sent)
    if answer.status != HTTPStatus.CONFLICT:  # then it was submitted already
        api.succeed(answer)
    return redirect(link(thing.page, {"done": "submitted"}), 303)


def _as_json(
    thing: Thing, model: FormModel, sent: SentForm, written: Submission, result: SaveResult
) -> Answer:
    """For script: what became of it, and what stands beside the fields now."""
    if result.outcome in {"stale", "failed"}:
        problem = result.problem or {}
        body = {"outcome": result.outcome, "detail": problem.get("detail", "")}
        return jsonify(body), problem.get("status", HTTPStatus.INTERNAL_SERVER_ERROR)
    draft = result.draft or api.read(thing.draft)
    base = shown_part(model, draft) if result.draft else sent.base
    page = FormPage(
        *(thing, model, draft, result.etag or sent.etag, base),
        *(written.document, written.tokens, result.errors),
    )
    body = {
        "outcome": result.outcome,
        "etag": page.etag,
        "base": as_json(base),
        "savedAt": draft["_draft"]["savedAt"],
        "state": draft["_draft"]["state"],
        "rests": rests(page) if result.draft else {},
        "wrong": [each._asdict() for each in page.wrong],
        **render_parts(page),
    }
    return jsonify(body), HTTPStatus.OK
