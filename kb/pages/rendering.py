"""Pages from templates: what every page has, and what its template may call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, render_template, request

from kb.evidence import evidence_picture
from kb.pages import (
    directions,
    downloads,
    labels,
    links,
    page_metadata,
    reasons,
    unverified,
)
from kb.services import services
from kb.sharing.representations import json_ld_of, json_ld_of_site
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.translation import gettext, one_language


def render_page(template: str, **content: Any) -> str:
    """A page in the language of the request; beside this, it may call `TEMPLATE_GLOBALS`."""
    with one_language(), links.one_requested_language():
        return render_template(
            template,
            language=language(),
            takes_notes=services().settings.practice_notes,
            **content,
        )


def header_links() -> list[tuple[str, str]]:
    """Paths and names of the pages that the head of every page leads to."""
    return [
        ("/casussen", gettext("Cases")),
        ("/bestanddelen", gettext("Ingredients")),  # short: one row on a phone
        ("/valkuilen", gettext("Pitfalls")),
        ("/vragen", gettext("Questions")),
        ("/effecten", gettext("Effects")),
    ]


def footer_links() -> list[tuple[str, str]]:
    """Paths and names of the pages that the foot of every page leads to as well."""
    nomination = (
        [("/praktijk", gettext("Nominate a project"))] if services().settings.practice_notes else []
    )
    return [
        ("/strategieen", gettext("Strategies")),
        ("/onderzoeken", gettext("Studies")),
        ("/bevindingen", gettext("Findings")),
        ("/kaart-van-het-bewijs", gettext("Map of the evidence")),
        *nomination,
        ("/plan-toets", gettext("Check a plan")),
        ("/werkwijze", gettext("How we work")),
        ("/over", gettext("About")),
        ("/contact", gettext("Contact")),
        ("/privacy", gettext("Privacy")),
        ("/toegankelijkheid", gettext("Accessibility")),
        ("/insluiten", gettext("Embed")),
    ]


def aria_current(path: str) -> str | None:
    """The value of `aria-current`: `page` for this very page, `true` for a page above it."""
    if request.path == path:
        return "page"
    return "true" if request.path.startswith(f"{path}/") else None


TEMPLATE_GLOBALS: Mapping[str, Any] = {
    "public_address": public_address,
    "header_links": header_links,
    "footer_links": footer_links,
    "aria_current": aria_current,
    "outcome_sentences": directions.SENTENCES,
    "outcome_headings": directions.HEADINGS,
    "reasons": reasons,
    "pictures": evidence_picture,
    "downloads": downloads.downloads,
    "labels": labels,
    "json_ld": json_ld_of,
    "json_ld_of_site": json_ld_of_site,
    "unverified": unverified.unverified,
    "unverified_outside": unverified.unverified_outside,
    "link": links.link,
    "dossier_address": links.dossier_address,
    "document_link": links.document_link,
    "image_files": links.image_files,
    "current_address": links.current_address,
    "findings_page": links.findings_page,
    "other_language_link": links.other_language_link,
    "requested_language": links.requested_language,
    "feed_address": links.feed_address,
    "follow_address": links.follow_address,
    "current_oembed_address": links.current_oembed_address,
    "open_graph": page_metadata.open_graph,
    "citation_tags": page_metadata.citation_tags,
    "reference": page_metadata.reference,
    "finding_reference": page_metadata.finding_reference,
}
"""What templates may call, whatever the page: macros are then made once, and not for each page."""


def init_app(app: Flask) -> None:
    """Let templates call it."""
    app.jinja_env.globals |= TEMPLATE_GLOBALS
