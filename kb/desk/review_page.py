"""What the page of a review shows: two texts side by side, comments, and what may be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kb.desk import api
from kb.desk.field_changes import FieldChange, field_changes
from kb.desk.form.page import saved_page
from kb.desk.form.things import Thing

Json = Mapping[str, Any]


@dataclass
class ReviewPage:
    """A draft beside its public text (None when it has none), with all that editors said of it."""

    thing: Thing
    draft: Json
    etag: str
    public: Json | None
    fields: list[FieldChange]
    actions: list[str]
    comments: list[Json]
    previews: list[Json]
    problem_labels: list[str]  # of the fields that the problems of the draft are about
    error: str = ""
    note_mistake: str = ""
    typed: dict[str, str] = field(default_factory=dict)  # what was not done, by the name of a field
    address: str = ""  # of a preview that was just made

    @property
    def state(self) -> Json:
        """How far the draft is."""
        state: Json = self.draft["_draft"]
        return state

    def comments_at(self, *pointers: str) -> list[Json]:
        """The comments on these places, and on what is below them."""
        return [
            each
            for each in self.comments
            if each["pointer"]
            and any(f"{each['pointer']}/".startswith(f"{place}/") for place in pointers)
        ]

    @property
    def general_comments(self) -> list[Json]:
        """The comments on all of it, and on places that are no more."""
        return [each for each in self.comments if not each["pointer"]]

    def is_open(self, changed: FieldChange) -> bool:
        """Whether a field is shown at once: it changed, or something is still said of it."""
        return changed.status != "same" or any(
            not each["resolvedAt"] for each in self.comments_at(changed.pointer)
        )


def _top(pointer: str) -> str:
    return "/" + pointer.split("/")[1] if pointer else ""


def review_page(thing: Thing, draft: Json, etag: str) -> ReviewPage:
    """All that the page of a review shows, read through the API. Raises ApiProblem."""
    name, collection = thing.kind.name, thing.kind.collection
    public = api.call("GET", f"/{collection}/{thing.slug}")
    changes = api.read(f"{thing.draft}/changes")
    old = public.json if public.ok else None
    listed = api.read("/drafts", {"id": thing.slug, "type": [name]})["items"]
    return ReviewPage(
        thing=thing,
        draft=draft,
        etag=etag,
        public=old,
        fields=_marked(field_changes(old, draft, api.read(f"/schemas/{name}")), changes),
        problem_labels=problem_labels(thing, draft),
        actions=listed[0]["actions"] if listed else [],
        comments=api.read(f"{thing.draft}/comments")["items"],
        previews=api.read(f"{thing.draft}/previews")["items"],
    )


def problem_labels(thing: Thing, draft: Json) -> list[str]:
    """What the form calls the field of each problem: “Pitfalls 1: Kind of pitfall”."""
    page = saved_page(thing, draft, "")
    return [mark.label for mark in page.open]


def _marked(fields: list[FieldChange], operations: Iterable[Json]) -> list[FieldChange]:
    """The fields, where only those count as changed of which the API says so."""
    places = (each.get(key, "") for each in operations for key in ("path", "from"))
    changed = {_top(place) for place in places}
    for each in fields:
        if each.pointer not in changed:
            each.status = "same"
    return fields
