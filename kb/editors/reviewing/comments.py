"""Comments of editors on places in a draft: JSON Pointers that follow an item when it moves.

They belong to the revision: its next draft begins without them, and erasing its text takes them
along. A function writes in the session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.editors.access import Editor
from kb.editors.model import Revision
from kb.editors.reviewing.model import DraftComment
from kb.input_errors import Mistake
from kb.problems import Forbidden, NotFound, invalid_body
from kb.translation import N_

Document = dict[str, Any]


class PlacedComment(NamedTuple):
    """A comment and where its place is in the text of now; None when that is no more."""

    comment: DraftComment
    pointer: str | None


def add_comment(
    session: Session, draft: Revision, *, pointer: str, text: str, who: str, at: datetime
) -> PlacedComment:
    """Say something of a place in a draft; of all of it, when the pointer is empty.

    Raises InvalidInput when the draft has no such place.
    """
    if pointer not in places(draft.document):
        values = {"value": pointer, "expected": "draft-place"}
        raise invalid_body([("/pointer", Mistake("unknown-reference", values))])
    comment = DraftComment(
        revision_id=draft.id,
        pointer=pointer,
        item=_item_name(draft.document, pointer),
        text=text,
        author=who,
        at=at,
    )
    session.add(comment)
    session.flush()
    return PlacedComment(comment, pointer)


def comments_of(session: Session, revision: Revision) -> list[PlacedComment]:
    """The comments on a revision, the first one first."""
    of_revision = select(DraftComment).where(DraftComment.revision_id == revision.id)
    comments = session.scalars(of_revision.order_by(DraftComment.id))
    return [_placed(each, revision.document) for each in comments]


def open_comment_counts(session: Session, revisions: Sequence[Revision]) -> dict[int, int]:
    """How many comments on each of these revisions are not resolved, by the id of the revision."""
    ids = [each.id for each in revisions]
    counted = select(DraftComment.revision_id, func.count()).group_by(DraftComment.revision_id)
    counted = counted.where(DraftComment.revision_id.in_(ids), DraftComment.resolved_at.is_(None))
    return {revision: number for revision, number in session.execute(counted)}


def resolve_comment(
    session: Session, draft: Revision, number: int, *, resolved: bool, who: str, at: datetime
) -> PlacedComment:
    """Say that a comment was dealt with, or that it was not after all. Raises NotFound."""
    comment = _find(session, draft, number)
    if resolved != (comment.resolved_at is not None):
        comment.resolved_at, comment.resolved_by = (at, who) if resolved else (None, None)
    return _placed(comment, draft.document)


def delete_comment(session: Session, draft: Revision, number: int, editor: Editor) -> None:
    """Take a comment away. Raises NotFound, and Forbidden for who did not write it."""
    comment = _find(session, draft, number)
    if editor.owner != comment.author and editor.role != "publisher":
        detail = N_(
            "Only %(author)s, who wrote this comment, or a publisher may delete it; you may "
            "resolve it."
        )
        raise Forbidden(detail, author=comment.author)
    session.delete(comment)


def _find(session: Session, draft: Revision, number: int) -> DraftComment:
    comment = session.get(DraftComment, number)
    if comment is None or comment.revision_id != draft.id:
        detail = N_("The draft of “%(id)s” has no comment %(number)s.")
        raise NotFound(detail, id=draft.slug, number=number)
    return comment


def places(value: Any, above: str = "") -> Iterator[str]:
    """The JSON Pointer of a value, and of everything below it; our keys have no `/` and no `~`."""
    yield above
    if isinstance(value, list):
        value = dict(enumerate(value))
    for key, below in value.items() if isinstance(value, dict) else ():
        yield from places(below, f"{above}/{key}")


def _item_name(document: Document, pointer: str) -> str | None:
    """The name of the list item that a pointer is in; None outside lists of things with an id."""
    match pointer.split("/"):
        case ["", key, index, *_] if isinstance(document[key], list):
            item = document[key][int(index)]
            return _name(item["id"]) if isinstance(item, dict) and "id" in item else None
    return None


def _name(item_id: str) -> str:
    """The id of an item without that of its case, which may get another id."""
    return item_id.partition("--")[2] or item_id


def _placed(comment: DraftComment, document: Document) -> PlacedComment:
    """A comment with its place in this text."""
    pointer = comment.pointer
    if comment.item is not None:
        _, key, _, *below = pointer.split("/")
        names = [_name(each["id"]) for each in document[key]]
        if comment.item not in names:
            return PlacedComment(comment, None)
        pointer = "/".join(["", key, str(names.index(comment.item)), *below])
    return PlacedComment(comment, pointer if pointer in places(document) else None)
