"""Every text that a case ever had: an id which one of them names is given to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.editors.model import Revision, RevisionEvent

Document = dict[str, Any]


def texts_of(session: Session, slug: str) -> Iterator[Document]:
    """The documents of a case, newest first: its revisions and what each replaced.

    The database is asked when the first one is wanted.
    """
    revisions = select(Revision.id, Revision.document).where(Revision.slug == slug)
    for number, document in session.execute(revisions.order_by(Revision.id.desc())).all():
        yield document
        replaced = select(RevisionEvent.replaced).where(
            RevisionEvent.revision_id == number, RevisionEvent.replaced.is_not(None)
        )
        yield from session.scalars(replaced.order_by(RevisionEvent.id.desc())).all()
