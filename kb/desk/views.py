"""/redactie: the desk, where editors begin."""

from __future__ import annotations

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint
from kb.desk.rendering import render_desk
from kb.web.policy import PagesBlueprint

blp = DeskBlueprint("desk", __name__)
files = PagesBlueprint(
    "desk_files", __name__, static_folder="static", static_url_path="/redactie/static"
)


@blp.get("")
def desk() -> str:
    """What is in progress."""
    return render_desk("desk/desk.html", drafts=api.read("/drafts"))
