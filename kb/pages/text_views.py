"""Pages of text about this site (who makes it, how, privacy …), and security.txt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from flask import Response

from kb.database import format_utc
from kb.pages.links import link
from kb.pages.rendering import render_page
from kb.pages.site_texts import SiteText, site_text
from kb.problems import NotFound
from kb.services import services
from kb.translation import N_
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.policy import PagesBlueprint
from kb.web.translation import gettext

blp = PagesBlueprint("texts", __name__, template_folder="templates")
TITLES = {
    "over": N_("About"),
    "werkwijze": N_("How we work"),
    "contact": N_("Contact"),
    "privacy": N_("Privacy"),
    "toegankelijkheid": N_("Accessibility"),
}
EXPLAINED_SCHEMES = {  # on the page about how we work: its anchor and heading for each
    "evidence-lanes": ("sporen", N_("What the lanes of evidence mean")),
    "evidence-levels": ("soorten-bewijs", N_("What the kinds of evidence mean")),
    "effect-directions": ("richtingen", N_("What the directions mean")),
    "effect-levels": ("niveaus", N_("What the levels mean")),
}
SECURITY_TXT_LIFETIME = timedelta(days=180)


@blp.get("/over", defaults={"name": "over"})
@blp.get("/contact", defaults={"name": "contact"})
@blp.get("/privacy", defaults={"name": "privacy"})
@blp.get("/toegankelijkheid", defaults={"name": "toegankelijkheid"})
@blp.get("/werkwijze", defaults={"name": "werkwijze"})
def text_page(name: str) -> str:
    """A text about this site: the operator's own, or what comes with a release."""
    settings = services().settings
    text = site_text(name, language(), settings.texts_dir, link)
    return render_page(
        "site_text.html",
        name=name,
        title=text.title or gettext(TITLES[name]),
        text=text,
        email=settings.contact_email,
        mailto=_mailto(settings.contact_email),
        appendices=_appendices(name),
        explained_schemes=EXPLAINED_SCHEMES if name == "werkwijze" else {},
    )


def _appendices(name: str) -> dict[str, SiteText]:
    """What becomes of what readers send in, below what is said of privacy; by their anchors."""
    settings = services().settings
    offered = {
        "zoekrapport": settings.search_report,
        "praktijk": settings.practice_notes,
        "volgen": settings.sends_mail,
    }
    names = [each for each, is_offered in offered.items() if is_offered and name == "privacy"]
    return {each: site_text(each, language(), None, link) for each in names}


@blp.get("/.well-known/security.txt")
def security() -> Response:
    """Whom to tell of a weak place in this service (RFC 9116); 404 while nobody can be told."""
    email = services().settings.contact_email
    if not email:
        raise NotFound
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {_mailto(email)}",
        f"Expires: {format_utc(midnight + SECURITY_TXT_LIFETIME)}",
        "Preferred-Languages: nl, en",
        f"Canonical: {public_address('/.well-known/security.txt')}",
    ]
    return Response("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


def _mailto(email: str) -> str:
    return f"mailto:{quote(email, safe='@+')}"
