"""Pages of the desk: the site's own, with who is signed in and what the desk has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.dates import get_timezone
from flask import request

from kb.desk.messages import message
from kb.editors.session_cookie import current_session
from kb.kinds import EDITABLE_KINDS, KINDS
from kb.pages.labels import format_day
from kb.pages.rendering import aria_current, render_page
from kb.translation import N_
from kb.web.translation import gettext

HOME = "/redactie"
TIME_ZONE = get_timezone("Europe/Amsterdam")  # of the editors


def render_desk(template: str, **content: Any) -> str:
    """A page of the desk in the language of the request."""
    opened = current_session()
    return render_page(
        template,
        editor=opened and opened.editor,
        csrf=opened.csrf if opened else "",
        desk_links=desk_links(opened.editor.role) if opened else [],
        desk_current=desk_current,
        message=message(request.args.get("done", "")),
        **content,
    )


def render_problem(problem: Mapping[str, Any]) -> str:
    """The page that an editor sees instead of a problem in JSON."""
    return render_desk("desk/problem.html", problem=problem)


NEW = {"case": N_("New case"), "study": N_("New study"), "question": N_("New question")}


def thing_path(item: Mapping[str, Any]) -> str:
    """The path of the page for editors of a thing; without `type` it is a case."""
    return f"/redactie{KINDS[item.get('type', 'case')].page_path}/{item['id']}"


def format_minute(moment: str) -> str:
    """The day and the time of a moment of the API, by the clock of the editors."""
    at = datetime.fromisoformat(moment).astimezone(TIME_ZONE)
    return f"{format_day(at)}, {at:%H:%M}"


def desk_current(path: str) -> str | None:
    """The value of `aria-current` in the head of the desk; things are below the desk itself."""
    if path == HOME and request.path != HOME:
        is_thing = request.path.startswith(
            tuple(f"{HOME}{kind.page_path}/" for kind in EDITABLE_KINDS)
        )
        return "true" if is_thing else None
    return aria_current(path)


def desk_links(role: str) -> list[tuple[str, str]]:
    """Paths and names of the pages that the head of the desk leads to, for this role."""
    of_publishers = [("/redactie/praktijk", gettext("From practice"))]
    return [
        ("/redactie", gettext("Desk")),
        (f"{HOME}/begrippen", gettext("Terms")),
        (f"{HOME}/bronnen", gettext("Sources")),
        (f"{HOME}/reeks", gettext("Batches")),
        (f"{HOME}/nakijken", gettext("To check")),
        (f"{HOME}/importeren", gettext("Import")),
        *(of_publishers if role == "publisher" else ()),
    ]


def new_links() -> list[tuple[str, str]]:
    """Paths and names of the pages on which something new begins."""
    return [(f"{HOME}{KINDS[kind].page_path}/nieuw", gettext(text)) for kind, text in NEW.items()]
