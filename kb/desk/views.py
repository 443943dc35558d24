"""/redactie: the desk, where editors begin."""

from __future__ import annotations

from typing import Any

from flask import request

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint
from kb.desk.draft_list import FILTERS, STATES, TYPES, DraftView, read_list, views
from kb.desk.rendering import HOME, new_links, render_desk
from kb.editors.blueprint import current_editor
from kb.pages.labels import kind_label
from kb.pages.links import link
from kb.vocabulary.terms import language, schemes
from kb.web.policy import PagesBlueprint
from kb.web.translation import gettext

blp = DeskBlueprint("desk", __name__)
files = PagesBlueprint(
    "desk_files", __name__, static_folder="static", static_url_path="/redactie/static"
)
ON_OVERVIEW = 5  # drafts of each list on the first page
PAGE_SIZE = 20
OVERVIEW = ("mine", "waiting", "returned")


@blp.get("")
def desk() -> str:
    """What is in progress: my drafts, what waits, what came back; or one list, filtered."""
    lists = views(current_editor().owner)
    filters = {name: request.args.get(name, "").strip() for name in FILTERS}
    chosen = lists.get(request.args.get("view", "all" if any(filters.values()) else ""))
    if chosen is None:
        sections = [(lists[name], read_list(lists[name], {}, 1, ON_OVERVIEW)) for name in OVERVIEW]
        choices = _choices(lists, chosen, filters)
        return render_desk(
            "desk/desk.html",
            sections=sections,
            proposals=_proposals(),
            notes=_new_notes(),
            **choices,
        )
    listed = read_list(chosen, filters, request.args.get("page", 1, type=int), PAGE_SIZE)
    return render_desk(
        "desk/draft_list.html",
        listed=listed,
        neighbours=_neighbours(chosen, filters, listed["page"]),
        **_choices(lists, chosen, filters),
    )


def _proposals() -> dict[str, list[dict[str, Any]]]:
    """The proposals for terms, by the list that they belong in."""
    every, me = api.read("/term-proposals")["items"], current_editor().owner
    return {
        "mine": [each for each in every if each["author"] == me],
        "waiting": [each for each in every if each["state"] == "submitted"],
        "returned": [each for each in every if each["state"] == "returned"],
    }


def _new_notes() -> int:
    """How many notes from practice wait for a publisher; 0 for who does not judge them."""
    if current_editor().role != "publisher":
        return 0
    listed = api.read("/practice-notes", {"state": ["new"], "pageSize": 1})
    total: int = listed["page"]["totalItems"]
    return total


def _choices(
    lists: dict[str, DraftView], chosen: DraftView | None, filters: dict[str, str]
) -> dict[str, Any]:
    """What can be begun, the lists to choose from, and the filters with what can be filled in."""
    kinds = schemes()["kinds"].terms.values()
    return {
        "new_links": new_links(),
        "views": list(lists.values()),
        "view": chosen,
        "filters": filters,
        "states": [(name, gettext(label)) for name, label in STATES.items()],
        "kinds": [
            *((term.id, term.label(language())) for term in kinds),
            *((name, kind_label(name)) for name in TYPES),
        ],
    }


def _neighbours(view: DraftView, filters: dict[str, str], page: dict[str, int]) -> dict[str, str]:
    """The addresses of the pages before and after this one, where there are any."""
    number, query = page["number"], {"view": view.name, **{k: v for k, v in filters.items() if v}}
    numbers = {"prev": number - 1, "next": number + 1}
    return {
        rel: link(HOME, {**query, "page": each})
        for rel, each in numbers.items()
        if 1 <= each <= page["totalPages"]
    }
