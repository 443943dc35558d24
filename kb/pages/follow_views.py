"""/volgen: how to hear of what is new in a list, or of a case, for who never used a feed."""

from __future__ import annotations

from kb.pages.following import case_to_follow, list_to_follow, render_following
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint

blp = PagesBlueprint("follow_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)


@blp.get("/volgen/<slug:name>")
def follow_list(name: str) -> str:
    """How to follow a list, with its words and filters."""
    return render_following(list_to_follow(name))


@blp.get("/volgen/casussen/<slug:case_id>")
def follow_case(case_id: str) -> str:
    """How to follow one case."""
    return render_following(case_to_follow(case_id))
