"""/redactie/begrippen: the terms of vocabularies, to change, deprecate and approve."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.api import ApiResponse
from kb.desk.blueprint import DeskBlueprint
from kb.desk.rendering import HOME, render_desk
from kb.editors.blueprint import current_editor
from kb.pages.links import link
from kb.problems import NotFound
from kb.vocabulary.terms import BROADER_SCHEMES, FIXED_SCHEMES, LANGUAGES, language, schemes

blp = DeskBlueprint("desk_terms", __name__)
TERMS = f"{HOME}/begrippen"


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
    if scheme not in schemes() or scheme in FIXED_SCHEMES:
        raise NotFound
    return _form_page(scheme, None, _typed({}))


@blp.post("/begrippen/<slug:scheme>/nieuw")
def create(scheme: str) -> Response | tuple[str, int]:
    """Propose a new term, and send it for review."""
    term_id = request.form.get("id", "").strip()
    path = f"/vocabularies/{scheme}/terms/{term_id}"
    saved = api.call("PUT", path, json=_text(), headers={"If-None-Match": "*"})
    if not saved.ok:
        return _form_page(scheme, None, _typed(request.form), refused=saved), saved.status
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
        return _form_page(scheme, term, _typed(request.form), refused=answer), answer.status
    if step in {"save", "deprecate"}:
        return _submitted(scheme, term_id, answer)
    if step == "discard" and not api.call("GET", path).ok:  # it was never public
        return redirect(link(f"{TERMS}/{scheme}", {"done": "saved"}), 303)
    done = {"approve": "published", "submit": "submitted"}.get(step, "saved")
    return redirect(link(f"{TERMS}/{scheme}/{term_id}", {"done": done}), 303)


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
    if form.get("position", "").strip().isdigit():
        text["position"] = int(form["position"]) - 1
    return text


def _lines(text: str) -> list[str]:
    """The lines of a text that have something, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _typed(form: Any) -> dict[str, str]:
    """What was typed, to be shown again."""
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


def _form_page(
    scheme_id: str,
    term: ApiResponse | None,
    typed: dict[str, str],
    *,
    refused: ApiResponse | None = None,
) -> str:
    scheme, groups = schemes()[scheme_id], BROADER_SCHEMES.get(scheme_id)
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
        mistakes=refused.mistakes if refused else {},
        problem=refused.json if refused else None,
        groups=[(each.id, each.label(language())) for each in schemes()[groups].current]
        if groups
        else [],
        successors=[(each.id, each.label(language())) for each in scheme.current],
        versions=versions,
        is_fixed=scheme_id in FIXED_SCHEMES,
        is_publisher=current_editor().role == "publisher",
    )
