"""Values of a document as people read them: labels instead of ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.desk.form.model import Field
from kb.desk.form.values import Document
from kb.vocabulary.terms import language, schemes

Titles = Mapping[str, str]  # of what references name, by id


def as_text(field: Field, value: Any, document: Document, titles: Titles) -> str:
    """A value of this field in `document`; items of lists a line each, empty for none."""
    if value in (None, "", []):
        return ""
    match field.shape:
        case "term":
            return term_label(field.scheme, value)
        case "terms" | "picks":
            return "\n".join(term_label(field.scheme, each) for each in value)
        case "words" | "keys":
            return "\n".join(value)
        case "reference" | "references":
            ids = value if isinstance(value, list) else [value]
            return "\n".join(titles.get(each, each) for each in ids)
        case "pick":
            sources = document[field.target]
            return next(
                (each.get("title") or "" for each in sources if each.get("id") == value), ""
            )
        case "blocks":
            items = [value] if isinstance(value, Mapping) else value
            return "\n\n".join(_item(field, each, document, titles) for each in items)
        case _:
            return str(value)


def _item(field: Field, item: Mapping[str, Any], document: Document, titles: Titles) -> str:
    texts = [(each, as_text(each, item.get(each.key), document, titles)) for each in field.fields]
    return "\n".join(f"{each.title}: {text}" for each, text in texts if text)


def term_label(scheme: str, term_id: str) -> str:
    """The label of a term in the language of the page; of what is none (any more), its id."""
    term = schemes()[scheme].terms.get(term_id) if scheme else None
    return term.label(language()) if term else term_id
