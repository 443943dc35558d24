"""What was done, said once on the page that follows: `?done=…` names it, and carries no words."""

from __future__ import annotations

from kb.translation import N_
from kb.web.translation import gettext

MESSAGES = {
    "saved": N_("Saved."),
    "merged": N_("Saved, together with what your colleague changed."),
    "submitted": N_("Sent for review. A publisher reads it now."),
    "signed-out": N_("You have signed out."),
}


def message(name: str) -> str:
    """The text of a message; empty for one that there is not."""
    return gettext(MESSAGES[name]) if name in MESSAGES else ""
