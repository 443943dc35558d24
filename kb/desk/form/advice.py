"""The API's advice on a text that is being written: duplicates, ingredients, missing evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kb.desk import api
from kb.desk.form.marks import place_of
from kb.desk.form.model import FormModel
from kb.desk.form.values import Tokens
from kb.kinds import Kind


class Tip(NamedTuple):
    """Something to look at again, and at which field."""

    code: str  # likely-duplicate | missing-evidence | ingredient-not-tagged | normalised
    name: str  # of the field
    label: str
    text: str
    related: list[Mapping[str, Any]]  # type, id and title of what it is about


def tips(kind: Kind, model: FormModel, document: Mapping[str, Any], tokens: Tokens) -> list[Tip]:
    """Advice on a text that need not be right; none where the API gives none of this kind."""
    answer = api.call("POST", f"/{kind.collection}/_validate", json=dict(document))
    return tips_of(model, answer.json["advice"], tokens) if answer.ok else []


def tips_of(model: FormModel, advice: list[Mapping[str, Any]], tokens: Tokens) -> list[Tip]:
    """Advice of the API as tips."""
    return [_tip(model, each, tokens) for each in advice]


def _tip(model: FormModel, each: Mapping[str, Any], tokens: Tokens) -> Tip:
    name, label = place_of(model, each["pointer"], tokens)
    return Tip(each["code"], name, label, each["detail"], each.get("related") or [])
