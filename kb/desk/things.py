"""The thing that a page of the desk is about, and all that the API says of it to editors."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from kb.desk import api
from kb.desk.api import MOVED, ApiProblem
from kb.desk.draft_list import row_texts
from kb.kinds import EDITABLE_KINDS, Kind

BY_FOLDER = {kind.page_path.strip("/"): kind for kind in EDITABLE_KINDS}
THING = f"/<any({', '.join(BY_FOLDER)}):folder>/<slug:thing_id>"  # of routes
HISTORY_PAGE = 50


@dataclass(frozen=True)
class DeskThing:
    """A case, study or question by its kind and id."""

    kind: Kind
    id: str

    @property
    def api_path(self) -> str:
        """Its address below /v1."""
        return f"/{self.kind.collection}/{self.id}"

    @property
    def path(self) -> str:
        """The path of its page for editors."""
        return f"/redactie{self.kind.page_path}/{self.id}"

    @property
    def public_path(self) -> str:
        """The path of its page for everybody."""
        return f"{self.kind.page_path}/{self.id}"


def thing_of(folder: str, thing_id: str) -> DeskThing:
    """The thing that the variable parts of THING name."""
    return DeskThing(BY_FOLDER[folder], thing_id)


@dataclass(frozen=True)
class ThingState:
    """How a thing is now: its open draft, its public text or withdrawal, and discarded drafts."""

    draft: dict[str, Any] | None  # as `row_texts` completes it
    discarded: list[dict[str, Any]]
    public: dict[str, Any] | None
    withdrawal: dict[str, Any] | None  # reason, withdrawnAt, replacedBy
    versions: list[dict[str, Any]]  # while it is public, the newest first

    @property
    def title(self) -> str | None:
        """What it is called now, as far as that is known."""
        texts = (self.draft, self.public, *self.discarded)
        return next((text["title"] for text in texts if text and text.get("title")), None)

    @property
    def public_version(self) -> dict[str, Any] | None:
        """The version that readers see: its number, and when it was published."""
        return self.versions[0] if self.versions else None


def read_state(thing: DeskThing) -> ThingState:
    """How a thing is now. Raises ApiProblem, also for what never was and for a former id."""
    one = {"id": thing.id, "type": [thing.kind.name]}
    open_drafts = api.read("/drafts", one)["items"]
    discarded = api.read("/drafts", {**one, "state": ["discarded"]})["items"]
    public = api.call("GET", thing.api_path)
    if public.status in MOVED:
        raise ApiProblem(public)
    if public.status == HTTPStatus.NOT_FOUND and not open_drafts and not discarded:
        api.read(f"{thing.api_path}/history", {"pageSize": 1})
    versions = api.read(f"{thing.api_path}/versions")["items"] if public.ok else []
    return ThingState(
        draft=next(({**each, **row_texts(each)} for each in open_drafts), None),
        discarded=[{**each, **row_texts(each)} for each in discarded],
        public=public.json if public.ok else None,
        withdrawal=public.json if public.status == HTTPStatus.GONE else None,
        versions=versions,
    )


def draft_etag(thing: DeskThing) -> str | None:
    """The ETag of the open draft; None when there is none."""
    draft = api.call("GET", f"{thing.api_path}/draft")
    return draft.etag if draft.ok else None
