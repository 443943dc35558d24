"""The lists of drafts at the desk: which there are, and what each row says and leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kb.database import now
from kb.desk import api
from kb.desk.rendering import thing_path
from kb.kinds import EDITABLE_KINDS
from kb.translation import N_
from kb.web.translation import gettext, ngettext

TYPES = tuple(kind.name for kind in EDITABLE_KINDS if kind.name != "case")  # have no kinds
FILTERS = ("q", "state", "author", "kind")
STATES = {
    "draft": N_("Being written"),
    "submitted": N_("Waiting for review"),
    "returned": N_("Returned"),
    "discarded": N_("Discarded"),
}
CHANGES = {
    "new": N_("New"),
    "change": N_("Change"),
    "reinstatement": N_("Withdrawn"),
}
ACTION_PAGES = {  # the page below that of its thing where an action is done, and its name there
    "edit": ("/bewerken", N_("Write on")),
    "submit": ("/beoordelen", N_("Submit for review")),
    "retract": ("/beoordelen", N_("Take the submission back")),
    "return": ("/beoordelen", N_("Review")),
    "publish": ("/beoordelen", N_("Publish")),
    "restore": ("", N_("Bring back")),
}
FIRST_ACTIONS = {  # what is done next with a draft in each state, the likeliest first
    "draft": ("edit", "submit"),
    "submitted": ("return", "publish", "retract", "edit"),
    "returned": ("edit",),
    "discarded": ("restore",),
}


@dataclass(frozen=True)
class DraftView:
    """One of the lists: its name in the address, its heading, and what it asks the API."""

    name: str
    label: str
    query: Mapping[str, Any]
    nothing: str  # what it says when it is empty


def views(owner: str) -> dict[str, DraftView]:
    """The lists of an editor by name, in their order."""
    waiting = {"state": ["submitted"], "sort": "stateSince"}
    every = (
        DraftView("mine", N_("Mine"), {"writer": [owner]}, N_("You have no drafts.")),
        DraftView("waiting", N_("Waiting for review"), waiting, N_("Nothing waits for review.")),
        DraftView(
            "returned",
            N_("Returned"),
            {"state": ["returned"], "sort": "stateSince"},
            N_("Nothing was returned."),
        ),
        DraftView("all", N_("All drafts"), {}, N_("There are no drafts.")),
        DraftView(
            "discarded",
            N_("Discarded"),
            {"state": ["discarded"]},
            N_("Nothing was discarded in the last 90 days."),
        ),
    )
    return {view.name: view for view in every}


def read_list(view: DraftView, filters: Mapping[str, str], page: int, size: int) -> dict[str, Any]:
    """A page of a list as the API has it, each item with what its row says. Raises ApiProblem."""
    query = {**view.query, **{name: text for name, text in filters.items() if text}}
    if query.get("kind") in TYPES:
        query["type"] = query.pop("kind")
    listed: dict[str, Any] = api.read("/drafts", {**query, "page": page, "pageSize": size})
    for item in listed["items"]:
        item |= row_texts(item)
    return listed


def row_texts(item: Mapping[str, Any]) -> dict[str, Any]:
    """What the row of a draft says beside what the API has of it."""
    path, state, change = thing_path(item), item["state"], item["change"]
    names = [name for name in FIRST_ACTIONS[state] if name in item["actions"]]
    pages = dict(ACTION_PAGES[name] for name in reversed(names))  # each once, by its first action
    return {
        "path": path,
        "stateLabel": gettext(STATES[state]),
        "changeLabel": gettext(CHANGES[change]),
        "age": age_text(item["stateSince"]),
        "nextSteps": [(path + below, gettext(label)) for below, label in reversed(pages.items())],
    }


def age_text(since: str) -> str:
    """How long ago a moment of the API was, in whole days."""
    days = (now() - datetime.fromisoformat(since)).days
    if days < 1:
        return gettext("today")
    return ngettext("for %(num)d day", "for %(num)d days", days)
