"""Accounts of editors: the author that somebody at an identity provider is here.

Four eyes compares authors, so the author of an account stays what it was at the first sign-in,
whatever the provider calls that person later; and nobody gets a name that another one has.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.editors.access import RESERVED_OWNERS
from kb.editors.model import EditorAccount, Revision, RevisionEvent, Token
from schemas.text import normalise

MAX_NAME_LENGTH = 190  # characters, so that a number fits behind it


class AccountRefused(Exception):
    """An account cannot become another author; the text says why."""


def sign_in(
    session: Session, *, issuer: str, subject: str, name: str, at: datetime
) -> EditorAccount:
    """The account of somebody who signs in now, made at their first sign-in."""
    account = session.scalar(
        select(EditorAccount).where(
            EditorAccount.issuer == issuer, EditorAccount.subject == subject
        )
    )
    if account is None:
        owner = _free_name(session, name)
        account = EditorAccount(issuer=issuer, subject=subject, owner=owner, created_at=at)
        session.add(account)
    account.signed_in_at = at
    session.flush()
    return account


def all_accounts(session: Session) -> Iterable[EditorAccount]:
    """All accounts, oldest first."""
    return session.scalars(select(EditorAccount).order_by(EditorAccount.id)).all()


def link(session: Session, number: int, owner: str) -> EditorAccount | None:
    """Make an account the same author as a token or another account; None when there is none.

    Raises AccountRefused when it has written already: who wrote that would be two people then.
    """
    account = session.get(EditorAccount, number)
    if account is None:
        return None
    if owner.lower() in RESERVED_OWNERS:
        raise AccountRefused("this name cannot be used.")
    if account.owner != owner and account.owner in _authors(session):
        raise AccountRefused(
            f"{account.owner} has written already, and would be another author from now on. Make "
            f"tokens for {account.owner} instead."
        )
    account.owner = owner
    return account


def _free_name(session: Session, name: str) -> str:
    """A name that nobody else has, in any case: with a number behind it when this one is taken."""
    base = normalise(name, one_line=True)[:MAX_NAME_LENGTH].strip() or "?"
    taken = {each.casefold() for each in _authors(session) | _owners(session)}
    taken.update(RESERVED_OWNERS)
    owner, number = base, 1
    while owner.casefold() in taken:
        number += 1
        owner = f"{base} ({number})"
    return owner


def _authors(session: Session) -> set[str]:
    """Who has written anything."""
    wrote = set(session.scalars(select(Revision.author).distinct()))
    return wrote | set(session.scalars(select(RevisionEvent.who).distinct()))


def _owners(session: Session) -> set[str]:
    """Who has a token or an account."""
    owners = set(session.scalars(select(Token.owner).distinct()))
    return owners | set(session.scalars(select(EditorAccount.owner).distinct()))
