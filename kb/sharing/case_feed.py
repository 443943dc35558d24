"""A case as a feed: an entry for each time that it was published, so that it can be followed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext

from kb.cases.aliases import Thing
from kb.editors import versions
from kb.services import session
from kb.sharing import atom, rdf
from kb.vocabulary.terms import language
from kb.web.addresses import public_address

MAX_VERSIONS = 30  # in a feed, the newest first


def write_case_feed(case: Mapping[str, Any]) -> bytes:
    """The feed of a case, as the API has it in JSON. Raises UnknownId and Withdrawn."""
    page = case["_links"]["html"]["href"]
    entries = [
        _entry(case, each)
        for each in versions.every(session(), Thing("case", case["id"]))[:MAX_VERSIONS]
    ]
    address = public_address(f"/v1/cases/{case['id']}?format=atom")
    return atom.write_feed(
        entries,
        title=f"{case['title']} · {gettext('Knowledge base on mixed neighbourhoods')}",
        page=page,
        links={"self": address if language() == "nl" else f"{address}&lang=en"},
        changed_at=entries[0][1],
        language=language(),
        rights=gettext(atom.RIGHTS),
        licence=rdf.LICENCE,
    )


def _entry(case: Mapping[str, Any], revision: Any) -> tuple[atom.Document, datetime]:
    """A publication of a case, and when it was."""
    what = gettext("Published.") if revision.version == 1 else gettext("Changed.")
    address = public_address(f"/v1/cases/{case['id']}/versions/{revision.version}")
    number = gettext("version %(number)s", number=revision.version)
    document = {
        "type": "version",
        "title": f"{case['title']} ({number})",
        "summary": revision.note or what,
        "_links": {"self": {"href": address}, "html": case["_links"]["html"]},
    }
    return document, revision.published_at
