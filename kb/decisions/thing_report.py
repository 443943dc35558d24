"""Things of any kind as a report, in full: what their pages show, to print, send on or write in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from kb.decisions.dossier import Dossier
from kb.decisions.memo_choice import Document, distinct_publications, owner_of
from kb.decisions.report import (
    Block,
    Bullets,
    Report,
    Run,
    Section,
    Subheading,
    Text,
    content,
    paragraph,
    paragraphs,
    words,
)
from kb.evidence.comparisons import CONTEXT
from kb.kinds import KINDS
from kb.sharing.citations import reference
from kb.sharing.references import as_publication
from kb.translation import N_
from kb.vocabulary.terms import language
from kb.web.translation import gettext, ngettext

TERMS = (  # of any kind: the key, and what it is called
    ("theme", N_("Theme")),
    ("category", N_("Kind of pitfall")),
    ("phase", N_("Phase")),
    ("domain", N_("Effect")),
    ("direction", N_("Direction")),
    ("level", N_("Level")),
    ("evidence", N_("Kind of evidence")),
    ("sourceType", N_("Kind of source")),
    ("broader", N_("Part of")),
    ("strategies", N_("Strategies")),
    ("targetGroups", N_("Target groups")),
    ("pitfallCategories", N_("Pitfalls")),
    ("effectDomains", N_("Effects")),
)
TEXTS = (
    ("conditions", N_("Conditions")),
    ("description", N_("What went wrong")),
    ("avoidance", N_("How to avoid it")),
    ("context", N_("Context")),
    ("approach", N_("Approach")),
    ("results", N_("Results")),
    ("collaboration", N_("Collaboration")),
)
SUMMARIES = {
    "ingredient": "definition",
    "question": "answer",
    "case": "summary",
    "study": "summary",
}


class Part(NamedTuple):
    """Some blocks of a thing under a heading."""

    heading: str
    blocks: Sequence[Block]


def thing_report(document: Document) -> Report:
    """One thing, a section for each of its parts."""
    first, *others = _parts(document)
    sections = [Section("summary", words(first.heading), list(first.blocks))]
    for number, part in enumerate(others):
        sections.append(Section(f"part-{number}", words(part.heading), list(part.blocks)))
    page = document["_links"]["html"]["href"]
    return Report(
        title=content(document["title"]),
        language=language(),
        address=page,
        written_at=_moment([document]),
        head=[_origin(document), _own_reference(document)],
        sections=sections,
    )


def dossier_report(dossier: Dossier, address: str) -> Report:
    """All things of a dossier, a section for each; first what cannot be read any more."""
    count = len(dossier.things)
    number = ngettext(
        "%(num)s thing, in your own order.", "%(num)s things, in your own order.", count
    )
    return Report(
        title=words(gettext("Dossier")),
        language=language(),
        address=address,
        written_at=_moment(dossier.documents),
        head=[(words(f"{number} "), words(gettext("Permanent address") + ": "),
               words(address, address))],
        sections=[*absent_sections(dossier), *map(_section, dossier.documents)],
    )  # fmt: skip


def absent_sections(dossier: Dossier, lines: int = 50) -> Iterator[Section]:
    """What was chosen and cannot be read any more; no section when there is nothing."""
    if dossier.absent:
        section = Section("absent", words(gettext("Chosen, but not there")))
        items = [
            (words(f"{item}: {gettext(problem.detail, **problem.values)}"),)
            for item, problem in dossier.absent.items()
        ]
        section.add_list(items, lines)
        yield section


def publication_text(publication: Document) -> Text:
    """How a text refers to a publication, with its address."""
    text = reference({**publication, "url": None}, gettext("n.d."))
    url = publication.get("url") or ""
    return content(text), words(" "), content(url, url)


def _section(document: Document) -> Section:
    section = Section(document["id"], content(document["title"]))
    section.add(_origin(document), _own_reference(document))
    for part in _parts(document):
        section.blocks += [Subheading((words(part.heading),)), *part.blocks]
    return section


def _moment(documents: Iterable[Document]) -> datetime | None:
    """When the newest of these was changed; None when they do not say."""
    moments = [each["updatedAt"] for each in documents if each.get("updatedAt")]
    return datetime.fromisoformat(max(moments)) if moments else None


def _origin(document: Document) -> Text:
    """What kind of thing it is, its page, and whose it is."""
    address = document["_links"]["html"]["href"]
    text: list[Run] = [words(KINDS[document["type"]].label[language()], strong=True)]
    if document.get("case") or document.get("study"):
        text += [words(" " + gettext("of") + " "), owner_of(document)]
    return *text, words(" · "), words(address, address)


def _own_reference(document: Document) -> Text:
    label = words(gettext("Reference") + ": ", strong=True)
    return label, *publication_text(as_publication(document))


def _parts(document: Document) -> Iterator[Part]:
    """The parts of a thing that have anything in them, its summary first."""
    summary = SUMMARIES.get(document["type"])
    first: list[Block] = list(paragraphs(document[summary])) if summary else []
    if document.get("unverified"):
        first.append(paragraph(words(gettext(
            "Not all of this has been checked against a source yet; its page says what."
        ))))  # fmt: skip
    heading = gettext("The answer") if document["type"] == "question" else gettext("In short")
    yield Part(heading, [*first, Bullets(list(_characteristics(document)))])
    for key, label in TEXTS:
        if document.get(key):
            yield Part(gettext(label), list(paragraphs(document[key])))
    lists = (
        (gettext("Timeline"), map(_event, document.get("events", ()))),
        (
            gettext("Active ingredients: what those involved name"),
            map(_ingredient, document.get("ingredients", ())),
        ),
        (gettext("Pitfalls"), map(_pitfall, document.get("pitfalls", ()))),
        (gettext("Findings"), map(_finding, document.get("findings", ()))),
        (gettext("Reactions from practice"), map(_note, document.get("practiceNotes", ()))),
        (gettext("Studies"), ((content(each["title"]),) for each in document.get("studies", ()))),
        (gettext("Sources"), map(publication_text, _publications(document))),
    )
    for heading, items in lists:
        if texts := list(items):
            yield Part(heading, [Bullets(texts)])


def _characteristics(document: Document) -> Iterator[Text]:
    """What is known of a thing in a few words."""
    facts: list[tuple[str, str]] = []
    if document["type"] == "case":
        facts += [(label, text(document) or "") for _, label, _, text in CONTEXT]
    facts += [(label, _labels(document.get(key))) for key, label in TERMS]
    if document["type"] == "case":
        parties = (f"{each['name']} ({each['role']['label']})"
                   for each in document["parties"])  # fmt: skip
        facts.append((N_("Parties"), "; ".join(parties)))
    for label, text in facts:
        if text:
            yield words(gettext(label), strong=True), words(": "), content(text)
    if "caseCount" in document:
        count = document["caseCount"]
        yield (words(ngettext("in %(num)s case", "in %(num)s cases", count).capitalize()),)


def _labels(value: Mapping[str, str] | Sequence[Mapping[str, str]] | None) -> str:
    """The label of a term, or those of several."""
    terms = [value] if isinstance(value, Mapping) else value or ()
    return ", ".join(each["label"] for each in terms)


def _publications(document: Document) -> list[Document]:
    source = [document["source"]] if document["type"] == "finding" else []
    return distinct_publications([*document.get("sources", ()), *filter(None, source)])


def _event(event: Document) -> Text:
    month = f"-{event['month']:02}" if event["month"] else ""
    return words(f"{event['year']}{month}: ", strong=True), content(event["what"])


def _ingredient(ingredient: Document) -> Text:
    name = content(ingredient["label"], strong=True)
    return (name, words(": "), content(ingredient["how"])) if ingredient.get("how") else (name,)


def _pitfall(pitfall: Document) -> Text:
    text = (
        content(pitfall["title"], strong=True),
        words(f" ({pitfall['category']['label']}; {pitfall['phase']['label']}): "),
        content(pitfall["description"]),
    )
    if not pitfall["avoidance"]:
        return text
    advice = words(" " + gettext("How to avoid it") + ": ", strong=True)
    note = words(" " + gettext("This is advice, not evidence."))
    return *text, advice, content(pitfall["avoidance"]), note


def _finding(finding: Document) -> Text:
    about = "; ".join(finding[key]["label"].lower() for key in ("direction", "level", "evidence"))
    text = (
        content(finding["domain"]["label"], strong=True),
        words(": "),
        content(finding["claim"]),
        words(f" ({about})"),
    )
    if not finding["conditions"]:
        return text
    return *text, words(" " + gettext("Condition") + ": "), content(finding["conditions"])


def _note(note: Document) -> Text:
    """An experience or a question, and what the editors say to it; it is no evidence."""
    day = str(note["publishedAt"])[:10]
    text = words(f"{day}: ", strong=True), content(note["text"])
    if not note["answer"]:
        return text
    return *text, words(" " + gettext("Answer") + ": ", strong=True), content(note["answer"])
