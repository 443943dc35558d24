"""Whether a page of ours made a request, as browsers say: Fetch Metadata, or else Origin."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request

from kb.problems import Forbidden
from kb.translation import N_

OURS = {"same-origin", "none"}  # a page of ours, or somebody who typed the address


def check_origin() -> None:
    """Refuse a request that a page of another origin had made. Raises Forbidden.

    What says nothing of it is no browser of now. Source: Go's net/http.CrossOriginProtection.
    """
    if not _is_ours():
        raise Forbidden(N_("Another website had this sent; nothing was done."))


def _is_ours() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OURS
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    ours = urlsplit(current_app.config["KB_PUBLIC_URL"])
    return origin == f"{ours.scheme}://{ours.netloc}" or urlsplit(origin).netloc == request.host
