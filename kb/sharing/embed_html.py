"""The lines of HTML that a website puts in its page, and the policy that each needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from markupsafe import escape

from kb.kinds import KINDS

WIDTH, HEIGHT = 640, 720  # pixels of a frame, unless something smaller is asked
ROOM, ITEM = 180, 230  # pixels of the component on a phone: without its items, and each of them
HIGHEST_HOLD = 900  # pixels; what is below the window moves unseen
NOT_FOR_COMPONENT = {"page", "fragment", "embed", "fields"}
OF_EMBEDS = {"show", "look", "headingLevel", "fragment", "embed", "page", "pageSize"}
SPACED = {"show", "facets", "sort"}  # several words, not names with spaces in them
DEFAULTS = {"page": 1, "pageSize": 5, "look": "light", "headingLevel": 3, "ingredientMatch": "any"}
LISTS = {"/", "/zoeken", "/valkuilen", "/bestanddelen", "/vragen"}
FRAMES = {  # by the folder of a page, where the same thing is shown in a frame
    kind.page_path: kind.embed_path for kind in KINDS.values() if kind.embed_path
}
Parameters = Mapping[str, Any]  # by the names of the outside world


def chosen(parameters: Parameters) -> dict[str, tuple[str, ...]]:
    """What differs from what goes without saying, as texts."""
    told = {
        name: tuple(str(each) for each in value) if isinstance(value, tuple) else (str(value),)
        for name, value in parameters.items()
        if value != DEFAULTS.get(name) and not (name == "fragment" and value == "0")
    }
    return {name: values for name, values in told.items() if values}


def query_of(parameters: Parameters, **more: str) -> str:
    """The query string that asks for this, with `?`, or nothing when there is nothing to ask."""
    pairs = [(name, each) for name, values in chosen(parameters).items() for each in values]
    pairs += more.items()
    return f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""


def of_search(parameters: Parameters) -> dict[str, Any]:
    """What the page of a search on our own website understands too."""
    return {name: value for name, value in parameters.items() if name not in OF_EMBEDS}


def component(address: str, version: str, integrity: str, element: str) -> str:
    """A script and an element; the script is one that never changes, known by its hash."""
    script = (
        f'<script src="{escape(address)}/embed/{version}/kennisbank.js" '
        f'integrity="{integrity}" crossorigin="anonymous" async></script>'
    )
    return f"{script}\n{element}"


def element(parameters: Parameters, page: str, label: str) -> str:
    """The component's element; it stands where the results shall be.

    Until the script is there it shows a link to our page, and holds the place of the results, so
    that nothing moves when they come; an image without content needs no style, which a policy may
    forbid.
    """
    attributes = [
        f' {_kebab(name)}="{escape((" " if name in SPACED else "|").join(values))}"'
        for name, values in chosen(parameters).items()
        if name not in NOT_FOR_COMPONENT
    ]
    number = int(parameters.get("pageSize", DEFAULTS["pageSize"]))
    height = min(HIGHEST_HOLD, ROOM + number * ITEM)
    return (
        f'<kennisbank-zoek{"".join(attributes)}><a href="{escape(page)}">{escape(label)}</a>'
        f'<svg width="1" height="{height}" aria-hidden="true"></svg></kennisbank-zoek>'
    )


def iframe(source: str, title: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """One frame."""
    return (
        f'<iframe src="{escape(source)}" title="{escape(title)}" width="{width}" '
        f'height="{height}" loading="lazy"></iframe>'
    )


def quoted(page: str, title: str) -> str:
    """A quotation with a link to the page, which WordPress shows until the frame has answered.

    WordPress takes a frame of a website it does not know only together with a quotation, and drops
    every attribute of the quotation; for everybody else `hidden` leaves it out.
    """
    return f'<blockquote hidden><a href="{escape(page)}">{escape(title)}</a></blockquote>'


def policies(address: str) -> dict[str, str]:
    """What the website's Content-Security-Policy must allow, for each kind of embed."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    return {
        "component": f"script-src {origin}; connect-src {origin}",
        "iframe": f"frame-src {origin}",
        "fragment": "",
    }


def fragment(source: str) -> str:
    """How a server takes the fragment in: in PHP, which most websites run on."""
    return f"<?php echo @file_get_contents({_php(source)}) ?: ''; ?>"


def _php(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _kebab(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", name)


def local(address: str, base: str) -> str:
    """An absolute address of ours without our name, from the path on."""
    return urlsplit(base).path + address.removeprefix(base)


def asking_oembed(address: str) -> str:
    """The query that asks for the standard's answer about an address of ours."""
    return f"?{urlencode({'url': address, 'format': 'json'}, quote_via=quote)}"


def framed(path: str, query: Sequence[tuple[str, str]]) -> str | None:
    """The address below ours that shows a page of ours in a frame; None when it has none."""
    if path == "/embed/zoeken":
        return with_query(path, query)
    if path in LISTS:
        return with_query("/embed/zoeken", _of_cases(path, query))
    room, _, name = path.rpartition("/")
    if not re.fullmatch("[^/_][^/]*", name):
        return None
    if room == "/bestanddelen":
        return with_query("/embed/zoeken", [("ingredient", unquote(name)), *query])
    embed = FRAMES.get(room, room)
    return with_query(f"{embed}/{name}", query) if embed in FRAMES.values() else None


def page_of(path: str) -> str:
    """The path of the page that shows what this path shows, which may be that of a frame."""
    if path == "/embed/zoeken":
        return "/zoeken"
    room, _, name = path.rpartition("/")
    pages = {frame: page for page, frame in FRAMES.items()}
    return f"{pages[room]}/{name}" if room in pages else path


def _of_cases(path: str, query: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was asked of a list of ours, as far as the list of cases understands it."""
    others = path not in {"/", "/zoeken"} or dict(query).get("type", "case") != "case"
    left_out = {"type", "page", "pageSize", *(["sort", "theme"] if others else [])}
    return [pair for pair in query if pair[0] not in left_out]


def with_query(path: str, query: Sequence[tuple[str, str]]) -> str:
    """A path that asks for this."""
    return f"{path}?{urlencode(query, quote_via=quote)}" if query else path
