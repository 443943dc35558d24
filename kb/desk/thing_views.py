"""/redactie/casussen/{id}: one thing for editors: how it is, what can be done, what happened."""

from __future__ import annotations

from flask import request

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint
from kb.desk.rendering import format_minute, render_desk
from kb.desk.things import HISTORY_PAGE, THING, DeskThing, read_state, thing_of
from kb.translation import N_
from kb.web.translation import gettext

blp = DeskBlueprint("desk_things", __name__)
STEPS = {  # what somebody did, as the history says it
    "saved": N_("saved"),
    "submitted": N_("submitted for review"),
    "returned": N_("returned"),
    "discarded": N_("discarded"),
    "published": N_("published"),
    "withdrawn": N_("withdrawn"),
    "erased": N_("erased"),
    "renamed": N_("renamed"),
    "retracted": N_("taken back"),
}


@blp.get(THING)
def thing(folder: str, thing_id: str) -> str:
    """How a thing is, what can be done next, and its history."""
    shown = thing_of(folder, thing_id)
    page = {"page": request.args.get("page", 1, type=int), "pageSize": HISTORY_PAGE}
    state = read_state(shown)
    steps = api.read(f"{shown.api_path}/history", page)
    return render_desk(
        "desk/thing.html",
        thing=shown,
        state=state,
        sources=_sources(shown),
        steps=steps,
        step_labels={name: gettext(text) for name, text in STEPS.items()},
        erasable=_erasable(steps["items"]),
        format_minute=format_minute,
    )


def _sources(thing: DeskThing) -> int:
    """How many addresses in its public text need attention."""
    query = {"type": thing.kind.name, "id": thing.id, "pageSize": 1}
    counts = api.read("/link-checks", query)["states"]
    return sum(counts[state] for state in ("gone", "failing", "redirected"))


def _erasable(steps: list[dict[str, object]]) -> set[object]:
    """The steps that published a version, at which its text can be erased."""
    erased = {step["version"] for step in steps if step["what"] == "erased"}
    return {
        step["revision"]
        for step in steps
        if step["what"] == "published" and step["version"] not in erased
    }


@blp.get(f"{THING}/teksten/<count:number>")
def saved_text(folder: str, thing_id: str, number: int) -> str:
    """A text as it was after a step of its history."""
    shown = thing_of(folder, thing_id)
    text = api.read(f"{shown.api_path}/revisions/{number}")
    return render_desk(
        "desk/saved_text.html",
        thing=shown,
        text=text,
        step=text["_revision"],
        step_labels={name: gettext(label) for name, label in STEPS.items()},
    )
