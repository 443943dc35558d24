"""/v1/link-checks: which addresses in published texts are gone or moved, and where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from kb.cases.aliases import Thing
from kb.editors.blueprint import EditorsBlueprint, EditorView
from kb.editors.link_checks.cited_links import Citation
from kb.editors.link_checks.model import LinkCheck
from kb.editors.link_checks.queries import checks_of, cited_links
from kb.editors.response_bodies import list_page
from kb.kinds import KINDS
from kb.services import session
from kb.web.components import header_refs
from schemas.link_checks import STATES, LinkCheckPage, LinkCheckQuery
from schemas.links import thing_links

blp = EditorsBlueprint("link-checks", __name__, "Whether sources can still be read.")
UNCHECKED = "unchecked"


@blp.route("/link-checks")
class LinkChecks(EditorView):
    @blp.arguments(LinkCheckQuery, location="query")
    @blp.response(200, LinkCheckPage, headers=header_refs("Link"))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the addresses in published texts and what they answered, the worst first.

        Each once, with the things that it stands in. An address that was mended is no longer
        listed as soon as the text without it is public. `kb links check` does the checking.
        """
        thing = Thing(query["type"], query["slug"]) if query["slug"] else None
        links = cited_links(session(), thing)
        checks = checks_of(session(), list(links))
        state_of = {url: checks[url].state if url in checks else UNCHECKED for url in links}
        wanted = query.get("state") or STATES
        urls = sorted(
            (url for url, state in state_of.items() if state in wanted),
            key=lambda url: (STATES.index(state_of[url]), url),
        )
        skip = (query["page"] - 1) * query["page_size"]
        items = [
            _shown(url, checks.get(url), links[url])
            for url in urls[skip : skip + query["page_size"]]
        ]
        counts = Counter(state_of.values())
        states = {state: counts[state] for state in STATES}
        return {**list_page(items, len(urls), query), "states": states}


def _shown(url: str, check: LinkCheck | None, citations: Sequence[Citation]) -> dict[str, Any]:
    """An address as the API has it."""
    keys = ("reason", "http_status", "checked_at", "failing_since", "moved_to")
    return {
        "url": url,
        "state": check.state if check else UNCHECKED,
        **{key: getattr(check, key, None) for key in keys},
        "failures": check.failures if check else 0,
        "cited_in": [
            {
                "type": each.thing.kind,
                "slug": each.thing.slug,
                "title": each.title,
                "pointers": each.pointers,
                "links": _links(each.thing),
            }
            for each in citations
        ],
    }


def _links(thing: Thing) -> dict[str, Any]:
    links = thing_links(KINDS[thing.kind].collection, thing.slug)
    return {"self_": links["self"], "html": links["html"]}
