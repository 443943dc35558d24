"""A form that was sent, as its view reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from kb.desk.form.model import Field, FormModel
from kb.desk.form.values import Document, Entry, Submission, read_entries, shown_part
from kb.problems import InvalidInput
from schemas.strict_json import strict_json

MAX_FIELDS = 20_000
END = "end"  # the last field of a form: without it a part was lost on the way


@dataclass(frozen=True)
class SentForm:
    """What a form brought: what was typed, the text that it began from, and what is to be done."""

    submission: Submission
    base: Document
    etag: str  # of `base`
    action: str  # save | autosave | submit | show | add:findings | up:findings.2 | …
    entries: list[Entry]


def read_form(model: FormModel) -> SentForm:
    """Read the form of this request. Raises InvalidInput for one that is not whole."""
    entries = [(name, value) for name, value in request.form.items(multi=True)]
    if END not in request.form:
        raise InvalidInput([])
    return SentForm(
        submission=read_entries(model, entries),
        base=_base(model, request.form.get("base", "")),
        etag=request.form.get("etag", ""),
        action=request.form.get("do", "save"),
        entries=entries,
    )


def _base(model: FormModel, text: str) -> Document:
    """The document in a field that we wrote ourselves. Raises InvalidInput for any other."""
    try:
        document = strict_json(text)
    except ValueError:
        raise InvalidInput([]) from None
    if not isinstance(document, dict) or not all(_fits(each, document) for each in model.fields):
        raise InvalidInput([])
    return shown_part(model, document)


def _fits(field: Field, document: Mapping[str, Any]) -> bool:
    """Whether the value of a field has the shape that we write."""
    value = document.get(field.key)
    if value is None:
        return True
    if field.shape == "group":
        return isinstance(value, dict) and all(_fits(each, value) for each in field.fields)
    if field.shape == "blocks":
        return isinstance(value, list) and all(
            isinstance(item, dict) and all(_fits(each, item) for each in field.fields)
            for item in value
        )
    is_list = field.shape in {"words", "terms", "picks", "references", "keys"}
    values = value if is_list and isinstance(value, list) else [value]
    return isinstance(value, list) == is_list and all(isinstance(v, (str, int)) for v in values)


def wants_json() -> bool:
    """Whether script of ours sent this form."""
    return request.accept_mimetypes.best == "application/json"
