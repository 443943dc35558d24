"""Which addresses published texts have now, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.editors.link_checks.cited_links import Citation, addresses_in
from kb.editors.link_checks.model import STATES, LinkCheck, hash_of
from kb.editors.model import Revision
from kb.kinds import EDITABLE_KINDS

READ_AT_ONCE = 200  # documents
MAX_HASHES = 500  # in one query


def cited_links(session: Session, thing: Thing | None = None) -> dict[str, list[Citation]]:
    """Every address in what is public (or in one thing), with the things that it stands in."""
    texts = select(Revision.kind, Revision.slug, Revision.document)
    texts = texts.where(Revision.state == "published")
    if thing is not None:
        texts = texts.where(Revision.kind == thing.kind, Revision.slug == thing.slug)
    else:
        texts = texts.where(Revision.kind.in_([kind.name for kind in EDITABLE_KINDS]))
    links: dict[str, list[Citation]] = {}
    rows = session.execute(texts.order_by(Revision.kind, Revision.slug))
    for kind, slug, document in rows.yield_per(READ_AT_ONCE):
        of_thing: dict[str, Citation] = {}
        for url, pointer in addresses_in(document):
            citation = of_thing.setdefault(url, Citation(Thing(kind, slug), document["title"]))
            citation.pointers.append(pointer)
        for url, citation in of_thing.items():
            links.setdefault(url, []).append(citation)
    return links


def every_check(session: Session) -> dict[str, LinkCheck]:
    """All that is known, by address."""
    return {each.url: each for each in session.scalars(select(LinkCheck))}


def checks_of(session: Session, urls: Sequence[str]) -> dict[str, LinkCheck]:
    """What is known of these addresses, by address."""
    hashes = [hash_of(url) for url in urls]
    checks: dict[str, LinkCheck] = {}
    for start in range(0, len(hashes), MAX_HASHES):
        some = select(LinkCheck).where(LinkCheck.hash.in_(hashes[start : start + MAX_HASHES]))
        checks |= {each.url: each for each in session.scalars(some)}
    return checks


def count_checks(session: Session) -> tuple[dict[str, int], datetime | None]:
    """How many addresses are in each state, and when one was checked last."""
    rows = session.execute(select(LinkCheck.state, func.count()).group_by(LinkCheck.state))
    counts = dict.fromkeys(STATES, 0) | {state: number for state, number in rows}
    return counts, session.scalar(select(func.max(LinkCheck.checked_at)))


def forget_uncited(session: Session) -> None:
    """Delete the checks of addresses that no public text has any more."""
    cited = {hash_of(url) for url in cited_links(session)}
    gone = [each for each in session.scalars(select(LinkCheck.hash)) if each not in cited]
    for start in range(0, len(gone), MAX_HASHES):
        some = LinkCheck.hash.in_(gone[start : start + MAX_HASHES])
        session.execute(delete(LinkCheck).where(some))
