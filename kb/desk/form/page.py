"""What the page with a form has: the text, its fields, and what is open, wrong or worth a look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kb.desk import api
from kb.desk.form import marks
from kb.desk.form.advice import Tip, tips, tips_of
from kb.desk.form.layout import SORTED
from kb.desk.form.model import FormModel
from kb.desk.form.saving import Error, key_of
from kb.desk.form.sections import Section, sections
from kb.desk.form.things import Thing, model_of
from kb.desk.form.values import REST, Document, Tokens, rest_of, shown_part


@dataclass
class FormPage:
    """A form with a text in it: the saved one, or what was typed since."""

    thing: Thing
    model: FormModel
    draft: Mapping[str, Any]  # as the API gives it
    etag: str  # of the text that the form began from
    base: Document  # that text, as the form shows it
    document: Document
    tokens: Tokens
    errors: list[Error] = field(default_factory=list)  # of what was not saved
    notice: str = ""
    waits: str = ""  # why script saves nothing by itself yet: renewed; or empty

    @cached_property
    def wrong(self) -> list[marks.Mark]:
        """What could not be saved."""
        return marks.marks_of(self.model, self.errors, self.tokens)

    @cached_property
    def open(self) -> list[marks.Mark]:
        """What keeps the saved text from being published."""
        problems = self.draft["_draft"]["problems"]
        return marks.marks_of(self.model, problems, self.tokens_as_saved)

    @cached_property
    def remarks(self) -> list[marks.Remark]:
        """The comments of editors that are not resolved yet."""
        if not self.draft["_draft"]["openComments"]:
            return []
        comments = api.read(f"{self.thing.draft}/comments")["items"]
        is_open = [each for each in comments if not each["resolvedAt"]]
        return marks.remarks_of(self.model, is_open, self.tokens_as_saved)

    @cached_property
    def tips(self) -> list[Tip]:
        """The API's advice on the text, and how it was saved in another spelling."""
        respelt = tips_of(self.model, self.draft["_draft"]["advice"], self.tokens)
        written = {"id": self.thing.slug, **self.document}
        return [*respelt, *tips(self.thing.kind, self.model, written, self.tokens)]

    @cached_property
    def tokens_as_saved(self) -> Tokens:
        """The tokens of the items in the order in which these were saved."""
        saved = shown_part(self.model, self.draft)
        return {
            key: _by_text(saved[key], self.document[key], names) if key in SORTED else names
            for key, names in self.tokens.items()
        }

    @property
    def is_typed(self) -> bool:
        """Whether the form has something that was not saved."""
        return self.document != self.base

    @property
    def sections(self) -> list[Section]:
        """The sections, in order."""
        return sections(self.model.fields)

    @property
    def returned(self) -> Mapping[str, Any] | None:
        """Who returned the draft, and why, when that is what it waits for."""
        facts = self.draft["_draft"]
        steps = [each for each in facts["history"] if each["what"] == "returned"]
        return steps[-1] if steps and facts["state"] == "returned" else None

    def notes(self, name: str) -> dict[str, Any]:
        """What stands beside a field: what is wrong, what is open, comments and tips."""
        return {
            "remarks": [each for each in self.remarks if each.name == name],
            "wrong": [each for each in self.wrong if each.name == name],
            "open": [each for each in self.open if each.name == name],
            "tips": [each for each in self.tips if each.name == name],
        }

    def names_with_notes(self) -> set[str]:
        """The names of fields that have something beside them."""
        marked = {each.name for each in (*self.wrong, *self.open)}
        return marked | {each.name for each in self.remarks} | {each.name for each in self.tips}

    def is_wrong(self, name: str) -> bool:
        """Whether what stands in a field is wrong, not merely missing."""
        open_there = (each for each in self.open if each.name == name and not each.is_open)
        return any(each.name == name for each in self.wrong) or any(open_there)

    def is_wrong_in(self, name: str) -> bool:
        """Whether something in an item could not be saved."""
        return bool(marks.below(self.wrong, name))

    def count(self, name: str) -> int:
        """How much is wrong or open in a field and all that is in it."""
        return len(marks.below({*self.wrong, *self.open}, name))

    def section_count(self, section: Section) -> int:
        """How much is wrong or open in a section."""
        return sum(self.count(each.path) for each in section.fields)


def saved_page(thing: Thing, draft: Mapping[str, Any], etag: str, **options: Any) -> FormPage:
    """The form with the saved text."""
    model = model_of(thing.kind)
    base = shown_part(model, draft)
    return FormPage(thing, model, draft, etag, base, base, indexes(model, base), **options)


def typed_page(
    thing: Thing,
    model: FormModel,
    draft: Mapping[str, Any],
    etag: str,
    base: Document,
    document: Document,
    **options: Any,
) -> FormPage:
    """The form with what was typed; `etag` and `base` are those that it began from."""
    tokens = indexes(model, document)
    return FormPage(thing, model, draft, etag, base, document, tokens, **options)


def indexes(model: FormModel, document: Document) -> Tokens:
    """The tokens of items that the server numbers."""
    lists = [each.key for each in model.fields if each.shape == "blocks"]
    return {key: [str(index) for index in range(len(document[key]))] for key in lists}


def _by_text(saved: list[Document], items: list[Document], tokens: list[str]) -> list[str]:
    """The token of the item that each saved one was; of one that says something else, any left."""
    left = list(zip(items, tokens, strict=True))
    names = []
    for item in saved:
        same = next((each for each in left if each[0] == item), left[0] if left else None)
        if same:
            left.remove(same)
            names.append(same[1])
    return names


def rests(page: FormPage) -> dict[str, str]:
    """What the form does not show of each item, as it was saved, by the names of its fields."""
    left_out = {key_of(each) for each in page.errors}
    return {
        f"{each.key}.{token}.{REST}": json.dumps(rest_of(each, item))
        for each in page.model.fields
        if each.shape == "blocks" and each.key not in left_out
        for item, token in zip(page.base[each.key], page.tokens_as_saved[each.key], strict=False)
    }
