"""/praktijk: the form for experience, questions and nominations, and what happens next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flask import redirect, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from kb.cases.aliases import Thing
from kb.cases.model import Case, Pitfall
from kb.cases.queries import many
from kb.database import now
from kb.decisions.practice_notes import workflow
from kb.kinds import KINDS
from kb.pages.links import link
from kb.pages.rendering import render_page
from kb.problems import InvalidInput, NotFound, TooManyRequests
from kb.services import services, session
from kb.translation import N_
from kb.vocabulary.terms import language, schemes
from kb.web.errors import mistake_text
from kb.web.policy import PagesBlueprint, Policy
from kb.web.rate_limits import limit_visitor
from kb.web.translation import gettext, ngettext
from schemas.base import cached_schema
from schemas.errors import flatten_errors
from schemas.practice_notes import SUBJECT_TYPES, NoteInput

blp = PagesBlueprint("practice_note_pages", __name__, Policy(), template_folder="templates")
FIELD_NAMES = {
    "text": N_("Your text"),
    "organisation": N_("Organisation"),
    "email": N_("E-mail address"),
    "consent": N_("Your consent"),
    "leaveEmpty": N_("Leave this empty"),
}
TYPED = ("kind", "text", "organisation", "email", "consent", "leaveEmpty")


@blp.before_request
def check_enabled() -> None:
    """Answer as an address that there is not, when KB_PRACTICE_NOTES is off. Raises NotFound."""
    if not services().settings.practice_notes:
        raise NotFound


@blp.get("/praktijk")
def form() -> str:
    """The form: about a thing that `about` names, or to nominate a project."""
    return _form_page(_subject(request.args.get("about", "")), {}, {})


@blp.post("/praktijk")
def send() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Keep what was sent in, and lead to what happens next; or show it again with what is wrong."""
    typed = {name: request.form.get(name, "") for name in TYPED}
    named = request.form.get("about", "")
    body = _body_of(typed, named)
    try:
        note = cached_schema(NoteInput).load(body)
        limit_visitor("practice-notes", workflow.SENDING_LIMIT)
        services().database.write(lambda session: workflow.receive(session, note, at=now()).slug)
    except ValidationError as error:
        mistakes = {pointer: mistake_text(each) for pointer, each in flatten_errors(error.messages)}
    except InvalidInput as problem:
        mistakes = {each.where: mistake_text(each.mistake) for each in problem.errors}
    except TooManyRequests as problem:
        return (
            _form_page(_subject(named), typed, {"limit": _wait(problem.seconds)}),
            429,
            problem.headers,
        )
    else:
        query = {"about": named} if note["about"] else {}
        return redirect(link("/praktijk/ontvangen", query), 303)
    by_field = {pointer.split("/")[1]: text for pointer, text in mistakes.items()}
    return _form_page(_subject(named), typed, by_field), 400


@blp.get("/praktijk/ontvangen")
def received() -> str:
    """What happens with what was sent in."""
    subject = _subject(request.args.get("about", ""))
    return render_page(
        "practice_note.html",
        heading=gettext("Thank you"),
        lede=gettext("We have received it."),
        is_received=True,
        **_about(subject),
    )


def _form_page(subject: Thing | None, typed: Mapping[str, str], mistakes: Mapping[str, str]) -> str:
    """The form with what was typed, and what is wrong with it by field."""
    if subject:
        heading, lede = (
            gettext("Have you done this too?"),
            gettext("Tell what you learned, or ask a question. It may help the next one."),
        )
    else:
        heading, lede = (
            gettext("Do you know a project that belongs here?"),
            gettext("Nominate it. The editors see whether enough was published of it."),
        )
    return render_page(
        "practice_note.html",
        heading=heading,
        lede=lede,
        is_received=False,
        subject=f"{subject.kind}:{subject.slug}" if subject else "",
        typed=typed,
        mistakes=mistakes,
        field_names={name: gettext(text) for name, text in FIELD_NAMES.items()},
        **_about(subject),
    )


def _wait(seconds: int) -> str:
    """How long to wait, for who has sent too much."""
    return ngettext(
        "You have sent a lot in a short time. Nothing of what you typed is gone: send it again in "
        "%(num)s minute.",
        "You have sent a lot in a short time. Nothing of what you typed is gone: send it again in "
        "%(num)s minutes.",
        math.ceil(seconds / 60),
    )


def _body_of(typed: Mapping[str, str], named: str) -> dict[str, Any]:
    """What was typed as the API takes it: fields without anything in them are left out."""
    kind, _, slug = named.partition(":")
    filled = {name: text for name, text in typed.items() if text.strip()}
    about = {"about": {"type": kind, "id": slug}} if named else {}
    return {**filled, **about, "consent": typed["consent"] == "yes"}


def _subject(named: str) -> Thing | None:
    """The public thing that `case:tuin` names, or that answers for it now."""
    kind, _, slug = named.partition(":")
    if kind not in SUBJECT_TYPES or not slug:
        return None
    return workflow.current_subject(session(), kind, slug)


def _about(subject: Thing | None) -> dict[str, str]:
    """The title and the page of what a note is about; empty for a nomination."""
    if subject is None:
        return {"title": "", "back": ""}
    kind, slug = subject
    if kind == "ingredient":
        title = schemes()["ingredients"].terms[slug].label(language())
    else:
        model: type[Case | Pitfall] = workflow.MODELS[kind]
        title = many(session(), model, [slug])[slug].title
    return {"title": title, "back": link(f"{KINDS[kind].page_path}/{slug}")}
