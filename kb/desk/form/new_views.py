"""/redactie/{collection}/nieuw: a title and a kind; what may be there already is shown first."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint
from kb.desk.form.advice import Tip, tips
from kb.desk.form.model import Field, FormModel
from kb.desk.form.rendering import all_terms, definition_of
from kb.desk.form.things import Thing, kind_of, model_of
from kb.desk.rendering import render_desk
from kb.desk.things import BY_FOLDER
from kb.kinds import Kind
from kb.pages.links import link

blp = DeskBlueprint("desk_new", __name__)
NEW = f"/<any({', '.join(BY_FOLDER)}):collection>/nieuw"  # never the thing with the id “nieuw”
FIRST_KEYS = ("title", "kind", "theme", "sourceType")  # with which something new begins
Answer = str | Response | tuple[str, int]


@blp.get(NEW)
def form(collection: str) -> Answer:
    """Ask for the title and the kind."""
    return _page(collection, kind_of(collection), {})


@blp.post(NEW)
def create(collection: str) -> Answer:
    """Begin a draft, and lead to its form; first show what it may be already.

    `seen` is the title with which that was shown. The key of the form has the same draft come of
    a form that is sent twice.
    """
    kind = kind_of(collection)
    model = model_of(kind)
    document = {
        each.key: request.form[each.key].strip()
        for each in first_fields(model)
        if request.form.get(each.key, "").strip()
    }
    duplicates = _duplicates(kind, model, document)
    if duplicates and request.form.get("seen") != document.get("title"):
        return _page(collection, kind, document, duplicates=duplicates)
    key = {"Idempotency-Key": request.form.get("key", "")[:64] or secrets.token_hex()}
    answer = api.call("POST", f"/{kind.collection}", json=document, headers=key)
    if answer.status == HTTPStatus.BAD_REQUEST:
        mistakes = {pointer.strip("/"): text for pointer, text in answer.mistakes.items()}
        if "id" in mistakes:
            mistakes.setdefault("title", mistakes["id"])
        return _page(collection, kind, document, mistakes=mistakes), HTTPStatus.BAD_REQUEST
    return redirect(link(Thing(collection, api.succeed(answer).json["id"]).form), 303)


def first_fields(model: FormModel) -> list[Field]:
    """The fields with which something new begins."""
    by_key = {each.key: each for each in model.fields}
    return [by_key[key] for key in FIRST_KEYS if key in by_key]


def _duplicates(kind: Kind, model: FormModel, document: dict[str, Any]) -> list[Tip]:
    if not document.get("title"):
        return []
    return [each for each in tips(kind, model, document, {}) if each.code == "likely-duplicate"]


def _page(collection: str, kind: Kind, document: dict[str, Any], **content: Any) -> str:
    return render_desk(
        "desk/form_new.html",
        collection=collection,
        kind=kind,
        fields=first_fields(model_of(kind)),
        document=document,
        key=request.form.get("key") or secrets.token_hex(),
        all_terms=all_terms,
        definition_of=definition_of,
        **{"duplicates": [], "mistakes": {}, **content},
    )
