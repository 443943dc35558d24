"""/redactie/reeks: one change in many things, made, read side by side and decided on as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.api import ApiResponse
from kb.desk.batch_page import (
    BatchPage,
    batch_page,
    form_mistakes,
    mistakes_of,
    operation_choices,
    operation_text,
)
from kb.desk.blueprint import DeskBlueprint
from kb.desk.draft_list import STATES
from kb.desk.rendering import HOME, render_desk
from kb.editors.blueprint import current_editor
from kb.pages.links import link
from kb.translation import N_
from kb.web.translation import gettext

blp = DeskBlueprint("desk_batches", __name__)
BATCHES = f"{HOME}/reeks"
BATCH = "/reeks/<count:number>"
Answer = str | Response | tuple[str, int]
BATCH_STATES = {**STATES, "published": N_("Published")}
DECISIONS = {"submit": "submitted", "retract": "retracted", "return": "returned"}
MAX_LISTED = 500  # things to tick


@blp.get("/reeks")
def batches() -> str:
    """The batches, and where a new one begins."""
    page = {"page": request.args.get("page", 1, type=int)}
    listed = api.read("/batches", page)
    labels = _state_labels()
    for batch in listed["items"]:
        batch["text"] = batch["title"] or operation_text(batch["operation"])
        batch["stateLabel"] = labels[batch["state"]]
    return render_desk("desk/batches.html", listed=listed)


@blp.get("/reeks/nieuw")
def begin() -> str:
    """The form of a new batch."""
    return _form(request.args)


@blp.post("/reeks/nieuw")
def create() -> Answer:
    """Show what a batch would change; or make it, of what is ticked."""
    is_dry = request.form.get("do") != "make"
    body = _body(request.form, with_ids=not is_dry)
    query = {"dryRun": "true" if is_dry else "false"}
    answer = api.call("POST", "/batches", query=query, json=body)
    if not answer.ok:
        return _form(request.form, refused=answer), answer.status
    if is_dry:
        number = request.form.get("page", 1, type=int)
        return _form(request.form, preview=batch_page(answer.json, "", number))
    return redirect(link(f"{BATCHES}/{answer.json['id']}", {"done": "batch-made"}), 303)


@blp.get(BATCH)
def one_batch(number: int) -> str:
    """Every thing of a batch with what changes, and what may be done."""
    return _page(number)


@blp.post(BATCH)
def decide(number: int) -> Answer:
    """Do what the button says: for the whole batch, or take one thing out of it."""
    path, etag = f"/batches/{number}", request.form.get("etag", "")
    action, _, item = request.form.get("do", "").partition(".")
    note = request.form.get("note", "").strip() or None
    if action in DECISIONS:
        body = {"decision": action, "note": note}
        answer = api.call("POST", f"{path}/reviews", json=body, etag=etag)
        done = DECISIONS[action]
    elif action == "publish":
        answer = api.call("POST", f"{path}/publications", json={"note": note}, etag=etag)
        done = "batch-published"
    elif action == "extend":
        answer, done = api.call("POST", f"{path}/items", etag=etag), "batch-extended"
    elif action == "discard":
        answer, done = api.call("DELETE", path, etag=etag), "batch-discarded"
    else:
        answer, done = api.call("DELETE", f"{path}/items/{item}", etag=etag), "batch-without"
    if not answer.ok:
        return _page(number, answer), answer.status
    return redirect(link(f"{BATCHES}/{number}", {"done": done}), 303)


@blp.post("/begrippen/<slug:scheme>/<slug:term_id>/samenvoegen")
def merge(scheme: str, term_id: str) -> Answer:
    """Show what merging a term into another would change; or begin it."""
    is_dry = request.form.get("do") != "make"
    path = f"/vocabularies/{scheme}/terms/{term_id}"
    into = {"into": request.form.get("into", "")}
    query = {"dryRun": "true" if is_dry else "false"}
    answer = api.call("POST", f"{path}/merges", query=query, json=into)
    if answer.ok and not is_dry:
        return redirect(link(f"{BATCHES}/{answer.json['id']}", {"done": "batch-made"}), 303)
    number = request.form.get("page", 1, type=int)
    page = render_desk(
        "desk/merge.html",
        page=batch_page(answer.json, "", number) if answer.ok else None,
        refused=None if answer.ok else answer,
        wrong=[(text, "", "") for text in answer.mistakes.values()],
        into=into["into"],
        back=f"{HOME}/begrippen/{scheme}/{term_id}",
        action=f"{HOME}/begrippen/{scheme}/{term_id}/samenvoegen",
    )
    return page if answer.ok else (page, answer.status)


def _page(number: int, refused: ApiResponse | None = None) -> str:
    answer = api.succeed(api.call("GET", f"/batches/{number}"))
    page = batch_page(answer.json, answer.etag or "", request.args.get("page", 1, type=int))
    mistakes = dict(refused.mistakes) if refused else {}
    if "/note" in mistakes and not request.form.get("note", "").strip():
        mistakes["/note"] = gettext("Write in the note what the author must do.")
    return render_desk(
        "desk/batch.html",
        page=page,
        state_labels=_state_labels(),
        refused=refused,
        wrong=mistakes_of(page, mistakes),
        note_mistake=mistakes.get("/note", ""),
        has_four_eyes=api.read("/me")["fourEyes"],
        note=request.form.get("note", "") if refused else "",
        me=current_editor(),
    )


def _state_labels() -> dict[str, str]:
    return {name: gettext(text) for name, text in BATCH_STATES.items()}


def _form(
    form: Mapping[str, Any], *, preview: BatchPage | None = None, refused: ApiResponse | None = None
) -> str:
    kind = form.get("type", "case")
    return render_desk(
        "desk/batch_new.html",
        typed=form,
        kind=kind,
        choices=operation_choices(),
        page=preview,
        ticked=request.form.getlist("id") if "page" in form else None,
        refused=refused,
        mistakes=form_mistakes(form, refused.mistakes) if refused else {},
    )


def _body(form: Any, *, with_ids: bool) -> dict[str, Any]:
    """What the form asks for, as the API takes it."""
    name = form.get("name", "replace-text")
    operation: dict[str, Any] = {"name": name}
    if name == "replace-text":
        operation |= {"find": form.get("find", ""), "replace": form.get("replace", "")}
        operation |= {
            "caseSensitive": "caseSensitive" in form,
            "wholeWords": "wholeWords" in form,
        }
        if fields := form.getlist(f"field.{form.get('type', 'case')}"):
            operation["fields"] = fields
    else:
        scheme, _, term = form.get("term", "").partition("/")
        operation |= {"scheme": scheme, "term": term}
    if name == "replace-term":
        operation["with"] = form.get("with", "").partition("/")[2]
    if name == "add-term" and form.get("how", "").strip():
        operation["how"] = form["how"]
    selection: dict[str, Any] = {"type": form.get("type", "case")}
    if with_ids:
        selection["ids"] = form.getlist("id")
    else:
        q, filters = form.get("q", "").strip(), form.getlist("filter")
        chosen: dict[str, Any] = {"q": q} if q else {}
        for each in filter(None, filters):
            parameter, _, value = each.partition(":")
            chosen.setdefault(parameter, []).append(value)
        selection["filters"] = chosen
    title = form.get("title", "").strip() or None
    return {"title": title, "operation": operation, "selection": selection}
