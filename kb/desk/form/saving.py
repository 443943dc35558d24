"""Saving what was changed in a form, through the API: all that is right, beside what is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from kb.desk import api
from kb.desk.form.values import Document

Outcome = Literal["saved", "partly", "refused", "stale", "failed"]
Error = Mapping[str, Any]  # an item of `errors` in a problem: pointer, code, detail


@dataclass(frozen=True)
class SaveResult:
    """What became of a form. `draft` is the text as it is saved now, where the API gave it."""

    outcome: Outcome
    etag: str = ""
    draft: Mapping[str, Any] | None = None
    errors: list[Error] = field(default_factory=list)  # of what was not saved
    problem: Mapping[str, Any] | None = None  # why nothing was

    @property
    def is_whole(self) -> bool:
        """Whether everything was saved."""
        return self.outcome == "saved"


def changes(base: Document, mine: Document) -> Document:
    """The keys that were changed, with their values: a JSON Merge Patch."""
    return {key: value for key, value in mine.items() if value != base.get(key)}


def save(
    path: str, base: Document, mine: Document, etag: str, *, is_autosave: bool = False
) -> SaveResult:
    """Save the keys that were changed; one with a mistake in it stays behind, the others do not.

    `path` is that of a draft below /v1, `etag` that of the text `base`. What is saved while
    somebody types is no step of its own in the history.
    """
    patch = changes(base, mine)
    if not patch:
        return SaveResult("saved", etag)
    query = {"autosave": "true"} if is_autosave else {}
    answer = api.call("PATCH", path, json=patch, etag=etag, query=query)
    if answer.status != HTTPStatus.BAD_REQUEST:
        return _result(answer, [])
    errors = list(answer.json.get("errors", ()))
    wrong = {key_of(each) for each in errors}
    right = {key: value for key, value in patch.items() if key not in wrong}
    if not right or right == patch:
        return SaveResult("refused", etag, errors=errors, problem=answer.json)
    return _result(api.call("PATCH", path, json=right, etag=etag, query=query), errors)


def key_of(error: Error) -> str:
    """The key at the top of a document that an error is about; empty for all of it."""
    return str(error.get("pointer", "")).partition("/")[2].partition("/")[0]


def _result(answer: api.ApiResponse, errors: list[Error]) -> SaveResult:
    if answer.ok:
        outcome: Outcome = "partly" if errors else "saved"
        return SaveResult(outcome, answer.etag or "", answer.json, errors)
    if answer.status == HTTPStatus.PRECONDITION_FAILED:
        return SaveResult("stale", problem=answer.json)
    more = answer.json.get("errors", ()) if answer.status == HTTPStatus.BAD_REQUEST else ()
    if more:
        return SaveResult("refused", errors=[*errors, *more], problem=answer.json)
    return SaveResult("failed", errors=errors, problem=answer.json)
