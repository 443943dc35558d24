"""The sections of a memo on what it cannot say, and what is left to those who decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.decisions.memo_choice import (
    Choice,
    Document,
    Knowledge,
    distinct_publications,
    doubt,
    named,
    short_titles,
    title_of,
)
from kb.decisions.memo_costs import costs
from kb.decisions.report import (
    Bullets,
    Section,
    Table,
    Text,
    content,
    joined,
    lines_of,
    paragraph,
    words,
)
from kb.decisions.thing_report import publication_text
from kb.evidence.comparison_limits import limits
from kb.evidence.comparisons import CONTEXT
from kb.web.addresses import public_address
from kb.web.translation import gettext

OF_ONE = {"years-unknown", "no-findings", "experience-only", "unfinished", "unchecked"}
"""Limits that a case has by itself; the others are of cases beside each other."""
UNKNOWNS = {*OF_ONE, "no-shared-effect", "other-evidence"}  # other limits are about context
LINES = {"unknown": 8, "transfer": 6, "checks": 2, "sources": 4}  # of the main part


def unknown(choice: Choice, knowledge: Knowledge) -> Section:
    """What nobody knows or nobody has checked: costs first."""
    section = Section("unknown", words(gettext("What is not known")))
    items = list(costs(choice))
    items += [(words(each),) for code, each in _limits(choice) if code in UNKNOWNS]
    by_text: dict[str, list[str]] = {}
    for effect in knowledge.effects if knowledge.is_about_choice else ():
        for gap in effect["wouldChange"]:
            by_text.setdefault(gap["text"], []).append(effect["label"])
    section.add_list(items, LINES["unknown"])
    if by_text:
        gaps = [
            (words(", ".join(labels), strong=True), words(f": {text}"))
            for text, labels in by_text.items()
        ]
        section.add_to_annex(
            gettext("What would change the verdicts"),
            paragraph(words(gettext(
                "A lane is a kind of evidence. A cluster is one programme or publication, however "
                "many findings it has."
            ))),
            Bullets(gaps),
        )  # fmt: skip
    return section


def _limits(choice: Choice) -> Iterator[tuple[str, str]]:
    """What the chosen cases cannot say: a code and a sentence for each limit."""
    cases = short_titles(choice.of("case"))
    for each in limits(cases) if cases else ():
        if len(cases) > 1 or each["code"] in OF_ONE:
            yield each["code"], each["detail"]


def transferability(choice: Choice, _knowledge: Knowledge) -> Section:
    """Under which conditions it was found, and in which context the cases were."""
    section = Section("transferability", words(gettext("Transferability")))
    items: list[Text] = [
        (words(each["domain"]["label"], strong=True), words(": "), content(each["claim"]),
         words(" " + gettext("Condition") + ": "), content(each["conditions"]), words(" "), owner)
        for each, owner, _ in choice.findings.values() if each["conditions"]
    ]  # fmt: skip
    items = [(words(each),) for code, each in _limits(choice) if code not in UNKNOWNS] + items
    if not items:
        section.add(words(gettext("No conditions are recorded of what was found.")))
    section.add_list(items, LINES["transfer"])
    if cases := choice.of("case"):
        checks = _transfer_checks(cases)
        if lines_of(checks) <= LINES["checks"]:
            section.add(checks)
        else:
            section.add_to_annex(gettext("Does it fit here?"), paragraph(checks))
        contexts = Bullets([_context(case) for case in cases])
        section.add_to_annex(gettext("The context of the cases"), contexts)
    return section


def _context(case: Document) -> Text:
    """Each thing that is recorded of the place and size of a case, or that it is not."""
    runs = [named(case, strong=True)]
    for number, (_, label, keys, text) in enumerate(CONTEXT):
        runs += [words(f"{'; ' if number else ': '}{gettext(label).lower()} ")]
        runs += [content(text(case) or gettext("not recorded"))]
        if note := doubt(case["unverified"], *keys):
            runs.append(words(f" ({note[0].text.strip().removesuffix('.').lower()})"))
    return (*runs, words("."))


def _transfer_checks(cases: Sequence[Document]) -> Text:
    """For each case the twelve questions of its transfer check, to answer for one's own place."""
    links = [
        (content(title_of(case), public_address(f"/past-het-hier?case={case['id']}")),)
        for case in cases
    ]
    return words(gettext("Does it fit here? Twelve questions for each case:") + " "), *joined(
        links, "; "
    )


def weighing(_choice: Choice, _knowledge: Knowledge) -> Section:
    """An empty table: weighing is for those who decide."""
    section = Section("weighing", words(gettext("Weighing")))
    section.add(words(gettext("This is yours: the knowledge base does not weigh.")))
    criteria = [
        gettext("What do we want to reach, and how important is that?"),
        gettext("Do the expected benefits outweigh the disadvantages, and for whom?"),
        gettext("How sure is the evidence, the counter-evidence included?"),
        gettext("What do residents and partners find important?"),
        gettext("What does it ask in money and people, also afterwards?"),
        gettext("Does it fit here?"),
        gettext("Proposal"),
    ]
    header = (words(gettext("To weigh")), words(gettext("Our judgement")))
    section.blocks.append(Table(header, [[(words(each),), ()] for each in criteria]))
    return section


def sources(choice: Choice, knowledge: Knowledge) -> Section:
    """The publications behind all of this, with their addresses."""
    section = Section("sources", words(gettext("Sources")))
    against = [
        each["strongest"]["against"]["source"]
        for each in knowledge.effects
        if each["strongest"]["against"]
    ]
    publications = distinct_publications([*choice.publications, *against])
    if not publications:
        section.add(words(gettext("What was chosen has no sources of its own.")))
    section.add_list([publication_text(each) for each in publications], LINES["sources"])
    return section
