"""A form that was sent, as its view reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import request

from kb.desk.form.model import FormModel
from kb.desk.form.values import Document, Entry, Submission, read_entries, shown_part
from kb.problems import InvalidInput

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
        base=shown_part(model, _parsed(request.form.get("base", ""))),
        etag=request.form.get("etag", ""),
        action=request.form.get("do", "save"),
        entries=entries,
    )


def _parsed(text: str) -> dict[str, Any]:
    """The document in a field that we wrote ourselves. Raises InvalidInput for any other."""
    try:
        document = json.loads(text)
    except ValueError:
        raise InvalidInput([]) from None
    if not isinstance(document, dict):
        raise InvalidInput([])
    return document


def wants_json() -> bool:
    """Whether script of ours sent this form."""
    return request.accept_mimetypes.best == "application/json"
