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
TEXTS = ("title", "summary", "context", "approach", "results")
TERMS = ("kind", "status", "scale")
TERMS_OF = {  # by the list that they stand in
    "pitfalls": ("category", "phase"),
    "findings": ("domain", "level", "direction", "evidence"),
}
TEXTS_OF = {"ingredients": ("how",), "pitfalls": ("description",), "findings": ()}


def presentable(draft: Document, at: datetime) -> dict[str, Any]:
    """The document of a draft as if it were published at this moment, with nothing left out."""
    shown = {**draft, **_filled(draft, TEXTS, TERMS)}
    shown["kind"] = draft["kind"] or {"id": missing(), "label": missing()}  # shown by its id
    for key, texts in TEXTS_OF.items():
        shown[key] = [
            {**item, **_filled(item, texts, TERMS_OF.get(key, ()))} for item in draft[key]
        ]
    for finding in shown["findings"]:
        finding["source"] = finding["source"] or {"id": "", "title": missing()}
    moment = format_utc(at)
    return shown | {
        "version": (draft["version"] or 0) + 1,
        "publishedAt": draft["publishedAt"] or moment,
        "updatedAt": moment,
        "practiceNotes": [],
    }


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
