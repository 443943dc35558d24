"""Another editor saved the same text in the meantime: both texts side by side, and a choice."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.form.merge import LISTS, Conflict, Merge, merge
from kb.desk.form.model import FormModel
from kb.desk.form.page import typed_page
from kb.desk.form.readable import as_text
from kb.desk.form.rendering import render
from kb.desk.form.requests import SentForm
from kb.desk.form.saving import SaveResult, save
from kb.desk.form.things import Thing, reference_choices
from kb.desk.form.values import Document, shown_part
from kb.desk.rendering import render_desk
from kb.desk.word_changes import Part, line_changes, word_changes
from kb.editors.blueprint import current_editor
from kb.pages.links import link
from kb.web.translation import gettext

Answer = Response | tuple[str, int]
CHOICE = "choice."  # before the id of a conflict, in the name of its field


class Row(NamedTuple):
    """A conflict, with both values as people read them."""

    conflict: Conflict
    base: str  # from which both began
    mine: str
    theirs: str

    @property
    def mine_parts(self) -> list[Part]:
        """Mine, with the words that are new in it."""
        return self._changes(self.mine)

    @property
    def theirs_parts(self) -> list[Part]:
        """Theirs, with the words that are new in it."""
        return self._changes(self.theirs)

    def _changes(self, text: str) -> list[Part]:
        compare = line_changes if self.conflict.field.shape in LISTS else word_changes
        return compare(self.base, text)

    @property
    def heading(self) -> str:
        """What an item is called: the first thing it says."""
        first = (self.mine or self.theirs).partition("\n")[0]
        return first.partition(": ")[2]

    @property
    def about_both(self) -> str:
        """What both of them comes to."""
        if self.conflict.is_item:
            return gettext("Both stay, one after the other.")
        if self.conflict.field.shape == "text":
            return gettext("First what is saved now, then yours, to be tidied afterwards.")
        return gettext("All that either of you added, without what either removed.")


def settle(thing: Thing, model: FormModel, sent: SentForm) -> Answer:
    """Put both texts together and save them; or show what has to be chosen first."""
    answer = api.succeed(api.call("GET", thing.draft))
    theirs = shown_part(model, answer.json)
    mine = sent.submission.without_empty_items(model).document
    merged = merge(model, sent.base, mine, theirs, _choices(answer.etag or ""))
    if merged.conflicts:
        return _conflict_page(thing, model, answer, sent, merged), HTTPStatus.CONFLICT
    return _save_merged(thing, model, answer, sent, merged.document)


def _choices(etag: str) -> dict[str, str]:
    """What was chosen on the conflict page; nothing when theirs has changed again since."""
    if request.form.get("theirs") != etag:
        return {}
    pairs = request.form.items()
    return {name.removeprefix(CHOICE): text for name, text in pairs if name.startswith(CHOICE)}


def _save_merged(
    thing: Thing, model: FormModel, answer: api.ApiResponse, sent: SentForm, document: Document
) -> Answer:
    etag, theirs = answer.etag or "", shown_part(model, answer.json)
    result = save(thing.draft, theirs, document, etag)
    if result.outcome == "stale":  # a third editor
        return settle(thing, model, sent)
    if result.outcome != "saved":
        return refused(thing, model, theirs, etag, document, result)
    return redirect(link(thing.form, {"done": "merged"}), 303)


def refused(
    thing: Thing,
    model: FormModel,
    base: Document,
    etag: str,
    document: Document,
    result: SaveResult,
) -> tuple[str, int]:
    """The form with what was typed, and why not all of it was saved; `base` is the text before."""
    draft = result.draft or api.read(thing.draft)
    page = typed_page(
        *(thing, model, draft, result.etag or etag),
        shown_part(model, draft) if result.draft else base,
        document,
        errors=result.errors,
        notice="" if result.errors else (result.problem or {}).get("detail", ""),
    )
    return render(page), HTTPStatus.BAD_REQUEST


def _conflict_page(
    thing: Thing, model: FormModel, answer: api.ApiResponse, sent: SentForm, merged: Merge
) -> str:
    left_out = ("csrf", "do", "theirs")
    titles = {slug: title for each in reference_choices(model).values() for slug, title in each}
    author = answer.json["_draft"]["author"]
    mine, theirs = sent.submission.document, shown_part(model, answer.json)
    rows = [
        Row(
            each,
            as_text(each.field, each.base, sent.base, titles),
            as_text(each.field, each.mine, mine, titles),
            as_text(each.field, each.theirs, theirs, titles),
        )
        for each in merged.conflicts
    ]
    return render_desk(
        "desk/form_conflict.html",
        thing=thing,
        title=answer.json["title"],
        author=author,
        is_own=author == current_editor().owner,
        saved_at=answer.json["_draft"]["savedAt"],
        theirs=answer.etag,
        rows=rows,
        from_theirs=merged.from_theirs,
        fields=[
            (name, text)
            for name, text in sent.entries
            if name not in left_out and not name.startswith(CHOICE)
        ],
    )
