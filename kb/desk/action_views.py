"""What is done with a thing as a whole, each on a page that says first what will happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.api import ApiProblem, ApiResponse
from kb.desk.blueprint import DeskBlueprint
from kb.desk.rendering import render_desk
from kb.desk.things import THING, DeskThing, draft_etag, read_state, thing_of
from kb.editors.blueprint import current_editor
from kb.pages.links import link

blp = DeskBlueprint("desk_actions", __name__)
MAX_REPLACEMENTS = 8
Page = str | Response | tuple[str, int]


@blp.post(f"{THING}/beginnen")
def begin(folder: str, thing_id: str) -> Page:
    """Begin the next draft from the public text, and go on to its form."""
    thing = thing_of(folder, thing_id)
    api.succeed(api.call("POST", f"{thing.api_path}/draft", json={}))
    return redirect(link(f"{thing.path}/bewerken"), 303)


@blp.route(f"{THING}/weggooien", methods=["GET", "POST"])
def discard(folder: str, thing_id: str) -> Page:
    """Discard the open draft; it can be brought back for 90 days."""
    thing = thing_of(folder, thing_id)
    return _page(
        thing,
        "desk/discard.html",
        "discarded",
        lambda: api.call("DELETE", f"{thing.api_path}/draft", etag=request.form.get("etag")),
        etag=request.form.get("etag") or draft_etag(thing),
    )


@blp.route(f"{THING}/herstellen/<count:number>", methods=["GET", "POST"])
def restore(folder: str, thing_id: str, number: int) -> Page:
    """Make a saved text the draft, also in the place of the open one."""
    thing = thing_of(folder, thing_id)
    text = api.read(f"{thing.api_path}/revisions/{number}")
    etag = request.form["etag"] if "etag" in request.form else draft_etag(thing)
    return _page(
        thing,
        "desk/restore.html",
        "restored",
        lambda: api.call(
            "POST", f"{thing.api_path}/draft", json={"fromRevision": number}, etag=etag or None
        ),
        etag=etag,
        text=text,
        step=text["_revision"],
    )


@blp.route(f"{THING}/intrekken", methods=["GET", "POST"])
def withdraw(folder: str, thing_id: str) -> Page:
    """Withdraw a public thing, or correct why that was done and what replaced it."""
    thing = _for_publishers(folder, thing_id)
    state = read_state(thing)
    typed = _typed("reason", "replacedBy", "find")
    if request.method == "GET" and state.withdrawal:
        typed |= {key: state.withdrawal[key] or "" for key in ("reason", "replacedBy")}
    method = "PUT" if state.withdrawal else "POST"
    body = {"reason": typed["reason"], "replacedBy": typed["replacedBy"] or None}
    is_find = "find-now" in request.form
    return _page(
        thing,
        "desk/withdraw.html",
        "corrected" if state.withdrawal else "withdrawn",
        lambda: api.call(method, f"{thing.api_path}/withdrawals", json=body),
        is_sent=not is_find,
        state=state,
        typed=typed,
        replacements=_replacements(thing, typed),
        examples=_examples(thing, state.public),
    )


@blp.route(f"{THING}/hernoemen", methods=["GET", "POST"])
def rename(folder: str, thing_id: str) -> Page:
    """Give a thing another id."""
    thing = _for_publishers(folder, thing_id)
    typed = _typed("id")
    renamed = DeskThing(thing.kind, typed["id"])
    return _page(
        thing,
        "desk/rename.html",
        "renamed",
        lambda: api.call("POST", f"{thing.api_path}/renames", json=typed),
        after=renamed,
        typed=typed if request.method == "POST" else {"id": thing.id},
    )


@blp.route(f"{THING}/wissen/<count:version>", methods=["GET", "POST"])
def erase(folder: str, thing_id: str, version: int) -> Page:
    """Erase the text of a version for good."""
    thing = _for_publishers(folder, thing_id)
    shown = api.call("GET", f"{thing.api_path}/versions/{version}")
    if shown.status != HTTPStatus.GONE:  # of a withdrawn thing versions can be erased too
        api.succeed(shown)
    typed = _typed("reason", "draft")
    body = {name: text for name, text in typed.items() if name == "reason" or text}
    return _page(
        thing,
        "desk/erase.html",
        "erased",
        lambda: api.call("DELETE", f"{thing.api_path}/versions/{version}", json=body),
        version=version,
        typed=typed,
    )


def _page(
    thing: DeskThing,
    template: str,
    done: str,
    work: Callable[[], ApiResponse],
    *,
    is_sent: bool = True,
    after: DeskThing | None = None,
    **content: Any,
) -> Page:
    """The page that says what will happen; once its form is sent, do it and say that it is done.

    A refusal is shown on the same page, with what was typed. `after` is the thing to go on to.
    """
    if request.method == "GET" or not is_sent:
        return render_desk(
            template, thing=thing, refusal=None, mistakes={}, **_named(thing, content)
        )
    answer = work()
    if answer.ok:
        gone = done == "discarded" and not api.call("GET", f"{thing.api_path}/history").ok
        path = "/redactie" if gone else (after or thing).path
        return redirect(link(path, {"done": done}), 303)
    page = render_desk(
        template,
        thing=thing,
        refusal=answer.json,
        mistakes=answer.mistakes,
        **_named(thing, content),
    )
    return page, answer.status


def _named(thing: DeskThing, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a page with the state and title of its thing. Raises ApiProblem."""
    state = content.get("state") or read_state(thing)
    return {**content, "state": state, "title": state.title or thing.id}


def _for_publishers(folder: str, thing_id: str) -> DeskThing:
    """The thing, for who is a publisher. Raises Forbidden."""
    current_editor().must_be("publisher")
    return thing_of(folder, thing_id)


def _typed(*names: str) -> dict[str, str]:
    """What was typed in the fields of a form, or stands in the address."""
    return {name: request.values.get(name, "").strip() for name in names}


def _replacements(thing: DeskThing, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Ids and titles to choose a replacement from: the chosen one, and what the words find."""
    chosen = typed["replacedBy"]
    items: list[dict[str, Any]] = []
    if chosen:
        answer = api.call("GET", f"/{thing.kind.collection}/{chosen}")
        items += [answer.json] if answer.ok else [{"id": chosen, "title": chosen}]
    if typed["find"]:
        query = {"q": typed["find"], "pageSize": MAX_REPLACEMENTS}
        items += api.read(f"/{thing.kind.collection}", query)["items"]
    titles = {item["id"]: item["title"] for item in items if item["id"] != thing.id}
    return list(titles.items())


def _examples(thing: DeskThing, public: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The public cases that are examples of an archetype; None of anything else."""
    if thing.kind.name != "case" or not public or public["kind"]["id"] != "archetype":
        return None
    try:
        listed: dict[str, Any] = api.read("/cases", {"archetype": thing.id, "pageSize": 10})
    except ApiProblem:  # search is being prepared
        return None
    return listed
