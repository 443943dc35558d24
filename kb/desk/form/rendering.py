"""What the templates of a form call: terms, choices, labels."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kb.desk.form.model import Field, FormModel
from kb.desk.form.page import FormPage
from kb.desk.form.readable import as_text, term_label
from kb.desk.form.sections import Section
from kb.desk.form.sentences import ADD, SAVE_TEXTS, STATES
from kb.desk.form.things import reference_choices
from kb.desk.form.values import MISSING, Document, rest_of, token_of
from kb.desk.rendering import render_desk
from kb.vocabulary.terms import BROADER_SCHEMES, Term, language, schemes
from kb.web.translation import gettext

Choices = list[tuple[str, str]]  # ids (or tokens) and labels
SELF_EVIDENT = {"pick", "picks", "reference", "keys"}  # whose hints speak of ids


def render(page: FormPage) -> str:
    """A form in the language of the request."""
    return render_desk("desk/form.html", **_content(page))


def render_parts(page: FormPage) -> dict[str, Any]:
    """The parts of a form that change with each saving, for script: what stands beside fields."""
    content = _content(page)
    return {
        "notes": {
            name: render_desk("desk/form_notes.html", name=name, **content)
            for name in page.names_with_notes()
        },
        "side": render_desk("desk/form_side.html", **content),
        "sections": {each.id: page.section_count(each) for each in page.sections},
        "items": {
            f"{key}.{token}": count
            for key, tokens in page.tokens.items()
            for token in tokens
            if (count := page.count(f"{key}.{token}"))
        },
    }


def _content(page: FormPage) -> dict[str, Any]:
    state = page.draft["_draft"]["state"]
    label = STATES[state]
    return {
        "page": page,
        "thing": page.thing,
        "state": state,
        "state_label": gettext(label),
        "saved_at": page.draft["_draft"]["savedAt"],
        "references": reference_choices(page.model),
        "key_titles": key_titles(page.model),
        "terms_json": lambda: as_json(vocabularies(page.model)),
        "save_texts": {name: gettext(text) for name, text in SAVE_TEXTS.items()},
        **_functions(),
    }


def _functions() -> dict[str, Callable[..., Any]]:
    return {
        "groups_of": groups_of,
        "summary_of": summary_of,
        "sources_of": pick_choices,
        "own_terms": own_terms,
        "all_terms": all_terms,
        "definition_of": definition_of,
        "label_of_term": term_label,
        "token_of": token_of,
        "is_gone": lambda token: token.startswith(MISSING),
        "add_label": lambda key: gettext(ADD.get(key, ADD[""])),
        "rest_json": lambda field, item: json.dumps(rest_of(field, item)),
        "plain_hint": plain_hint,
        "has_hint": lambda field: field.description and field.shape not in SELF_EVIDENT,
        "chosen_first": lambda choices, values: sorted(
            choices, key=lambda each: each[0] not in values
        ),
        "scheme_label": lambda scheme: schemes()[scheme].labels[language()],
        "section_title": section_title,
        "schemes_of": schemes_of,
        "as_json": as_json,
    }


def plain_hint(description: str) -> str:
    """What to write in a field, without that publishing needs it, which stands beside its label."""
    return description.removesuffix(gettext("Needed to publish.")).strip()


def section_title(section: Section) -> str:
    """The heading of a section."""
    return gettext(section.title) if section.title else section.fields[0].title


def schemes_of(section: Section) -> list[str]:
    """The vocabularies that a section has choices of."""
    fields = [below for each in section.fields for below in (each, *each.fields)]
    return list(dict.fromkeys(each.scheme for each in fields if each.scheme and not each.target))


def all_terms(scheme: str) -> Choices:
    """The terms of a vocabulary, in order."""
    return [(each.id, each.label(language())) for _, terms in groups_of(scheme) for each in terms]


def definition_of(scheme: str, term_id: str) -> str:
    """What a term means, in Dutch; empty for what is no term."""
    term = schemes()[scheme].terms.get(term_id) if scheme else None
    return term.definition if term else ""


def own_terms(document: Document, field: Field) -> Choices:
    """The terms of a list of the document, of which another list has some."""
    terms = (item.get("id") for item in document[field.target])
    return [(each, term_label(field.scheme, each)) for each in dict.fromkeys(filter(None, terms))]


def groups_of(scheme: str) -> list[tuple[str, list[Term]]]:
    """The terms of a vocabulary by what they belong to, in their order; one group when flat."""
    terms = schemes()[scheme].in_order
    if scheme not in BROADER_SCHEMES:
        return [("", list(terms))]
    broader = schemes()[BROADER_SCHEMES[scheme]].in_order
    groups = [
        (each.label(language()), [term for term in terms if term.broader == each.id])
        for each in broader
    ]
    loose = [each for each in terms if each.broader is None]
    return [*(pair for pair in groups if pair[1]), *([("", loose)] if loose else [])]


def summary_of(block: Field, item: Mapping[str, Any]) -> tuple[str, str]:
    """An item in a line: what it is called, and its terms."""
    first, *rest = block.fields
    details = [as_text(each, item.get(each.key), {}, {}) for each in rest if each.shape == "term"]
    return as_text(first, item.get(first.key), {}, {}), " · ".join(filter(None, details))


def pick_choices(document: Document, target: str) -> Choices:
    """The items of a list of the document that others pick, by their tokens."""
    untitled = SAVE_TEXTS["source"]
    return [
        (str(index), item.get("title") or gettext(untitled, number=index + 1))
        for index, item in enumerate(document[target])
    ]


def key_titles(model: FormModel) -> Choices:
    """The keys of a document that may be unverified, with what people call them."""
    titles = []
    for each in model.fields:
        if each.shape != "keys":
            titles.append((each.path, each.title))
            titles += [(below.path, f"{each.title}: {below.title}") for below in each.fields]
    return titles


def vocabularies(model: FormModel) -> dict[str, list[dict[str, Any]]]:
    """The terms that a form has, for script: what they mean and how else they are called."""
    used: Iterable[str] = {each.scheme for each in model.walk() if each.scheme}
    return {
        scheme: [
            {
                "id": term.id,
                "label": term.label(language()),
                "group": group,
                "definition": term.definition,
                "names": list(term.names),
            }
            for group, terms in groups_of(scheme)
            for term in terms
        ]
        for scheme in sorted(used)
    }


def as_json(value: Any) -> str:
    """JSON that may stand in a script element, too."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")
