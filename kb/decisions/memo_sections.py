"""The sections of a memo on what is known, in the order of GRADE's evidence-to-decision framework.

Pure functions. A section is made by tables and templates from what editors wrote: nothing is summed
up that nobody wrote, and what is not known is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from kb.decisions.memo_choice import (
    OPTIONS,
    Choice,
    Document,
    Knowledge,
    Owned,
    doubt,
    named,
    owner_of,
)
from kb.decisions.report import (
    Bullets,
    Paragraph,
    Run,
    Section,
    Table,
    Text,
    content,
    joined,
    lines_of,
    paragraph,
    paragraphs,
    words,
)
from kb.evidence.comparisons import CONTEXT
from kb.evidence.summary_writer import verdict_of
from kb.vocabulary.terms import lane_of, language, schemes
from kb.web.translation import gettext, ngettext

AGAINST = ("negatief", "geen-effect")
SHORT_CONTEXT = ("place", "years", "status", "scale")  # of a case, in one line
GROUP_FIELDS = ("targetGroup", "scale", "country")  # by which the sides of an effect may differ
LINES = {  # of the main part that a section has room for: two pages together
    "question": 12,
    "options": 10,
    "effects": 12,
    "groups": 8,
    "pitfalls": 9,
    "against": 12,
}


def question(choice: Choice, _knowledge: Knowledge) -> Section:
    """What is to be decided, and the questions of practice that were chosen."""
    section = Section("question", words(gettext("The question")))
    section.add(words(choice.question or gettext("To be filled in: what is to be decided?")))
    chosen = choice.of("question")
    answers = [(each, list(_answer(each))) for each in chosen]
    if sum(map(lines_of, (block.text for _, blocks in answers for block in blocks))) <= (
        LINES["question"] - len(chosen)
    ):
        for each, blocks in answers:
            section.add((words(gettext("Question from practice") + ": "), named(each)))
            section.blocks += blocks
        return section
    section.add(words(gettext("Questions from practice; what is known of them is in the annex.")))
    section.add_list([(named(each),) for each in chosen], LINES["question"])
    for each, blocks in answers:
        section.add_to_annex(each["title"], *blocks)
    return section


def _answer(question: Document) -> Iterator[Paragraph]:
    """What is known of a question from practice, and the terms that it is about."""
    yield from paragraphs(question["answer"])
    for key, label in (
        ("ingredients", gettext("Active ingredients")),
        ("pitfallCategories", gettext("Pitfalls")),
    ):
        if question[key]:
            terms = ", ".join(term["label"] for term in question[key])
            yield paragraph((words(f"{label}: ", strong=True), words(f"{terms}.")))


def options(choice: Choice, _knowledge: Knowledge) -> Section:
    """The chosen cases and ingredients."""
    section = Section("options", words(gettext("Options")))
    chosen = choice.of(*OPTIONS)
    if not chosen:
        section.add(words(gettext("No case and no active ingredient was chosen.")))
        return section
    whole = [_option(each) for each in chosen]
    if sum(map(lines_of, whole)) <= LINES["options"]:
        section.add_list(whole, LINES["options"])
    else:
        section.add_list([_option(each)[:2] for each in chosen], LINES["options"])
        section.add_to_annex(gettext("The options in short"), Bullets(whole))
    hows = [
        (content(part["label"], strong=True), words(" · "), named(case), words(": "),
         content(part["how"]), *doubt(case["unverified"], "ingredients", "ingredients.how"))
        for case in choice.of("case") for part in case["ingredients"] if part["how"]
    ]  # fmt: skip
    if hows:
        section.add_to_annex(gettext("What was done, according to those involved"), Bullets(hows))
    return section


def _option(option: Document) -> Text:
    """A case or an ingredient: its name, in one line where and when, and what it is."""
    if option["type"] == "ingredient":
        count = option["caseCount"]
        cases = ngettext("in %(num)s case", "in %(num)s cases", count)
        about = " (" + gettext("active ingredient") + f", {cases})"
        return named(option, strong=True), words(about), words(": "), content(option["definition"])
    context = [text(option) for key, _, _, text in CONTEXT if key in SHORT_CONTEXT]
    about = "; ".join(each for each in context if each)
    unchecked = [
        gettext(label).lower()
        for key, label, keys, _ in CONTEXT
        if key in SHORT_CONTEXT and doubt(option["unverified"], *keys)
    ]
    if unchecked:
        note = gettext("Not checked against a source yet: %(parts)s.", parts=", ".join(unchecked))
        about += f". {note}".removesuffix(".")
    return (
        named(option, strong=True),
        words(f" ({about})"),
        words(". "),
        content(option["summary"]),
        *doubt(option["unverified"], "summary"),
    )


def effects(choice: Choice, knowledge: Knowledge) -> Section:
    """The verdict on each effect, by all findings there are; then what the choice says of it."""
    section = Section("effects", words(gettext("What is known of each effect")))
    if not knowledge.is_about_choice:
        section.add(words(gettext("Nothing that was chosen names an effect.")))
        return section
    section.add(words(gettext(
        "By all findings in the knowledge base, one voice for each programme or publication. "
        "Nothing is averaged."
    )))  # fmt: skip
    items = [_effect(each, choice) for each in knowledge.effects]
    section.add_list(items, LINES["effects"], [_verdict(each) for each in knowledge.effects])
    section.add_to_annex(
        gettext("How many programmes or publications say what"), _counts_table(knowledge.effects)
    )
    if choice.findings:
        by_effect = sorted(
            choice.findings.values(), key=lambda each: str(each.document["domain"]["label"])
        )
        section.add_to_annex(
            gettext("The findings in this choice"),
            Bullets([_finding(each.document, each.owner, "", each.unverified)
                     for each in by_effect]),
        )  # fmt: skip
    return section


def _effect(effect: Document, choice: Choice) -> Text:
    """The verdict, how many voices it has, and the findings of the choice by their lane."""
    here = [
        each.document
        for each in choice.findings.values()
        if each.document["domain"]["id"] == effect["id"]
    ]
    lanes = schemes()["evidence-lanes"].terms
    own = Counter((lane_of(each["evidence"]["id"]), each["direction"]["label"]) for each in here)
    counts = ", ".join(
        f"{number} {direction.lower()} ({lanes[lane].label(language()).lower()})"
        for (lane, direction), number in own.items()
    )
    total = ngettext("%(num)s finding", "%(num)s findings", len(here))
    voices = ngettext(
        "%(num)s programme or publication", "%(num)s programmes or publications", effect["clusters"]
    )
    chosen = [each for each in choice.of("finding") if each["domain"]["id"] == effect["id"]]
    return (
        content(effect["label"], effect["_links"]["html"]["href"], strong=True),
        words(f": {verdict_of(effect)}, {voices}. "),
        words(gettext("In this choice: %(counts)s.",
                      counts=f"{total}: {counts}" if here else gettext("nothing found"))),
        *(run for each in chosen for run in (words(" "), content(f"“{each['claim']}”"))),
        *_chosen_studies(choice, effect),
    )  # fmt: skip


def _chosen_studies(choice: Choice, effect: Document) -> Iterator[Run]:
    """The names of the chosen studies that found something of an effect."""
    studies = [
        each
        for each in choice.of("study")
        if any(finding["domain"]["id"] == effect["id"] for finding in each["findings"])
    ]
    if studies:
        heading = ngettext("Chosen study", "Chosen studies", len(studies))
        yield words(f" {heading}: ")
        yield from joined([(named(each),) for each in studies], "; ")
        yield words(".")


def _counts_table(effects: Sequence[Document]) -> Table:
    """For each effect and lane with anything: what tells for it, against it, and neither."""
    header = (gettext("Effect"), gettext("Lane"), gettext("For"), gettext("Against"),
              gettext("Mixed or unclear"))  # fmt: skip
    sides = [("positief",), AGAINST]
    rows = []
    for effect in effects:
        for lane in filter(lambda each: each["clusters"], effect["lanes"]):
            cells: list[list[str]] = [[], [], []]
            for each in lane["directions"]:
                outcome = each["direction"]
                place = next((n for n, ids in enumerate(sides) if outcome["id"] in ids), 2)
                cells[place].append(f"{each['clusters']} {outcome['label'].lower()}")
            texts = [effect["label"], lane["lane"]["label"], *(", ".join(e) or "–" for e in cells)]
            rows.append([(words(text),) for text in texts])
    return Table(tuple(map(words, header)), rows)


def _verdict(effect: Document, label: str = "") -> str:
    words_of_verdict = verdict_of(effect)
    return f"{label or effect['label']} – {words_of_verdict[:1].lower()}{words_of_verdict[1:]}"


def groups(choice: Choice, knowledge: Knowledge) -> Section:
    """For whom and where it was tried, and at which level an effect was found."""
    section = Section("groups", words(gettext("For whom and where")))
    cases = choice.of("case")
    lines: list[Text] = []
    for key, label in (("targetGroups", gettext("For")), ("strategies", gettext("By"))):
        counted = Counter(each["label"] for case in cases for each in case[key])
        names = [f"{name} ({number})" for name, number in counted.most_common()]
        lines += [(words(f"{label}: {', '.join(names)}."),)] if names else []
    places = [text(case) for case in cases for key, _, _, text in CONTEXT if key == "place"]
    near = list(dict.fromkeys(each for each in places if each))
    lines += [(words(gettext("Where") + ": "), content("; ".join(near)))] if near else []
    lines += [_levels(each) for each in knowledge.effects if len(each["levels"]) > 1]
    differences = [text for each in knowledge.effects for text in _differences(each)]
    if not lines:
        section.add(words(gettext("Not recorded for what was chosen.")))
    section.add_list(lines, LINES["groups"])
    if differences:
        heading = gettext("What stands more often on one side of an effect; it proves nothing")
        section.add_to_annex(heading, Bullets(differences))
    return section


def _levels(effect: Document) -> Text:
    """What is known of an effect at each level."""
    parts = [_verdict(each, each["level"]["label"]) for each in effect["levels"]]
    return words(effect["label"], strong=True), words(f": {'; '.join(parts)}.")


def _differences(effect: Document) -> Iterator[Text]:
    """What stands on one side of an effect much more often than on the other."""
    for each in effect["differences"]["fields"]:
        if each["field"] not in GROUP_FIELDS:
            continue
        for value in each["values"]:
            if value["differs"]:
                yield words(effect["label"], strong=True), words(": "), words(gettext(
                    "%(field)s “%(value)s”: with %(some)s of %(all)s programmes or publications "
                    "for it, and with %(others)s of %(total)s against it.",
                    field=each["label"].lower(), value=value["label"], some=value["for"],
                    all=each["known"]["for"], others=value["against"],
                    total=each["known"]["against"],
                ))  # fmt: skip


def pitfalls(choice: Choice, _knowledge: Knowledge) -> Section:
    """What went wrong, and how to avoid it: chosen ones first, then the most frequent kinds."""
    section = Section("pitfalls", words(gettext("Pitfalls, and how to avoid them")))
    chosen = {each["id"] for each in choice.of("pitfall")}
    counted = Counter(each.document["category"]["id"] for each in choice.pitfalls.values())
    ordered = sorted(
        choice.pitfalls.values(),
        key=lambda each: (
            each.id not in chosen,
            not each.document["avoidance"],
            -counted[each.document["category"]["id"]],
        ),
    )
    if not ordered:
        section.add(words(gettext("No pitfall is recorded of what was chosen; there may be some.")))
        return section
    section.add(words(gettext("How to avoid them is advice, not evidence.")))
    section.add_list([_pitfall(each) for each in ordered], LINES["pitfalls"])
    went_wrong = [
        (
            *(content(each["title"], strong=True), words(" · "), owner),
            *(words(f" · {each['phase']['label']}: "), content(each["description"])),
            *doubt(unverified, "pitfalls", "pitfalls.description"),
        )
        for each, owner, unverified in ordered
    ]
    section.add_to_annex(gettext("What went wrong"), Bullets(went_wrong))
    return section


def _pitfall(pitfall: Owned) -> Text:
    each, owner, unverified = pitfall
    advice = each["avoidance"]
    return (
        content(each["title"], strong=True),
        words(f" ({each['category']['label']}; "),
        owner,
        words("): "),
        content(advice) if advice else words(gettext("no advice recorded.")),
        *(doubt(unverified, "pitfalls", "pitfalls.avoidance") if advice else ()),
    )


def counter_evidence(choice: Choice, knowledge: Knowledge) -> Section:
    """What tells most against each effect in the whole knowledge base; nobody can leave it out."""
    section = Section("counter-evidence", words(gettext("Counter-evidence")))
    section.add(words(gettext(
        "For each effect the strongest finding against it, from the whole knowledge base. This "
        "section is in every memo."
    )))  # fmt: skip
    strongest_by_label = {each["label"]: each["strongest"]["against"] for each in knowledge.effects}
    strongest = [each for each in strongest_by_label.values() if each]
    section.add_list([_against(each, choice) for each in strongest], LINES["against"])
    if without := [label for label, finding in strongest_by_label.items() if not finding]:
        section.add(words(gettext(
            "Nothing negative is recorded of: %(effects)s. That does not mean that there is "
            "nothing.", effects=", ".join(without))))  # fmt: skip
    shown = {each["id"] for each in strongest}
    others = [
        _finding(each.document, each.owner, "", each.unverified)
        for each in choice.findings.values()
        if each.document["direction"]["id"] in AGAINST and each.id not in shown
    ]
    if others:
        section.add_to_annex(gettext("More against it in this choice"), Bullets(others))
    return section


def _against(finding: Document, choice: Choice) -> Text:
    """The strongest finding against an effect, and whether it was chosen."""
    note = "" if finding["id"] in choice.findings else ", " + gettext("not in your choice")
    return _finding(finding, owner_of(finding), note)


def _finding(finding: Document, owner: Run, note: str = "", unverified: Sequence[str] = ()) -> Text:
    about = [finding[key]["label"].lower() for key in ("direction", "level", "evidence")]
    return (
        words(finding["domain"]["label"], strong=True),
        words(": "),
        content(finding["claim"]),
        words(f" ({'; '.join(about)}: "),
        owner,
        words(f"{note})"),
        *doubt(unverified, "findings"),
        *doubt(unverified, "findings.claim", "findings.direction", "findings.evidence"),
    )
