"""Content negotiation: the representation and the language of an answer."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import g, request
from flask_babel import get_locale

from kb import problems
from kb.services import services
from kb.web.media_types import best_of

ALSO_JSON = ("application/problem+json", "application/json-patch+json")


class Representation(NamedTuple):
    """A media type that we can give, as `format` asks for it."""

    media_type: str
    parameters: str = ""  # of Content-Type

    @property
    def content_type(self) -> str:
        """The media type with its parameters."""
        return self.media_type + self.parameters


REPRESENTATIONS = {  # by the values of `format`
    "json": Representation("application/json"),
    "atom": Representation("application/atom+xml"),
    "csv": Representation("text/csv", "; charset=utf-8; header=present"),
    "ndjson": Representation("application/x-ndjson"),
    "jsonld": Representation("application/ld+json"),
    "turtle": Representation("text/turtle", "; charset=utf-8"),
    "bibtex": Representation("application/x-bibtex", "; charset=utf-8"),
    "ris": Representation("application/x-research-info-systems"),
}
NAMES = {each.media_type: name for name, each in REPRESENTATIONS.items()}


def negotiate_language() -> str:
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


def offered_representations() -> tuple[str, ...]:
    """The forms in which this address answers, the usual one first."""
    known = services().representations
    return known.get(request.endpoint or "", ("json",))


def negotiate_representation() -> None:
    """The form of the answer: `format` wins from Accept. 406 for who accepts nothing we have."""
    representations = offered_representations()
    g.representation = "json"
    asked = request.args.get("format")
    if asked in representations:
        g.representation = asked
    elif is_for_programs() and request.accept_mimetypes:
        offered = [REPRESENTATIONS[representation].media_type for representation in representations]
        best = best_of((*offered, *ALSO_JSON), request.accept_mimetypes)
        if best is None:
            raise problems.NotAcceptable(offered=", ".join(offered))
        g.representation = NAMES.get(best, "json")


def represent(kind: str, found: Any) -> Any:
    """A thing as it is, to tell in JSON; or what it is in the form that was chosen."""
    return found if g.representation == "json" else services().write_item(kind, found)


def response_language() -> str:
    """The language of this answer, for Content-Language."""
    locale = get_locale()
    return locale.language if locale else "nl"
