"""What a memo is about: the chosen things, and what the knowledge base says of their effects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from kb.cases.changes import changed_at, last_position
from kb.decisions.report import Run, content, words
from kb.evidence.effects import one_effect
from kb.evidence.evidence import evidence_of
from kb.search.engine import SearchEngine
from kb.vocabulary.terms import schemes
from kb.web.translation import gettext

Document = Mapping[str, Any]  # a thing as the API has it in JSON
OPTIONS = ("case", "ingredient")  # kinds between which one can choose
OWNERS = ("case", "study")


class Owned(NamedTuple):
    """A finding or a pitfall, and the case or study that it is of."""

    document: Document
    owner: Run  # its name, with its address
    unverified: Sequence[str] = ()  # keys of that case or study that nobody has checked

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.document["id"])


@dataclass(frozen=True)
class Choice:
    """The question, and the chosen things in their order."""

    question: str  # empty when nobody has said it yet
    documents: Sequence[Document]
    beside: Sequence[Document] = ()
    """Cases and studies that were not chosen: whose a chosen finding or pitfall is, those that have
    a chosen ingredient, and the studies of a chosen question."""

    def of(self, *kinds: str) -> list[Document]:
        """The chosen things of these kinds."""
        return [each for each in self.documents if each["type"] in kinds]

    @cached_property
    def findings(self) -> Mapping[str, Owned]:
        """Those that were chosen, and those of the chosen cases and studies, by id."""
        return self._owned("finding", "findings")

    @cached_property
    def pitfalls(self) -> Mapping[str, Owned]:
        """The same of pitfalls; those that were chosen themselves come first."""
        return self._owned("pitfall", "pitfalls")

    def _owned(self, kind: str, key: str) -> Mapping[str, Owned]:
        owners = [*self.of(*OWNERS), *self.beside]
        unverified = {
            each["id"]: owner["unverified"] for owner in owners for each in owner.get(key, ())
        }
        by_id = {
            each["id"]: Owned(each, owner_of(each), unverified.get(each["id"], ()))
            for each in self.of(kind)
        }
        parts = [(owner, each) for owner in self.of(*OWNERS) for each in owner[key]]
        ingredients = {each["id"] for each in self.of("ingredient")}
        parts += [
            (owner, each)
            for owner in self.beside
            if not ingredients.isdisjoint(ids_of(owner.get("ingredients", ())))
            for each in owner[key]
            if kind == "pitfall" or not ingredients.isdisjoint(ids_of(each["ingredients"]))
        ]
        for owner, each in parts:
            by_id.setdefault(each["id"], Owned(each, named(owner), owner["unverified"]))
        return by_id

    @cached_property
    def publications(self) -> Sequence[Document]:
        """The sources of all of these, each once."""
        every: list[Document] = []
        for each in self.documents:
            every += [each] if each["type"] == "study" else []
            every += each.get("sources", ())
            every += [each["source"]] if each["type"] == "finding" else []
        of_questions = {study["id"] for each in self.of("question") for study in each["studies"]}
        every += [each for each in self.beside if each["id"] in of_questions]
        return distinct_publications(every)


def ids_of(documents: Sequence[Document]) -> list[str]:
    """The id of each."""
    return [each["id"] for each in documents]


def doubt(unverified: Sequence[str], *keys: str) -> tuple[Run, ...]:
    """That nobody has checked what stands under these keys; empty when somebody has."""
    if not any(key == each or each.startswith(f"{key}.") for key in unverified for each in keys):
        return ()
    return (words(" " + gettext("Not checked against a source yet.")),)


def distinct_publications(every: Sequence[Document]) -> list[Document]:
    """Each publication once: two with the same address or title are one."""
    seen: dict[str, Document] = {}
    for each in every:
        seen.setdefault(each.get("url") or each["title"].casefold(), each)
    return list(seen.values())


def title_of(document: Document) -> str:
    """What a thing is called; of a case the part before the colon."""
    title: str = document.get("claim") or document["title"]
    return title.partition(":")[0] if document["type"] == "case" else title


def short_titles(cases: Sequence[Document]) -> list[Document]:
    """The cases, called as here."""
    return [{**case, "title": title_of(case)} for case in cases]


def named(document: Document, *, strong: bool = False) -> Run:
    """The name of a thing, which leads to its page."""
    return content(title_of(document), document["_links"]["html"]["href"], strong=strong)


def owner_of(document: Document) -> Run:
    """The case or study of a finding or pitfall, which leads to where it stands there."""
    owner = document["case"] or document["study"]
    title = owner["title"].partition(":")[0] if document["case"] else owner["title"]
    return content(title, document["_links"]["html"]["href"])


@dataclass(frozen=True)
class Knowledge:
    """What the whole knowledge base says, up to a change, of the effects that a choice is about."""

    change: int  # the number of the newest change in it
    changed_at: datetime  # that change
    effects: Sequence[
        Document
    ]  # as `schemas.effects.Effect` has them; those named most often first
    is_about_choice: bool = True  # else nothing chosen names one, and these are all there are
    text_change: int = 0  # up to which the chosen texts go, which are read elsewhere


def read_knowledge(session: Session, engine: SearchEngine, choice: Choice) -> Knowledge:
    """What is known now. Raises SearchUnavailable."""
    change = engine.snapshot_state().change
    effects, is_about_choice = effects_of(choice, engine)
    moment = changed_at(session, change) or datetime.fromtimestamp(0, UTC)
    return Knowledge(change, moment, effects, is_about_choice, last_position(session).number)


def concerned_effects(choice: Choice) -> Iterator[str]:
    """The id of the effect for each time that something in the choice is about one.

    An ingredient and a kind of pitfall are about all effects of the cases that have them.
    """
    yield from (each.document["domain"]["id"] for each in choice.findings.values())
    for question in choice.of("question"):
        yield from (each["id"] for each in question["effectDomains"])
    for each in choice.of("ingredient"):
        yield from _effects_beside("ingredient", each["id"])
    for each in choice.of("pitfall"):
        yield from _effects_beside("ownerPitfallCategory", each["category"]["id"])


def _effects_beside(parameter: str, term_id: str) -> list[str]:
    evidence = evidence_of({parameter: (term_id,)})
    return sorted(evidence.by_term("effectDomain", evidence.rows))


def effects_of(choice: Choice, engine: SearchEngine) -> tuple[list[Document], bool]:
    """What is known of the effects of a choice, and whether it is about any.

    Else all effects of which anything was found: counter-evidence there always is.
    Raises SearchUnavailable.
    """
    counted = Counter(concerned_effects(choice))
    evidence = evidence_of({})
    known = counted or evidence.by_term("effectDomain", evidence.rows)
    domains = [each for each in schemes()["effect-domains"].terms if each in known]
    domains.sort(key=lambda each: -counted[each])
    return [one_effect(evidence, engine, each) for each in domains], bool(counted)
