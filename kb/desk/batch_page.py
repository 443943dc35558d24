"""What the pages of a batch show: each thing with its changes side by side, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.desk import api
from kb.desk.field_changes import FieldChange, field_changes
from kb.desk.form.model import form_model
from kb.desk.import_labels import place_label
from kb.desk.rendering import HOME, thing_path
from kb.desk.term_changes import term_changes, term_label, term_schema
from kb.desk.word_changes import excerpt
from kb.kinds import EDITABLE_KINDS
from kb.pages.labels import kind_label
from kb.translation import N_
from kb.vocabulary.terms import Scheme, language, schemes
from kb.web.translation import gettext

Json = Mapping[str, Any]
NAMES = {
    "replace-text": N_("Replace a text by another"),
    "add-term": N_("Add a term"),
    "replace-term": N_("Replace a term by another"),
    "remove-term": N_("Remove a term"),
}
REASONS = {
    "has-draft": N_("%(who)s is writing in it"),
    "invalid": N_("It would be wrong: %(what)s"),
}
PAGE_SIZE = 20  # things with their differences
KINDS = tuple(kind.name for kind in EDITABLE_KINDS)
WITHOUT_TEXT = {"unverified", "programme", "images"}  # keys whose lines are no text
TEXTS = {"text", "line", "words"}  # shapes of fields
NEVER = ("kinds", "outcomes", "verdicts", "evidence-lanes", "urbanity-levels", "ingredient-groups")


@dataclass(frozen=True)
class ItemView:
    """A thing of a batch, with its fields that change where it is on the page that is shown."""

    item: Json
    path: str  # of its page for editors
    kind: str
    fields: list[FieldChange]
    schema: Json  # of its document
    is_shown: bool

    @property
    def form_path(self) -> str:
        """The path of the page where its draft is mended."""
        return self.path if self.item["type"] == "term" else f"{self.path}/bewerken"

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What must be mended in its draft: the field, and why."""
        every = self.item["problems"]
        return [(place_label(each["pointer"], self.schema), each["detail"]) for each in every]


@dataclass(frozen=True)
class BatchPage:
    """A batch, or what one would be."""

    batch: Json
    etag: str
    text: str  # what it does, in words
    items: list[ItemView]
    skipped: list[tuple[Json, str, str]]  # the thing, its path and why
    number: int  # of the page of things that is shown with differences, from 1
    public: bool = True  # as the macros of a review ask: there is something beside the draft

    @property
    def shown(self) -> list[ItemView]:
        """The things of the page that is shown."""
        return [view for view in self.items if view.is_shown]

    @property
    def pages(self) -> int:
        """How many pages of things there are, at least one."""
        return page_count(len(self.items))


def page_count(things: int) -> int:
    """How many pages this many things have, at least one."""
    return max(1, math.ceil(things / PAGE_SIZE))


def batch_page(batch: Json, etag: str, number: int = 1) -> BatchPage:
    """What the page of a batch shows: the differences of one page of things. Raises ApiProblem."""
    kinds = {each["type"] for each in batch["items"]} - {"term"}
    described = {kind: api.read(f"/schemas/{kind}") for kind in kinds}
    skipped = [(each, thing_path(each), _reason(each)) for each in batch["skipped"]]
    number = max(1, min(number, page_count(len(batch["items"]))))
    shown = range((number - 1) * PAGE_SIZE, number * PAGE_SIZE)
    views = [
        _item_view(each, described, is_shown=place in shown)
        for place, each in enumerate(batch["items"])
    ]
    text = operation_text(batch["operation"])
    return BatchPage(batch, etag, text, views, skipped, number)


def mistakes_of(page: BatchPage, mistakes: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What is wrong with a batch as (text, thing, path of its page); nothing for what is no thing.

    `mistakes` are by JSON Pointer; `/items/2/summary` is about the third thing.
    """
    named = []
    for pointer, text in mistakes.items():
        keys = pointer.split("/")[1:]
        if keys[:1] == ["items"] and keys[1].isdecimal() and int(keys[1]) < len(page.items):
            view = page.items[int(keys[1])]
            label = place_label("/" + "/".join(keys[2:]), view.schema)
            title = view.item["title"] or view.item["id"]
            named.append((f"{label}: {text}" if label else text, title, view.form_path))
        else:
            label = f"{gettext('Note')}: " if pointer == "/note" else ""
            named.append((label + text, "", ""))
    return named


def form_mistakes(form: Mapping[str, Any], mistakes: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the form of a new batch, by JSON Pointer, in the words of its fields."""
    scheme = str(form.get("term", "")).partition("/")[0]
    other_scheme = str(form.get("with", "")).partition("/")[0]
    texts = dict(mistakes)
    if "/operation/find" in texts and not form.get("find"):
        texts["/operation/find"] = gettext("Fill in what you look for.")
    if not scheme and (missing := {"/operation/term", "/operation/scheme"} & texts.keys()):
        texts = {key: text for key, text in texts.items() if key not in missing}
        texts["/operation/term"] = gettext("Choose a term.")
    if "/operation/with" in texts and other_scheme != scheme:
        texts["/operation/with"] = gettext("Choose a term of the same list.")
    kind = kind_label(str(form.get("type", "case"))).lower()
    for scheme_of_list in schemes().values():
        pointer = f"/selection/filters/{scheme_of_list.parameter}"
        if pointer in texts:
            texts[pointer] = gettext(
                "A %(kind)s has no “%(list)s”: tick nothing there.",
                kind=kind,
                list=_name(scheme_of_list),
            )
    if "/selection/ids" in texts and not form.get("id"):
        texts["/selection/ids"] = gettext("Tick at least one thing.")
    return texts


def _item_view(item: Json, described: Mapping[str, Json], *, is_shown: bool) -> ItemView:
    changes: list[FieldChange] = []
    if item["type"] == "term":
        schema, path = term_schema(), f"{HOME}/begrippen/{item['id']}"
        if is_shown:
            scheme = item["id"].split("/")[0]
            changes = term_changes(scheme, item["before"], item["after"])
        return ItemView(item, path, gettext("Term"), changes, schema, is_shown)
    schema = described[item["type"]]
    if is_shown:
        changes = field_changes(item["before"], item["after"], schema)
        for each in changes:
            _shorten(each)
    return ItemView(item, thing_path(item), kind_label(item["type"]), changes, schema, is_shown)


def _shorten(change: FieldChange) -> None:
    """Leave the sentences around what changes."""
    change.parts = excerpt(change.parts)
    for item in change.items:
        for below in item.fields:
            _shorten(below)


def _reason(skipped: Json) -> str:
    values, reason = {"who": skipped["author"], "what": skipped["detail"]}, skipped["reason"]
    return gettext(REASONS[reason]) % values


def operation_text(operation: Json) -> str:
    """What an operation does, in a sentence."""
    if operation["name"] == "replace-text":
        text = gettext("Replace “%(find)s” by “%(replace)s”")
        return text % {key: operation[key] for key in ("find", "replace")}
    scheme = operation["scheme"]
    values = {"term": term_label(scheme, operation["term"])}
    values["other"] = term_label(scheme, operation.get("with", ""))
    texts = {
        "add-term": gettext("Add “%(term)s”"),
        "remove-term": gettext("Remove “%(term)s”"),
        "replace-term": gettext("Replace the term “%(term)s” by “%(other)s”"),
        "merge-term": gettext("Merge “%(term)s” into “%(other)s”"),
    }
    return texts[operation["name"]] % values


def operation_choices() -> dict[str, Any]:
    """What the form of a new batch lets one choose, by names in the language of the page."""
    chosen = [scheme for scheme in schemes().values() if scheme.id not in NEVER]
    filters = [scheme for scheme in schemes().values() if scheme.parameter]
    return {
        "names": [(name, gettext(text)) for name, text in NAMES.items()],
        "kinds": [(name, kind_label(name)) for name in KINDS],
        "terms": [(_name(scheme), _options(scheme, f"{scheme.id}/")) for scheme in chosen],
        "fields": [(name, kind_label(name), _text_fields(name)) for name in KINDS],
        "filters": [(_name(each), _options(each, f"{each.parameter}:")) for each in filters],
    }


def _text_fields(kind: str) -> list[tuple[str, str]]:
    """The keys of a kind of thing that have texts, and their names."""
    return [
        (each.key, each.title)
        for each in form_model(api.read(f"/schemas/{kind}")).fields
        if {each.shape, *(below.shape for below in each.fields)} & TEXTS
        and each.key not in WITHOUT_TEXT
    ]


def _name(scheme: Scheme) -> str:
    return scheme.labels[language()]


def _options(scheme: Scheme, before: str) -> list[tuple[str, str]]:
    return [(before + term.id, term.label(language())) for term in scheme.in_order]
