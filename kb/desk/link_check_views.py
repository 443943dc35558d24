"""/redactie/bronnen: the addresses in published texts that need attention."""

from __future__ import annotations

from typing import Any

from flask import request

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint
from kb.desk.rendering import render_desk, thing_path
from kb.translation import N_
from kb.web.translation import gettext

blp = DeskBlueprint("desk_link_checks", __name__)
PATH = "/bronnen"
PAGE_SIZE = 50
STATES = {
    "gone": N_("Gone"),
    "failing": N_("Perhaps gone"),
    "redirected": N_("Moved"),
    "refused": N_("To look at yourself"),
    "unchecked": N_("Waits for a check"),
    "ok": N_("In order"),
}
EXPLANATIONS = {
    "gone": N_(
        "The website says that the page is not there any more, or it failed twice, at least three "
        "days apart. Look for another address, or cite the publication without one."
    ),
    "failing": N_("It did not work at the last check. After three days it is tried again."),
    "redirected": N_("The website sends visitors on for good. Take over the new address."),
    "refused": N_("The website keeps programs out, so nobody knows. Open it in your browser."),
    "unchecked": N_("The check has not come to these yet."),
    "ok": N_("These worked at the last check."),
}
REASONS = {
    "not-found": N_("not found"),
    "gone": N_("gone for good"),
    "moved": N_("moved for good"),
    "forbidden": N_("refused"),
    "too-many-requests": N_("asks programs to wait"),
    "robots": N_("robots.txt keeps programs out"),
    "private-address": N_("an address within a private network"),
    "dns": N_("no such website"),
    "timeout": N_("no answer in time"),
    "tls": N_("the certificate is not right"),
    "connection": N_("no connection"),
    "redirects": N_("sent from one page to another without end"),
    "server-error": N_("the website is broken"),
    "bad-address": N_("not an address that can be opened"),
    "ok": N_("works"),
}
NEED_ATTENTION = ("gone", "failing", "redirected")


@blp.get(PATH)
def link_checks() -> str:
    """The addresses in one state; without `state` all that need attention, the worst first."""
    state = request.args.get("state", "")
    query = {
        "state": [state] if state else list(NEED_ATTENTION),
        "page": request.args.get("page", 1),
        "pageSize": PAGE_SIZE,
    }
    listed = api.read("/link-checks", query)
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in listed["items"]:
        groups.setdefault(item["state"], []).append(item)
    return render_desk(
        "desk/link_checks.html",
        listed=listed,
        groups=groups,
        state=state,
        attention=sum(listed["states"][each] for each in NEED_ATTENTION),
        states={name: gettext(label) for name, label in STATES.items()},
        explanations={name: gettext(text) for name, text in EXPLANATIONS.items()},
        reason_labels={name: gettext(text) for name, text in REASONS.items()},
        edit_path=lambda citation: f"{thing_path(citation)}/bewerken",
    )
