"""Published rows → search documents: passages, tags, values to filter by, and what lists show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

from kb.cases.model import Case, Finding, Pitfall, Question, Study
from kb.cases.practice_note import PracticeNote
from kb.kinds import CASE, FINDING, INGREDIENT, KINDS, PITFALL, QUESTION, STUDY, Kind
from kb.search.engine import (
    FindingValues,
    Passage,
    PitfallValues,
    SearchDocument,
    TextField,
)
from kb.search.execute.highlight import FIELD_OF_SCHEME
from kb.search.publications import publication_key, study_key
from kb.search.stored_items import dump_items
from kb.vocabulary.outcomes import outcome_of
from kb.vocabulary.places import municipality_of
from kb.vocabulary.terms import Term, lane_of, lane_rank, schemes, term


def of_row(kind: Kind, row: Any) -> Iterator[SearchDocument]:
    """The document of a row of a kind, and then those of what it owns."""
    assert kind.documents, "what is owned comes with its owner"
    return kind.documents()(row)


def of_terms(
    names: Collection[str], notes: Mapping[str, Sequence[PracticeNote]]
) -> Iterator[SearchDocument]:
    """The documents of the terms of these schemes, as far as they are things of their own.

    `notes` are those that are public, by the id of the term that they are about.
    """
    for kind in KINDS.values():
        if kind.scheme in names:
            assert kind.documents, "what is owned comes with its owner"
            for each in schemes()[kind.scheme].current:
                yield from kind.documents()(each, notes.get(each.id, ()))


def of_case(case: Case) -> Iterator[SearchDocument]:
    """The case, and each of its pitfalls and findings."""
    values = _case_values(case)
    passages = [
        *_passages("title", "title", case.title),
        *_passages("id", "body", case.slug),
        *_passages("summary", "details", case.summary),
        *_passages("context", "body", case.context),
        *_passages("approach", "body", case.approach),
        *_passages("results", "body", case.results),
        *_passages("collaboration", "body", case.collaboration),
        *_passages("place", "labels", case.municipality, case.province, case.neighbourhood),
        *_passages("parties", "labels", *(party.name for party in case.parties)),
        *_passages("archetype", "labels", case.archetype.title if case.archetype else None),
        *_labels("strategies", case.strategies),
        *_labels("target-groups", case.target_groups),
        *_labels("ingredients", case.ingredient_ids),
        *_passages("ingredients", "details", *(tag.how for tag in case.ingredients)),
        *_pitfall_passages(case.pitfalls),
        *_passages("findings", "body", *(finding.claim for finding in case.findings)),
        *_passages("events", "body", *(event["what"] for event in case.events)),
        *_passages("sources", "body", *(source.title for source in case.sources)),
        *_passages("searchTerms", "details", *case.search_terms),
        *_search_terms_of(case.pitfalls),
        *_note_passages(case.practice_notes),
    ]
    yield SearchDocument(
        type="case",
        id=case.slug,
        title=case.title,
        passages=tuple(passages),
        concepts=_concepts(
            case.slug,
            {
                "strategies": case.strategies,
                "target-groups": case.target_groups,
                "ingredients": case.ingredient_ids,
                "pitfall-categories": [pitfall.category for pitfall in case.pitfalls],
                "effect-domains": [finding.domain for finding in case.findings],
            },
        ),
        values=values,
        findings=tuple(_finding_values(finding) for finding in case.findings),
        pitfalls=tuple(_pitfall_values(pitfall) for pitfall in case.pitfalls),
        **_numbers(case),
        lane_rank=_lane_rank(case.findings),
        updated_at=case.updated_at,
        items=dump_items(CASE, case),
    )
    yield from (_pitfall(pitfall, case, values) for pitfall in case.pitfalls)
    yield from (_finding(finding, case, values) for finding in case.findings)


def of_study(study: Study) -> Iterator[SearchDocument]:
    """The study, and each of its pitfalls and findings."""
    yield SearchDocument(
        type="study",
        id=study.slug,
        title=study.title,
        passages=(
            *_passages("title", "title", study.title),
            *_passages("id", "body", study.slug),
            *_passages("authors", "labels", *study.authors),
            *_passages("publisher", "labels", study.publisher),
            *_passages("summary", "details", study.summary),
            *_passages("findings", "details", *(finding.claim for finding in study.findings)),
            *_labels("effect-domains", [finding.domain for finding in study.findings]),
            *_pitfall_passages(study.pitfalls),
            *_passages("searchTerms", "details", *study.search_terms),
            *_search_terms_of(study.pitfalls),
        ),
        concepts=_concepts(
            study.slug,
            {
                "pitfall-categories": [pitfall.category for pitfall in study.pitfalls],
                "effect-domains": [finding.domain for finding in study.findings],
            },
        ),
        findings=tuple(_finding_values(finding) for finding in study.findings),
        pitfalls=tuple(_pitfall_values(pitfall) for pitfall in study.pitfalls),
        year=study.year,
        lane_rank=_lane_rank(study.findings),
        updated_at=study.updated_at,
        items=dump_items(STUDY, study),
    )
    yield from (_pitfall(pitfall, study, {}) for pitfall in study.pitfalls)
    yield from (_finding(finding, study, {}) for finding in study.findings)


def _pitfall(
    pitfall: Pitfall, owner: Case | Study, values: Mapping[str, tuple[str, ...]]
) -> SearchDocument:
    """A pitfall, with the filters of the case that owns it."""
    return SearchDocument(
        type="pitfall",
        id=pitfall.slug,
        title=pitfall.title,
        passages=(
            *_passages("title", "title", pitfall.title),
            *_passages("id", "body", pitfall.slug),
            *_passages("description", "details", pitfall.description),
            *_passages("avoidance", "body", pitfall.avoidance),
            *_passages("category", "labels", _label("pitfall-categories", pitfall.category)),
            *_passages("phase", "body", _label("phases", pitfall.phase)),
            *_passages("searchTerms", "details", *pitfall.search_terms),
            *_note_passages(pitfall.practice_notes),
            *_owner_passages(owner),
        ),
        concepts=_concepts(pitfall.slug, {"pitfall-categories": [pitfall.category]}),
        values=values,
        pitfalls=(_pitfall_values(pitfall),),
        **_numbers(owner),
        updated_at=owner.updated_at,
        items=dump_items(PITFALL, pitfall),
    )


def _finding(
    finding: Finding, owner: Case | Study, values: Mapping[str, tuple[str, ...]]
) -> SearchDocument:
    """A finding, with the filters of the case that owns it."""
    return SearchDocument(
        type="finding",
        id=finding.slug,
        title=finding.claim,
        passages=(
            *_passages("title", "title", finding.claim),
            *_passages("id", "body", finding.slug),
            *_passages("domain", "labels", _label("effect-domains", finding.domain)),
            *_passages("level", "body", _label("effect-levels", finding.level)),
            *_passages("direction", "body", _label("effect-directions", finding.direction)),
            *_passages("evidence", "body", _label("evidence-levels", finding.evidence)),
            *_passages("conditions", "details", finding.conditions),
            *_passages("source", "body", finding.source.title),
            *_owner_passages(owner),
        ),
        concepts=_concepts(finding.slug, {"effect-domains": [finding.domain]}),
        values={**values, **_values_of_finding(finding, owner)},
        findings=(_finding_values(finding),),
        columns=_evidence_columns(finding, owner),
        **_numbers(owner),
        year=finding.source.year,
        lane_rank=_lane_rank([finding]),
        updated_at=owner.updated_at,
        items=dump_items(FINDING, finding),
    )


def of_question(question: Question) -> Iterator[SearchDocument]:
    """A practitioner's question with its answer."""
    tagged = {
        "strategies": question.strategies,
        "ingredients": question.ingredients,
        "pitfall-categories": question.pitfall_categories,
        "effect-domains": question.effect_domains,
    }
    keys = {"pitfall-categories": "pitfallCategories", "effect-domains": "effectDomains"}
    yield SearchDocument(
        type="question",
        id=question.slug,
        title=question.title,
        passages=(
            *_passages("title", "title", question.title),
            *_passages("id", "body", question.slug),
            *_passages("answer", "details", question.answer),
            *_passages("theme", "body", _label("themes", question.theme)),
            *_passages("studies", "body", *(study.title for study in question.studies)),
            *(
                Passage(keys.get(scheme, scheme), "labels", _label(scheme, each))
                for scheme, terms in tagged.items()
                for each in terms
            ),
            *_passages("searchTerms", "details", *question.search_terms),
        ),
        concepts=_concepts(question.slug, tagged),
        values={"theme": (question.theme,)},
        updated_at=question.updated_at,
        position=question.position,
        items=dump_items(QUESTION, question),
    )


def of_ingredient(ingredient: Term, notes: Sequence[PracticeNote]) -> Iterator[SearchDocument]:
    """An active ingredient of the vocabulary, with the public notes about it."""
    yield SearchDocument(
        type="ingredient",
        id=ingredient.id,
        title=ingredient.label("nl"),
        passages=(
            *_passages("title", "title", *ingredient.labels.values()),
            *_passages("id", "body", ingredient.id),
            *_passages(
                "synonyms", "labels", *(s for each in ingredient.synonyms.values() for s in each)
            ),
            *_passages("definition", "body", ingredient.definition),
            *_note_passages(notes),
        ),
        concepts=_concepts(ingredient.id, {"ingredients": [ingredient.id]}),
        position=ingredient.position,
        items=dump_items(INGREDIENT, ingredient),
    )


def _case_values(case: Case) -> dict[str, tuple[str, ...]]:
    """What a case, and all that it owns, can be filtered by."""
    figures = municipality_of(case.country, case.municipality)
    several: dict[str, Sequence[str | None]] = {
        "kind": [case.kind],
        "strategy": case.strategies,
        "ingredient": case.ingredient_ids,
        "targetGroup": case.target_groups,
        "municipality": [case.municipality],
        "province": [case.province],
        "country": [case.country],
        "scale": [case.scale],
        "status": [case.status],
        "partyRole": list(dict.fromkeys(party.role for party in case.parties)),
        "archetype": [case.archetype.slug if case.archetype else None],
        "outcome": [outcome_of(finding.direction for finding in case.findings)],
        "urbanity": [figures.urbanity if figures else None],
    }
    return _without_empty(several)


def _passages(field: str, text_field: TextField, *texts: str | None) -> Iterator[Passage]:
    return (Passage(field, text_field, text) for text in texts if text)


def _label(scheme: str, term_id: str) -> str:
    """What people call a term in Dutch; its other names are expansions of the query."""
    return term(scheme, term_id).label("nl")


def _labels(scheme: str, terms: Iterable[str]) -> Iterator[Passage]:
    """The labels of terms, each once."""
    for each in dict.fromkeys(terms):
        yield Passage(FIELD_OF_SCHEME[scheme], "labels", _label(scheme, each))


def _pitfall_passages(pitfalls: Iterable[Pitfall]) -> Iterator[Passage]:
    for pitfall in pitfalls:
        yield Passage("pitfalls", "details", pitfall.title)
        yield Passage("pitfalls", "details", pitfall.description)
        label = _label("pitfall-categories", pitfall.category)
        yield Passage("pitfalls", "details", label)


def _search_terms_of(pitfalls: Iterable[Pitfall]) -> Iterator[Passage]:
    """By which their owner is found too, after what it says itself."""
    for pitfall in pitfalls:
        yield from _passages("searchTerms", "body", *pitfall.search_terms)


def _note_passages(notes: Iterable[PracticeNote]) -> Iterator[Passage]:
    """What practice told or asked, and our answers: they count least."""
    for note in notes:
        yield from _passages("practiceNotes", "body", note.text, note.answer)


def _owner_passages(owner: Case | Study) -> Iterator[Passage]:
    field = "case" if isinstance(owner, Case) else "study"
    yield Passage(field, "body", owner.title)
    yield Passage(field, "body", owner.summary)
    if isinstance(owner, Case):
        yield from _passages(field, "body", owner.municipality, owner.neighbourhood)
        for strategy in owner.strategies:
            yield Passage(field, "body", _label("strategies", strategy))


def _concepts(slug: str, tagged: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The keys of the terms that a thing is tagged with, and its own id."""
    keys = (f"{scheme}/{each}" for scheme, terms in tagged.items() for each in terms)
    return tuple(dict.fromkeys((f"id/{slug}", *keys)))


def _finding_values(finding: Finding) -> FindingValues:
    lane = lane_of(finding.evidence)
    return FindingValues(finding.domain, finding.level, finding.direction, finding.evidence, lane)


def _values_of_finding(finding: Finding, owner: Case | Study) -> dict[str, tuple[str, ...]]:
    """What a finding can be filtered by beside the values of its case."""
    categories = dict.fromkeys(pitfall.category for pitfall in owner.pitfalls)
    return _without_empty(
        {"creditedIngredient": finding.ingredients, "ownerPitfallCategory": list(categories)}
    )


def _lane_rank(findings: Iterable[Finding]) -> int | None:
    """The place of the strongest lane that any of these findings is in."""
    return min((lane_rank(each.evidence) for each in findings), default=None)


def _evidence_columns(finding: Finding, owner: Case | Study) -> dict[str, tuple[str, ...]]:
    """What tells whether a finding rests on the same as others do."""
    source, studies = finding.source, [owner] if isinstance(owner, Study) else []
    several: dict[str, Sequence[str | None]] = {
        "case": [None if studies else owner.slug],
        "publicationKey": [
            publication_key(source.url, source.title, source.year),
            *(study_key(study.slug) for study in studies),
        ],
        "programme": [finding.programme],
        "ownerProgramme": [owner.programme],
        "covers": [study_key(each.slug) for study in studies for each in study.covers],
    }
    return _without_empty(several)


class _Numbers(TypedDict, total=False):
    """What a case, and all that it owns, can be sorted by and filtered by from and to."""

    start_year: int | None
    population: int
    social_rent: int


def _numbers(owner: Case | Study) -> _Numbers:
    if not isinstance(owner, Case):
        return {}
    numbers: _Numbers = {"start_year": owner.start_year}
    if figures := municipality_of(owner.country, owner.municipality):
        numbers |= {"population": figures.population, "social_rent": figures.social_rent}
    return numbers


def _without_empty(several: Mapping[str, Sequence[str | None]]) -> dict[str, tuple[str, ...]]:
    """The values that are known, by name; without names that have none."""
    known = {name: tuple(filter(None, values)) for name, values in several.items()}
    return {name: values for name, values in known.items() if values}


def _pitfall_values(pitfall: Pitfall) -> PitfallValues:
    return PitfallValues(pitfall.category, pitfall.phase)
