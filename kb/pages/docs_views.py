"""/docs, and the short pages behind the types of problems."""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Response, send_from_directory

from kb.pages.rendering import render_page
from kb.problems import PROBLEMS_BY_NAME, NotFound
from kb.web.policy import PagesBlueprint, without_rate_limit
from kb.web.translation import gettext

blp = PagesBlueprint(
    "docs",
    __name__,
    template_folder="templates",
    static_folder="docs_static",
    static_url_path="/docs",
)
SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"


@blp.get("/docs")
def docs() -> str:
    """The documentation of the API, to read and to try."""
    return render_page("docs.html")


@blp.get("/docs/<any('swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'):name>")
@without_rate_limit
def swagger_ui_file(name: str) -> Response:
    """A file of Swagger UI; we serve it ourselves, so that no other site sees who reads."""
    return send_from_directory(SWAGGER_UI, name)


@blp.get("/problems/<name>")
def problem_type(name: str) -> str:
    """What a type of problem means, and what to do about it."""
    if name not in PROBLEMS_BY_NAME:
        raise NotFound
    type_ = PROBLEMS_BY_NAME[name]
    explanation = gettext(type_.explanation)
    return render_page("problem_type.html", problem=type_, explanation=explanation)
