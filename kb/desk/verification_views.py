"""/redactie/nakijken: what nobody has checked against a source yet, to be ticked."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint
from kb.desk.rendering import HOME, render_desk, thing_path
from kb.desk.things import THING, DeskThing, thing_of
from kb.editors.blueprint import current_editor
from kb.pages.links import link
from kb.translation import N_
from kb.web.translation import gettext

blp = DeskBlueprint("desk_verifications", __name__)
PATH = "/nakijken"
PAGE_SIZE = 50
TYPES = {"": N_("Any"), "case": N_("Case"), "study": N_("Study")}
FIELDS = {
    "source": N_("Checked against"),
    "reference": N_("Page, or the other source"),
    "note": N_("Note for editors"),
}
OTHER_SOURCE = "*"  # as the chosen source: one that the thing does not list; no id has it
NOT_TEXT = ("id", "type", "searchTerms", "_links")


@blp.get(PATH)
def unverified() -> str:
    """The public things with keys that nobody has checked, the oldest text first."""
    filters = {name: request.args.get(name, "").strip() for name in ("type", "author")}
    query = {name: [value] for name, value in filters.items() if value}
    page = {"page": request.args.get("page", 1), "pageSize": PAGE_SIZE}
    return render_desk(
        "desk/unverified.html",
        listed=api.read("/unverified-things", {**query, **page}),
        filters=filters,
        types={name: gettext(label) for name, label in TYPES.items()},
        check_path=lambda item: f"{thing_path(item)}{PATH}",
    )


@blp.get(f"{THING}{PATH}")
def verification(folder: str, thing_id: str) -> str:
    """The text of each unverified key of a thing, beside its sources, to be ticked."""
    return _page(thing_of(folder, thing_id), {})


@blp.post(f"{THING}{PATH}")
def verify(folder: str, thing_id: str) -> Response | tuple[str, int]:
    """Record each tick; what is refused stays on the page with what was typed."""
    thing, form = thing_of(folder, thing_id), request.form
    if number := form.get("take-back", type=int):
        api.succeed(api.call("DELETE", f"{thing.api_path}/verifications/{number}"))
        return redirect(link(f"{thing.path}{PATH}", {"done": "taken-back"}), 303)
    refused: dict[str, str] = {}
    status = HTTPStatus.BAD_REQUEST
    keys = form.getlist("key")
    for key in keys:
        typed = {name: form.get(f"{name}.{key}", "").strip() or None for name in FIELDS}
        if mistake := _source_mistake(typed):
            refused[key] = mistake
            continue
        if typed["source"] == OTHER_SOURCE:
            typed["source"] = None
        version = form.get("version", type=int)
        answer = api.call(
            "POST",
            f"{thing.api_path}/verifications",
            json={"key": key, "version": version, **typed},
        )
        if not answer.ok:
            refused[key], status = _reason(answer), HTTPStatus(answer.status)
    if refused or not keys:
        return _page(thing, refused, is_empty=not keys), status
    return redirect(link(f"{thing.path}{PATH}", {"done": "verified"}), 303)


def _page(thing: DeskThing, refused: Mapping[str, str], *, is_empty: bool = False) -> str:
    """The page of one thing. Raises ApiProblem, also for a kind of which nothing is checked."""
    checks = api.read(f"{thing.api_path}/verifications")
    document = api.read(thing.api_path)
    return render_desk(
        "desk/verification.html",
        thing=thing,
        document=document,
        checks=checks,
        texts={key: plain_text(document, key) for key in checks["unverified"]},
        refused=refused,
        other_source=OTHER_SOURCE,
        typed=request.form,
        is_empty=is_empty,
        home=f"{HOME}{PATH}",
        me=current_editor(),
    )


def _source_mistake(typed: Mapping[str, str | None]) -> str:
    """Why a tick names no source; empty when it does."""
    if not typed["source"]:
        return _named("/source", gettext("Choose a source."))
    if typed["source"] == OTHER_SOURCE and not typed["reference"]:
        return _named("/reference", gettext("Fill this in."))
    return ""


def _reason(refusal: api.ApiResponse) -> str:
    """Why a tick was not recorded, with the name of the field that it is about."""
    detail: str = refusal.json["detail"]
    return " ".join(_named(*each) for each in refusal.mistakes.items()) or detail


def _named(pointer: str, mistake: str) -> str:
    label = FIELDS.get(pointer.removeprefix("/"))
    return f"{gettext(label)}: {mistake}" if label else mistake


def plain_text(document: Any, key: str) -> list[str]:
    """What a key of a document in JSON says, in lines of plain text; empty when it says nothing."""
    return [line for line in _lines(document, key.split(".")) if line]


def _lines(value: Any, keys: list[str]) -> list[str]:
    if isinstance(value, list):
        return [line for each in value for line in _item_lines(each, keys)]
    if isinstance(value, Mapping):
        if keys:
            return _lines(value.get(keys[0]), keys[1:])
        if value.keys() <= {"id", "label"}:
            return [str(value["label"])]
        return [
            line for key, each in value.items() if key not in NOT_TEXT for line in _lines(each, [])
        ]
    return [] if value is None else [str(value)]


def _item_lines(item: Any, keys: list[str]) -> list[str]:
    """An item of a list; of one of its keys with what the item is called before it."""
    lines = _lines(item, keys)
    if not keys or not isinstance(item, Mapping) or not lines:
        return lines
    name = next((item[each] for each in ("label", "title", "claim") if each in item), None)
    return [f"{name}: {line}" if name and name != line else line for line in lines]
