"""What has changed since a memo: of what was chosen, and of what its verdicts rest on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import NamedTuple

from babel.dates import format_date
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.changes import (
    Change,
    changed_at,
    changes_of,
    changes_of_terms,
    last_changes_since,
)
from kb.decisions.memo_choice import Choice, Knowledge
from kb.decisions.report import Section, Text, content, words
from kb.editors.versions import documents_at
from kb.evidence.evidence import evidence_of
from kb.kinds import KINDS
from kb.translation import N_
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.translation import gettext, ngettext

Key = tuple[str, str]  # the kind and the id of a thing
MOST_COMPARED = 500  # of a kind, of which the text of then is read
MOST_CHANGES = 50  # of the basis, that are named
LINES = 3  # of the main part, for each of both lists
EVENTS = {"created": N_("new"), "updated": N_("changed"), "withdrawn": N_("withdrawn")}


class Since(NamedTuple):
    """What changed after a memo was made, the last first."""

    number: int  # the change up to which that memo knew
    at: datetime | None  # that change; None for 0
    chosen: list[Change]
    basis: list[Change]  # cases and studies with findings on the effects of the memo
    others: int  # how many other things changed
    titles: Mapping[Key, str]  # of what changed; what was withdrawn has none

    @property
    def is_nothing(self) -> bool:
        """Whether the memo would still say the same."""
        return not (self.chosen or self.basis)


def since(session: Session, number: int, choice: Choice, knowledge: Knowledge) -> Since:
    """What changed after a change, of the choice and of what the verdicts rest on, or did then."""
    last = last_changes_since(session, number)
    at = changed_at(session, number)
    own = set(chosen_keys(choice)) & last.keys()
    basis = basis_of(knowledge) & last.keys()
    if at:
        others = sorted(last.keys() - own - basis, key=lambda key: -last[key])
        effects = {each["id"] for each in knowledge.effects}
        basis |= set(_former_basis(session, others, at, effects))
    rest = basis - own
    chosen = changes_of(session, [last[key] for key in own])
    ingredients = {each["id"] for each in choice.of("ingredient")}
    if ingredients:
        chosen += [
            each
            for each in changes_of_terms(session, "ingredients", number)
            if each.terms is None or not ingredients.isdisjoint(each.terms)
        ]
    newest = sorted((last[key] for key in rest), reverse=True)[:MOST_CHANGES]
    changed = changes_of(session, newest)
    return Since(
        number,
        at,
        chosen,
        changed,
        len(last) - len(own) - len(newest),
        _titles(session, [*chosen, *changed]),
    )


def _former_basis(
    session: Session, others: Sequence[Key], at: datetime, effects: Set[str]
) -> Iterator[Key]:
    """Those of these cases and studies that had findings on these effects at that moment."""
    for kind in ("case", "study"):
        slugs = [slug for each, slug in others if each == kind][:MOST_COMPARED]
        for slug, document in documents_at(session, kind, slugs, at).items():
            if not effects.isdisjoint(each["domain"] for each in document.get("findings", ())):
                yield kind, slug


def _titles(session: Session, changes: Sequence[Change]) -> dict[Key, str]:
    """What those things of these changes that are published are called now."""
    titles: dict[Key, str] = {}
    for kind in {each.kind for each in changes} & KINDS.keys():
        model = KINDS[kind].model
        if model:
            slugs = [each.slug for each in changes if each.kind == kind]
            of_kind = queries.titles(session, slugs, model())
            titles |= {(kind, slug): title for slug, title in of_kind.items()}
    return titles


def chosen_keys(choice: Choice) -> Iterator[Key]:
    """The chosen things as changes name them: what is owned changes with its owner."""
    for each in choice.documents:
        yield each["type"], each["id"]
        for kind in ("case", "study"):
            if each.get(kind):
                yield kind, each[kind]["id"]


def basis_of(knowledge: Knowledge) -> set[Key]:
    """The cases and studies with findings on the effects of a memo. Raises SearchUnavailable."""
    evidence = evidence_of({})
    rows = {
        row
        for effect in knowledge.effects
        for row in evidence.rows_with("effectDomain", effect["id"]).tolist()
    }
    pairs = evidence.table.pairs("case", evidence.rows)
    cases = {
        row: pairs.values[ordinal]
        for row, ordinal in zip(pairs.rows.tolist(), pairs.ordinals.tolist(), strict=True)
    }
    return {
        ("case", cases[row])
        if row in cases
        else ("study", evidence.table.ids[row].partition("--")[0])
        for row in rows
    }


def since_section(since: Since, renamed: Collection[str] = ()) -> Section:
    """What changed; `renamed` are the present ids of what was chosen by a former one."""
    day = format_date(since.at.date(), "d MMMM y", locale=language()) if since.at else ""
    title = gettext("What has changed since change %(number)s", number=since.number)
    section = Section("since", words(title))
    if since.is_nothing:
        section.add(words(gettext(
            "Nothing that this memo rests on has changed since %(day)s.", day=day or since.number
        )))  # fmt: skip
    for heading, changes in (
        (gettext("What was chosen:"), since.chosen),
        (gettext("What the verdicts rest on:"), since.basis),
    ):
        if changes:
            section.add(words(heading))
            section.add_list([_change(each, since.titles, renamed) for each in changes], LINES)
    if since.others:
        text = ngettext(
            "%(num)s other thing changed; a study among them may have lost a finding.",
            "%(num)s other things changed; studies among them may have lost a finding.",
            since.others,
        )
        feed = public_address(f"/v1/changes?cursor={since.number}")
        section.add((words(f"{text} "), words(gettext("All changes"), feed)))
    return section


def _change(change: Change, titles: Mapping[Key, str], renamed: Collection[str]) -> Text:
    """What changed, what happened to it, and when."""
    day = format_date(change.changed_at.date(), "d MMMM y", locale=language())
    is_renamed = change.event == "created" and change.slug in renamed
    event = gettext("renamed") if is_renamed else gettext(EVENTS[change.event])
    what = f"{event}, {day}"
    if change.kind == "vocabulary":
        return words(gettext("The active ingredients")), words(f": {what}")
    kind = KINDS[change.kind]
    page = public_address(f"{kind.page_path}/{change.slug}")
    label = words(f"{kind.label[language()]} ")
    title = titles.get((change.kind, change.slug))
    if not title:
        return label, content(change.slug, page), words(f": {what}")
    return label, content(title, page), words(f" ({change.slug}): {what}")
