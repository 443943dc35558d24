"""The page of a thing as it will be once its draft is published, marked as a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from kb import image_names
from kb.database import now
from kb.editors.study_links import public_studies
from kb.kinds import KINDS
from kb.pages.case_page import case_content
from kb.pages.evidence_pages import question_content, study_content
from kb.pages.links import images_below
from kb.pages.missing_parts import missing, presentable
from kb.pages.rendering import render_page
from kb.services import session
from kb.web.addresses import local_address, public_address

Document = Mapping[str, Any]  # of a draft that can be shown, as the API has it in JSON
SOURCE_KEYS = ("id", "title", "authors", "year", "publisher", "url", "sourceType")


def render_preview(draft: Document, *, image_folder: str = image_names.PATH, **banner: Any) -> str:
    """The page of a draft, from its JSON; `banner` is what its template says above it.

    Images are loaded from the path `image_folder`.
    """
    kind = KINDS[draft["type"]]
    with images_below(image_folder):
        return render_page(
            "draft_preview.html",
            public_page=f"{kind.name}.html",
            review_path=f"/redactie{kind.page_path}/{draft['id']}/beoordelen",
            **CONTENT[kind.name](presentable(draft, now())),
            **banner,
            missing=missing(),
            api_address=local_address(f"/v1/{kind.collection}/{draft['id']}/draft"),
        )


def _draft_study(shown: Document) -> dict[str, Any]:
    """A study with its findings as `/v1/findings` will have them: the study is their source."""
    page = public_address(f"{KINDS['study'].page_path}/{quote(shown['id'])}")
    source = {key: shown[key] for key in SOURCE_KEYS}
    findings = [
        {
            **finding,
            "source": source,
            "_links": {"html": {"href": f"{page}#{quote(finding['id'])}"}},
        }
        for finding in shown["findings"]
    ]
    return study_content(shown, findings)


def _draft_question(shown: Document) -> dict[str, Any]:
    """A question with those of its studies that readers can see."""
    slugs = [each["id"] for each in shown["studies"]]
    public = public_studies(session(), slugs)
    return question_content(shown, [public[slug] for slug in slugs if slug in public])


CONTENT: Mapping[str, Callable[[Document], dict[str, Any]]] = {
    "case": case_content,
    "study": _draft_study,
    "question": _draft_question,
}
