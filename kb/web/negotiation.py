"""Content negotiation: the representation and the language of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from babel import Locale
from flask import Response, current_app, g, jsonify, request

from kb.problems import NotAcceptable
from kb.services import services
from kb.vocabulary.terms import LANGUAGES
from kb.web.policy import request_policy

LOCALES: dict[str, Locale] = {code: Locale(code) for code in LANGUAGES}
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
    "html": Representation("text/html", "; charset=utf-8"),
    "markdown": Representation("text/markdown", "; charset=utf-8"),
    "docx": Representation(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    "csl": Representation("application/vnd.citationstyles.csl+json"),
}
NAMES = {each.media_type: name for name, each in REPRESENTATIONS.items()}


def negotiate_language() -> str:
    """`nl` or `en`: `lang` wins from Accept-Language; Dutch when neither names one of these."""
    parameter = request.args.get("lang", "")
    if parameter in {"nl", "en"}:
        return parameter
    for accepted, quality in request.accept_languages:  # highest quality first
        language = accepted.partition("-")[0].lower()  # en-GB is English too
        if language in {"nl", "en"} and quality > 0:
            return language
    return "nl"


def negotiate_locale() -> Locale:
    """The language of the request, for dates and numbers."""
    return LOCALES[negotiate_language()]


def wants_page() -> bool:
    """Whether this request is of a person in a browser rather than of a program."""
    best = best_of(("application/json", "text/html"), request.accept_mimetypes)
    return best == "text/html" and not request_policy().for_programs


def offered_representations() -> tuple[str, ...]:
    """The representations of what this address answers, as its view says; the usual one first."""
    view = current_app.view_functions.get(request.endpoint or "")
    view_class = getattr(view, "view_class", None)
    offered: tuple[str, ...] = getattr(view_class, "representations", ("json",))
    return offered


def negotiate_representation() -> None:
    """Choose `g.representation`: `format` wins from Accept. Raises NotAcceptable."""
    offered = offered_representations()
    g.representation = "json"
    parameter = request.args.get("format")
    if parameter in offered:
        g.representation = parameter
    elif request_policy().for_programs and request.accept_mimetypes:
        media_types = [REPRESENTATIONS[name].media_type for name in offered]
        best = best_of((*media_types, *ALSO_JSON), request.accept_mimetypes)
        if best is None:
            raise NotAcceptable(offered=", ".join(media_types))
        g.representation = NAMES.get(best, "json")


def represent(row: Any) -> Any:
    """A row as it is, to be dumped as JSON; or a response in another representation of it."""
    return row if g.representation == "json" else services().write_item(row)


def represent_document(document: Mapping[str, Any]) -> Response:
    """A response with a thing that is JSON already, or with another representation of it."""
    return jsonify(document) if g.representation == "json" else services().write_item(document)


def best_of(offered: Sequence[str], accepted: Iterable[tuple[str, float]]) -> str | None:
    """The media type of highest quality; of equals the one named most precisely, then our first.

    `accepted` are the media ranges of Accept with their quality (RFC 9110, 12.5.1). Parameters
    such as `charset` and `profile` rule none out. A range with quality 0 does, also when a wider
    one allows it. None when nothing fits.
    """
    ranges = [(media_range.partition(";")[0].strip().lower(), q) for media_range, q in accepted]
    best: tuple[tuple[float, int], str] | None = None
    for media_type in offered:
        rank = _rank(media_type, ranges)
        if rank[0] > 0 and (best is None or rank > best[0]):
            best = rank, media_type
    return best[1] if best else None


def _rank(media_type: str, ranges: Iterable[tuple[str, float]]) -> tuple[float, int]:
    """The quality of the most precise range that covers a media type, and how precise it is."""
    precisions = {media_type: 2, f"{media_type.partition('/')[0]}/*": 1, "*/*": 0, "*": 0}
    covering = [(precisions[name], q) for name, q in ranges if name in precisions]
    precision, quality = max(covering, default=(0, 0.0))
    return quality, precision
