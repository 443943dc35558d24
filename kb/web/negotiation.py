"""Content negotiation: the representation and the language of an answer."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_babel import get_locale

from kb import problems
from kb.services import services
from kb.web.media_types import best_of

ALSO_JSON = ("application/problem+json", "application/json-patch+json")
MEDIA = {  # the forms that `format` may ask for: their media type, and that with its parameters
    "json": ("application/json",) * 2,
    "atom": ("application/atom+xml",) * 2,
    "csv": ("text/csv", "text/csv; charset=utf-8; header=present"),
    "ndjson": ("application/x-ndjson",) * 2,
    "jsonld": ("application/ld+json",) * 2,
    "turtle": ("text/turtle", "text/turtle; charset=utf-8"),
    "bibtex": ("application/x-bibtex", "application/x-bibtex; charset=utf-8"),
    "ris": ("application/x-research-info-systems", "application/x-research-info-systems"),
}
FORM_OF = {media: form for form, (media, _) in MEDIA.items()}


def choose_language() -> str:
    """`nl` or `en`: `lang` wins from Accept-Language; Dutch for who asks for neither."""
    asked = request.args.get("lang", "")
    if asked in {"nl", "en"}:
        return asked
    for accepted, quality in request.accept_languages:  # the dearest first
        spoken = accepted.partition("-")[0].lower()  # en-GB is English too
        if spoken in {"nl", "en"} and quality > 0:
            return spoken
    return "nl"


def is_public_api() -> bool:
    """Whether this request is of the API, which any website may read."""
    return f"{request.path}/".startswith("/v1/")


def is_for_programs() -> bool:
    """Whether this address is of the API or of the health checks."""
    return is_public_api() or request.path.startswith("/health/")


def wants_page() -> bool:
    """Whether this request is of a person in a browser rather than of a program."""
    best = best_of(("application/json", "text/html"), request.accept_mimetypes)
    return best == "text/html" and not is_for_programs()


def forms_here() -> tuple[str, ...]:
    """The forms in which this address answers, the usual one first."""
    known = services().representations
    return known.get(request.endpoint or "", ("json",))


def choose_form() -> None:
    """The form of the answer: `format` wins from Accept. 406 for who accepts nothing we have."""
    forms = forms_here()
    g.form = "json"
    asked = request.args.get("format")
    if asked in forms:
        g.form = asked
    elif is_for_programs() and request.accept_mimetypes:
        offered = [MEDIA[form][0] for form in forms]
        best = best_of((*offered, *ALSO_JSON), request.accept_mimetypes)
        if best is None:
            raise problems.NotAcceptable(offered=", ".join(offered))
        g.form = FORM_OF.get(best, "json")


def in_form(kind: str, found: Any) -> Any:
    """A thing as it is, to tell in JSON; or what it is in the form that was chosen."""
    return found if g.form == "json" else services().write_item(kind, found)


def answer_language() -> str:
    """The language of this answer, for Content-Language."""
    locale = get_locale()
    return locale.language if locale else "nl"
