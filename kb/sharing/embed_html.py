"""The HTML that a website puts in its page, and the policy that each kind of embed needs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from markupsafe import escape

from kb.sharing.embed_addresses import DEFAULTS, Parameters, without_defaults

FRAME_WIDTH, FRAME_HEIGHT = 640, 720  # pixels, unless something smaller is asked
MAP_FRAME_WIDTH, MAP_FRAME_HEIGHT = 1240, 900  # pixels; the picture with all effects fits
PLACEHOLDER_HEIGHT, PLACEHOLDER_ITEM_HEIGHT = 180, 230  # pixels on a phone: without items, of each
MAX_PLACEHOLDER_HEIGHT = 900  # pixels; what is below the window moves unseen
NO_ATTRIBUTES = {"page", "fragment", "embed", "fields"}
SPACE_SEPARATED = {"show", "facets", "sort"}  # several words, not names with spaces in them


def component(address: str, version: str, integrity: str, element: str) -> str:
    """A script and an element; the script is one that never changes, known by its hash."""
    script = (
        f'<script src="{escape(address)}/embed/{version}/kennisbank.js" '
        f'integrity="{integrity}" crossorigin="anonymous" async></script>'
    )
    return f"{script}\n{element}"


def element(parameters: Parameters, page: str, label: str) -> str:
    """The element of search results; it stands where they shall be."""
    items = int(parameters.get("pageSize", DEFAULTS["pageSize"]))
    height = min(MAX_PLACEHOLDER_HEIGHT, PLACEHOLDER_HEIGHT + items * PLACEHOLDER_ITEM_HEIGHT)
    return _element("kennisbank-zoek", parameters, page, label, height)


def map_element(parameters: Parameters, page: str, label: str) -> str:
    """The element of the map of the evidence; it stands where that shall be."""
    return _element("kennisbank-kaart", parameters, page, label, MAX_PLACEHOLDER_HEIGHT)


def _element(name: str, parameters: Parameters, page: str, label: str, height: int) -> str:
    """An element of the component; the height of its place is in pixels.

    Until the script is there it shows a link to our page, and holds the place of the results, so
    that nothing moves when they come; an image without content needs no style, which a policy may
    forbid.
    """
    attributes = [
        f' {_kebab(key)}="{escape((" " if key in SPACE_SEPARATED else "|").join(values))}"'
        for key, values in without_defaults(parameters).items()
        if key not in NO_ATTRIBUTES
    ]
    return (
        f'<{name}{"".join(attributes)}><a href="{escape(page)}">{escape(label)}</a>'
        f'<svg width="1" height="{height}" aria-hidden="true"></svg></{name}>'
    )


def iframe(source: str, title: str, width: int = FRAME_WIDTH, height: int = FRAME_HEIGHT) -> str:
    """One frame; its width and height are in pixels."""
    return (
        f'<iframe src="{escape(source)}" title="{escape(title)}" width="{width}" '
        f'height="{height}" loading="lazy"></iframe>'
    )


def blockquote(page: str, title: str) -> str:
    """A quotation with a link to the page, which WordPress shows until the frame has answered.

    WordPress takes a frame of a website it does not know only together with a quotation, and drops
    every attribute of the quotation; for everybody else `hidden` leaves it out.
    """
    return f'<blockquote hidden><a href="{escape(page)}">{escape(title)}</a></blockquote>'


def fragment(source: str) -> str:
    """How a server takes the fragment in: in PHP, which most websites run on."""
    return f"<?php echo @file_get_contents({_php_string(source)}) ?: ''; ?>"


def policies(address: str) -> dict[str, str]:
    """What the website's Content-Security-Policy must allow, for each kind of embed."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    return {
        "component": f"script-src {origin}; connect-src {origin}",
        "iframe": f"frame-src {origin}",
        "fragment": "",
    }


def _php_string(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _kebab(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
