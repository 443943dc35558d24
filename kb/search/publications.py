"""Keys by which mentions of the same publication are known from one another's."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from kb.search.analysis.analyzer import fold

DOI = re.compile(r"10\.\d{4,9}/[^\s?#]+")


def publication_key(url: str | None, title: str, year: int | None) -> str:
    """What is the same in each mention of a publication: its DOI, else address, else title.

    Addresses are compared without scheme, `www.`, fragment and last slash; titles without case
    and accents.
    """
    if not url:
        return f"title:{' '.join(fold(title).split())}:{year or ''}"
    if doi := DOI.search(unquote(url)):
        return f"doi:{doi[0].rstrip('/').lower()}"
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"url:{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def study_key(study: str) -> str:
    """The key of a publication that is a study of ours, by its id."""
    return f"study:{study}"
