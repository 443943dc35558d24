"""A draft as its page can show it: what is missing in it says so in its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kb.database import format_utc
from kb.translation import N_
from kb.web.translation import gettext

MISSING = N_("[still missing]")
Document = Mapping[str, Any]
TEXTS = {  # by the kind of thing
    "case": ("title", "summary", "context", "approach", "results"),
    "study": ("title", "summary"),
    "question": ("title", "answer"),
}
TERMS = {"case": ("kind", "status", "scale"), "study": ("sourceType",), "question": ("theme",)}
TERMS_OF = {  # by the list that they stand in
    "pitfalls": ("category", "phase"),
    "findings": ("domain", "level", "direction", "evidence"),
}
TEXTS_OF = {"ingredients": ("how",), "pitfalls": ("description",), "findings": ()}


def presentable(draft: Document, at: datetime) -> dict[str, Any]:
    """The document of a draft as if it were published at this moment, with nothing left out."""
    name, moment = draft["type"], format_utc(at)
    shown = {
        **draft,
        **_filled(draft, TEXTS[name], TERMS[name]),
        "version": (draft["version"] or 0) + 1,
        "publishedAt": draft["publishedAt"] or moment,
        "updatedAt": moment,
    }
    if name == "question":  # its lists are of terms and references, which are whole
        return shown
    for key, texts in TEXTS_OF.items():
        shown[key] = [
            {**item, **_filled(item, texts, TERMS_OF.get(key, ()))} for item in draft.get(key, ())
        ]
    if name == "case":
        shown["kind"] = draft["kind"] or {"id": missing(), "label": missing()}  # shown by its id
        shown["practiceNotes"] = []
    for finding in shown["findings"]:
        finding["source"] = finding["source"] or {"id": "", "title": missing()}
    return shown


def missing() -> str:
    """What stands in the place of what is missing, in the language of the page."""
    text: str = gettext(MISSING)
    return text


def _filled(owner: Document, texts: tuple[str, ...], terms: tuple[str, ...]) -> dict[str, Any]:
    """The keys of an owner that may not be left out, each with something in it."""
    label = missing()
    return {key: owner[key] or label for key in texts} | {
        key: owner[key] or {"id": "", "label": label} for key in terms
    }
