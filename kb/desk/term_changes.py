"""Two texts of a term side by side, in words: old and new of each field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.desk.field_changes import FieldChange, field_changes
from kb.translation import N_
from kb.vocabulary.terms import LANGUAGES, language, schemes
from kb.web.translation import gettext

Json = Mapping[str, Any]
TERM_FIELDS = {
    "labels": N_("Label"),
    "definition": N_("Definition"),
    "synonyms": N_("What else people call it"),
    "broader": N_("Group"),
    "position": N_("Place in the list"),
    "deprecated": N_("Deprecated"),
    "replacedBy": N_("Successor"),
}


def term_schema() -> Json:
    """What people call the fields of a term, as a schema has it."""
    return {"properties": {name: {"title": gettext(text)} for name, text in TERM_FIELDS.items()}}


def term_changes(scheme: str, before: Json, after: Json) -> list[FieldChange]:
    """What became of each field of a term, in words."""
    old, new = (_readable(scheme, text) for text in (before, after))
    every = field_changes(old, new, term_schema())
    return [each for each in every if each.status != "same"]


def _readable(scheme: str, text: Json) -> dict[str, Any]:
    shown = dict(text)
    for key in ("labels", "synonyms"):
        if key in shown:
            words = [(code, word) for code in LANGUAGES for word in _listed(shown[key][code])]
            shown[key] = [
                word if code == language() else f"{word} ({code})" for code, word in words
            ]
    if shown.get("position") is not None:
        shown["position"] += 1
    if "deprecated" in shown:
        shown["deprecated"] = gettext("Yes") if shown["deprecated"] else gettext("No")
    for key, of_scheme in (("replacedBy", scheme), ("broader", "ingredient-groups")):
        if shown.get(key):
            shown[key] = term_label(of_scheme, shown[key])
    return shown


def _listed(words: Any) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


def term_label(scheme: str, term: str) -> str:
    """What people call a term; of an unknown one its id."""
    known = schemes()[scheme].terms.get(term) if scheme in schemes() else None
    return known.label(language()) if known else term


def field_label(pointer: str) -> str:
    """What people call the field of a term at a JSON Pointer; empty for another place."""
    key = pointer.split("/")[1] if "/" in pointer else ""
    return gettext(TERM_FIELDS[key]) if key in TERM_FIELDS else ""
