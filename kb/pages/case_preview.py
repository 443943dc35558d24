"""The page of a case as it will be once its draft is published, marked as a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb import image_names
from kb.database import now
from kb.pages.case_page import case_content
from kb.pages.missing_parts import missing, presentable
from kb.pages.rendering import render_page
from kb.web.addresses import local_address


def render_preview(
    draft: Mapping[str, Any], *, image_folder: str = image_names.PATH, **banner: Any
) -> str:
    """The page of a draft, from its JSON; `banner` is what its template says above it.

    Images are loaded from the path `image_folder`.
    """
    return render_page(
        "case_preview.html",
        image_folder=image_folder,
        **case_content(presentable(draft, now())),
        **banner,
        missing=missing(),
        api_address=local_address(f"/v1/cases/{draft['id']}/draft"),
    )
