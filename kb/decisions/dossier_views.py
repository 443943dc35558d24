"""/v1/dossiers: what somebody collected, in full."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, jsonify
from flask.views import MethodView

from kb.decisions.dossier import absent_things, nothing_readable, read_dossier
from kb.decisions.representations import write_dossier
from kb.services import session
from kb.web.addresses import public_address
from kb.web.blueprint import Blueprint
from kb.web.headers import serve_cached
from kb.web.translation import one_language
from schemas import dossiers
from schemas.dossiers import DossierItem

blp = Blueprint("dossiers", __name__, url_prefix="/v1", description="What somebody collected.")
blp.before_request(serve_cached)


@blp.route("/dossiers")
class Dossiers(MethodView):
    representations = dossiers.REPRESENTATIONS

    @blp.arguments(dossiers.DossierQuery, location="query")
    @blp.response(200, dossiers.Dossier)
    @blp.alt_responses(404, 410)
    def get(self, query: dict[str, Any]) -> Response:
        """Read up to 50 things of any kind in full, in your own order.

        Nothing is kept here: the address is the dossier. A former id gives what it leads to now,
        and `moved` says so. A dossier opens as long as one of its things can be read; what was
        withdrawn or is unknown is in `absent`. When nothing can be read the answer is that of the
        first thing: 404 with ids that come near, or 410. References (`bibtex`, `ris`, `csl`) are of
        our own texts and of the publications behind them, each once. As a text for people
        (`markdown`, `docx`) the same things at the same versions are the same bytes.
        """
        with one_language():
            dossier = read_dossier(session(), query["items"])
            if not dossier.things:
                raise nothing_readable(dossier)
            if g.representation != "json":
                return write_dossier(dossier, _links(dossier.choice)["html"]["href"])
            return jsonify(
                {
                    "items": dossier.documents,
                    "absent": absent_things(dossier),
                    "moved": [
                        {"item": str(former), "now": str(item)}
                        for former, item in dossier.moved.items()
                    ],
                    "_links": _links(dossier.choice),
                }
            )


def _links(choice: Iterable[DossierItem]) -> dict[str, dict[str, str]]:
    """This answer, and its page."""
    query = urlencode([("item", str(item)) for item in choice], safe=":")
    return {
        "self": {"href": public_address(f"/v1/dossiers?{query}")},
        "html": {"href": public_address(f"/dossier?{query}")},
    }
