"""Previews: secret addresses at which a draft can be read by who has no account.

The database has a hash of each secret, so that a copy of it opens no draft. A preview ends with
its period, with the draft that it is of, or when an editor takes it back. A function writes in the
session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from kb.editors.model import Revision
from kb.editors.reviewing.model import DraftPreview
from kb.editors.revisions import OPEN_STATES
from kb.problems import NotFound
from kb.translation import N_

SECRET_BYTES = 32  # 256 bits: nobody guesses one


def create_preview(
    session: Session, draft: Revision, *, who: str, at: datetime, days: int
) -> tuple[DraftPreview, str]:
    """A new preview of a draft and its secret, which is stored nowhere."""
    sweep_previews(session, at)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    preview = DraftPreview(
        revision_id=draft.id,
        hash=_hash(secret),
        created_by=who,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    session.add(preview)
    session.flush()
    return preview, secret


def previews_of(session: Session, draft: Revision, at: datetime) -> Sequence[DraftPreview]:
    """The previews of a draft that can be read now, the newest first."""
    of_draft = select(DraftPreview).where(
        DraftPreview.revision_id == draft.id, DraftPreview.expires_at > at
    )
    return session.scalars(of_draft.order_by(DraftPreview.id.desc())).all()


def revoke_preview(session: Session, draft: Revision, number: int, at: datetime) -> None:
    """End a preview of a draft at once. Raises NotFound."""
    preview = session.get(DraftPreview, number)
    if preview is None or preview.revision_id != draft.id or preview.expires_at <= at:
        detail = N_("The draft of “%(id)s” has no preview %(number)s; perhaps it has ended.")
        raise NotFound(detail, id=draft.slug, number=number)
    session.delete(preview)


def previewed_draft(session: Session, secret: str, at: datetime) -> tuple[Revision, datetime]:
    """The draft that can be read with a secret, and until when. Raises NotFound."""
    statement = (
        select(Revision, DraftPreview.expires_at)
        .join(DraftPreview, DraftPreview.revision_id == Revision.id)
        .where(DraftPreview.hash == _hash(secret), DraftPreview.expires_at > at)
        .where(Revision.state.in_(OPEN_STATES))
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(
            N_(
                "This preview has ended, or the address is not whole. Who sent it to you can give "
                "you a new one."
            )
        )
    draft, expires_at = row
    return draft, expires_at


def sweep_previews(session: Session, at: datetime) -> None:
    """Delete the previews that have ended; call it in a transaction that writes."""
    open_drafts = select(Revision.id).where(Revision.state.in_(OPEN_STATES))
    ended = or_(DraftPreview.expires_at <= at, DraftPreview.revision_id.not_in(open_drafts))
    session.execute(delete(DraftPreview).where(ended))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
