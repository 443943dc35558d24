"""/redactie/begrippen: the terms of vocabularies, to change, deprecate and approve."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.api import ApiResponse
from kb.desk.blueprint import DeskBlueprint
from kb.desk.field_changes import FieldChange
from kb.desk.form.values import number_of
from kb.desk.rendering import HOME, render_desk
from kb.desk.term_changes import TERM_FIELDS, field_label, term_changes
from kb.editors.blueprint import current_editor
from kb.pages.links import link
from kb.problems import NotFound
from kb.vocabulary.terms import BROADER_SCHEMES, FIXED_SCHEMES, LANGUAGES, language, schemes
from kb.web.translation import gettext

blp = DeskBlueprint("desk_terms", __name__)
TERMS = f"{HOME}/begrippen"
ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
DECISIONS = {  # on a proposal, and the messages that follow
    "submit": "submitted",
    "approve": "published",
    "return": "returned",
    "discard": "proposal-discarded",
}


@blp.get("/begrippen")
def vocabularies() -> str:
    """The vocabularies."""
    every = [(scheme, len(scheme.current)) for scheme in schemes().values()]
    return render_desk("desk/vocabularies.html", vocabularies=every)


@blp.get("/begrippen/<slug:scheme>")
def terms(scheme: str) -> str:
    """The terms of a vocabulary, with how often each is used and what is proposed."""
    items = api.read(f"/vocabularies/{scheme}/terms")["items"]
    return render_desk(
        "desk/terms.html", scheme=schemes()[scheme], items=items, is_fixed=scheme in FIXED_SCHEMES
    )


@blp.get("/begrippen/<slug:scheme>/nieuw")
def begin(scheme: str) -> str:
    """The form of a new term."""
    _check_scheme(scheme)
    return _form_page(scheme, None, _typed({}))


@blp.post("/begrippen/<slug:scheme>/nieuw")
def create(scheme: str) -> Response | tuple[str, int]:
    """Propose a new term, and send it for review."""
    _check_scheme(scheme)
    term_id = request.form.get("id", "").strip()
    if not ID.fullmatch(term_id):
        wrong = {"/id": gettext("Only lower-case letters, digits and dashes: samen-tuinieren.")}
        page = _form_page(scheme, None, _typed(request.form), mistakes=wrong)
        return page, HTTPStatus.BAD_REQUEST
    path = f"/vocabularies/{scheme}/terms/{term_id}"
    saved = api.call("PUT", path, json=_text(), headers={"If-None-Match": "*"})
    if not saved.ok:
        mistakes = saved.mistakes
        if saved.status == HTTPStatus.CONFLICT:
            mistakes = {"/id": saved.json["detail"]}
        page = _form_page(scheme, None, _typed(request.form), refused=saved, mistakes=mistakes)
        return page, saved.status
    return _submitted(scheme, term_id, saved)


@blp.get("/begrippen/<slug:scheme>/<slug:term_id>")
def one_term(scheme: str, term_id: str) -> str:
    """A term: its text to change, what is proposed, its versions."""
    term = api.succeed(api.call("GET", f"/vocabularies/{scheme}/terms/{term_id}"))
    return _form_page(scheme, term, _fields_of(term.json))


@blp.post("/begrippen/<slug:scheme>/<slug:term_id>")
def change(scheme: str, term_id: str) -> Response | tuple[str, int]:
    """Do what a button says: propose, deprecate, approve, return or discard."""
    path, etag = f"/vocabularies/{scheme}/terms/{term_id}", request.form.get("etag", "")
    steps: dict[str, tuple[str, str, Any]] = {
        "save": ("PUT", path, _text()),
        "deprecate": ("DELETE", path, {"replacedBy": request.form.get("replacedBy") or None}),
        "submit": ("POST", f"{path}/draft/reviews", {"decision": "submit"}),
        "approve": ("POST", f"{path}/publications", {}),
        "return": ("POST", f"{path}/draft/reviews", _return()),
        "discard": ("DELETE", f"{path}/draft", None),
    }
    step = request.form.get("do", "save")
    method, target, body = steps.get(step, steps["save"])
    answer = api.call(method, target, json=body, etag=etag)
    if not answer.ok:
        term = api.succeed(api.call("GET", path))
        if step in DECISIONS and term.json["_draft"] is None:  # the second of a double click
            return redirect(link(f"{TERMS}/{scheme}/{term_id}", {"done": "decided"}), 303)
        mistakes = dict(answer.mistakes)
        if "/note" in mistakes:
            mistakes["/note"] = gettext("Write in the note what the author must do.")
        page = _form_page(
            scheme, term, _typed(request.form, term), refused=answer, mistakes=mistakes, step=step
        )
        return page, answer.status
    if step in {"save", "deprecate"}:
        return _submitted(scheme, term_id, answer)
    if step == "discard" and not api.call("GET", path).ok:  # it was never public
        return redirect(link(f"{TERMS}/{scheme}", {"done": DECISIONS[step]}), 303)
    done = DECISIONS[step]
    return redirect(link(f"{TERMS}/{scheme}/{term_id}", {"done": done}), 303)


def _check_scheme(scheme: str) -> None:
    """Raise NotFound for a scheme that takes no new terms."""
    if scheme not in schemes() or scheme in FIXED_SCHEMES:
        raise NotFound


def _submitted(scheme: str, term_id: str, saved: ApiResponse) -> Response:
    """Send what was just saved for review: a proposal for a term is one step."""
    path = f"/vocabularies/{scheme}/terms/{term_id}/draft/reviews"
    sent = api.call("POST", path, json={"decision": "submit"}, etag=saved.etag)
    done = "submitted" if sent.ok else "saved"
    return redirect(link(f"{TERMS}/{scheme}/{term_id}", {"done": done}), 303)


def _return() -> dict[str, Any]:
    return {"decision": "return", "note": request.form.get("note", "").strip() or None}


def _text() -> dict[str, Any]:
    """The text of a term as the form has it, for the API."""
    form = request.form
    text: dict[str, Any] = {
        "labels": {code: form.get(f"label_{code}", "") for code in LANGUAGES},
        "definition": form.get("definition", ""),
        "synonyms": {code: _lines(form.get(f"synonyms_{code}", "")) for code in LANGUAGES},
        "broader": form.get("broader") or None,
    }
    position = number_of(form.get("position", ""))
    if position is not None:
        text["position"] = position - 1 if isinstance(position, int) else position
    return text


def _lines(text: str) -> list[str]:
    """The lines of a text that have something, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _typed(form: Any, term: ApiResponse | None = None) -> dict[str, str]:
    """What was typed, to be shown again; a form without a text leaves that of the term."""
    if term is not None and "definition" not in form:
        sent = {name: form[name] for name in ("note", "replacedBy") if name in form}
        return {**_fields_of(term.json), **sent}
    names = ["id", "definition", "broader", "position", "replacedBy", "note"]
    names += [f"{name}_{code}" for name in ("label", "synonyms") for code in LANGUAGES]
    return {name: form.get(name, "") for name in names}


def _fields_of(term: dict[str, Any]) -> dict[str, str]:
    """The fields of the form for a term of the API."""
    texts = {f"label_{code}": term["labels"][code] for code in LANGUAGES}
    synonyms = {f"synonyms_{code}": "\n".join(term["synonyms"][code]) for code in LANGUAGES}
    position = term["position"]
    return {
        **_typed({}),
        **texts,
        **synonyms,
        "definition": term["definition"],
        "broader": term["broader"] or "",
        "position": "" if position is None else str(position + 1),
        "replacedBy": term["replacedBy"] or "",
    }


def _texts_of(scheme_id: str, term: ApiResponse | None) -> dict[str, Any]:
    """What is public of a term, and what a proposal for it changes."""
    if term is None:
        return {"public": None, "changes": [], "page": {"public": False}}
    draft = term.json["_draft"]
    public = draft["public"] if draft else term.json
    changes = term_changes(scheme_id, public or {}, _text_of(term.json)) if draft else []
    return {"public": public, "changes": changes, "page": {"public": public is not None}}


def _text_of(term: Mapping[str, Any]) -> dict[str, Any]:
    """The text of a term of the API, by the keys that people know."""
    return {key: term[key] for key in TERM_FIELDS}


def _conflict(
    scheme_id: str, term: ApiResponse | None, refused: ApiResponse | None, step: str
) -> list[FieldChange]:
    """What was typed beside what somebody else saved meanwhile, where they differ."""
    is_late = refused is not None and refused.status == HTTPStatus.PRECONDITION_FAILED
    if term is None or not is_late or step != "save":
        return []
    mine = {"deprecated": False, "replacedBy": None, **_text()}
    mine.setdefault("position", term.json["position"])
    return term_changes(scheme_id, _text_of(term.json), mine)


def _form_page(
    scheme_id: str,
    term: ApiResponse | None,
    typed: dict[str, str],
    *,
    refused: ApiResponse | None = None,
    mistakes: Mapping[str, str] | None = None,
    step: str = "",
) -> str:
    wrong, scheme, groups = mistakes or {}, schemes()[scheme_id], BROADER_SCHEMES.get(scheme_id)
    versions: list[dict[str, Any]] = []
    if term is not None:
        path = f"/vocabularies/{scheme_id}/terms/{term.json['id']}/versions"
        versions = api.read(path)["items"]
    return render_desk(
        "desk/term.html",
        scheme=scheme,
        term=term and term.json,
        etag=term.etag if term else "",
        typed=typed,
        mistakes=wrong,
        labelled_mistakes=[(field_label(pointer), text) for pointer, text in wrong.items()],
        problem=refused.json if refused else None,
        **_texts_of(scheme_id, term),
        theirs=_conflict(scheme_id, term, refused, step),
        groups=[(each.id, each.label(language())) for each in schemes()[groups].current]
        if groups
        else [],
        successors=[(each.id, each.label(language())) for each in scheme.current],
        versions=versions,
        is_fixed=scheme_id in FIXED_SCHEMES,
        is_publisher=current_editor().role == "publisher",
    )
