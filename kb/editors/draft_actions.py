"""What an editor may do with a draft now; the workflow checks it again when it is done."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kb.editors.access import Editor
from kb.editors.model import Revision


def actions(
    draft: Revision,
    editor: Editor,
    *,
    starter: str,
    submitter: str,
    writers: Collection[str],
    has_problems: bool,
    four_eyes: bool,
) -> list[str]:
    """The names of what may be done, as `schemas.drafts.ACTIONS` lists them.

    `starter` began it, `submitter` gave it the state that it has, and `writers` wrote in it or in
    what it was restored from.
    """
    is_publisher, is_submitted = editor.role == "publisher", draft.state == "submitted"
    if draft.state == "discarded":
        return ["restore"]
    may_publish = not has_problems and draft.state != "returned"
    if four_eyes:
        may_publish = may_publish and is_submitted and editor.owner not in writers
    allowed: dict[str, Any] = {
        "edit": True,
        "submit": not is_submitted,
        "retract": is_submitted and (is_publisher or editor.owner == submitter),
        "return": is_publisher and is_submitted,
        "publish": is_publisher and may_publish,
        "discard": is_publisher or editor.owner == starter,
    }
    return [name for name, is_allowed in allowed.items() if is_allowed]
