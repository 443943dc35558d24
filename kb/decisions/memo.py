"""A memo for who must decide: what is known of the chosen things, on two pages with an annex.

The same choice at the same change is the same memo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urlencode

from babel.dates import format_date
from sqlalchemy.orm import Session

from kb.cases.changes import last_number
from kb.decisions import memo_limits, memo_sections
from kb.decisions.dossier import Dossier, nothing_readable, read_dossier
from kb.decisions.memo_changes import Since, since, since_section
from kb.decisions.memo_choice import Choice, Document, Knowledge, read_knowledge
from kb.decisions.report import Report, Section, Text, paragraph, words
from kb.decisions.thing_report import absent_sections
from kb.evidence.summary_writer import method
from kb.input_errors import InputError, Mistake
from kb.kinds import CASE
from kb.problems import InvalidInput
from kb.search.engine import SearchEngine, SearchRequest
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.translation import gettext
from schemas.dossiers import DossierItem

SECTIONS: tuple[Callable[[Choice, Knowledge], Section], ...] = (  # GRADE's evidence-to-decision
    memo_sections.question,
    memo_sections.options,
    memo_sections.effects,
    memo_sections.groups,
    memo_sections.pitfalls,
    memo_sections.counter_evidence,
    memo_limits.unknown,
    memo_limits.transferability,
    memo_limits.weighing,
    memo_limits.sources,
)
MOST_ABSENT_LINES = 4
MOST_CASES_BESIDE = 50  # that have a chosen ingredient


@dataclass(frozen=True)
class Memo:
    """What a memo is made from."""

    dossier: Dossier
    choice: Choice
    knowledge: Knowledge
    since: Since | None  # None when nobody named an earlier change

    def address(self, path: str, **parameters: str) -> str:
        """The permanent address of this memo below a path: with the change up to which it knows."""
        pairs = [
            *(("item", str(item)) for item in self.dossier.choice),
            *([("question", self.choice.question)] if self.choice.question else []),
            *(("change", str(self.knowledge.change)), ("lang", language())),
            *parameters.items(),
        ]
        return public_address(f"{path}?{urlencode(pairs, quote_via=quote, safe=':')}")

    @cached_property
    def report(self) -> Report:
        """Its text in the language of the request."""
        notes = list(absent_sections(self.dossier, MOST_ABSENT_LINES))
        if self.since:
            renamed = {item.slug for item in self.dossier.moved.values()}
            notes.append(since_section(self.since, renamed))
        return write_memo(self.choice, self.knowledge, self.address("/memo"), notes)


def read_memo(
    session: Session,
    engine: SearchEngine,
    items: Sequence[DossierItem],
    question: str = "",
    change: int | None = None,
) -> Memo:
    """The memo on these items, by what is published now; with a change, what changed after it.

    Raises the problem of the first item when none can be read, and SearchUnavailable.
    """
    dossier = read_dossier(session, items)
    if not dossier.things:
        raise nothing_readable(dossier)
    choice = Choice(question, dossier.documents, _beside(session, engine, dossier))
    knowledge = read_knowledge(session, engine, choice)
    if change is None:
        return Memo(dossier, choice, knowledge, None)
    return Memo(dossier, choice, knowledge, since(session, change, choice, knowledge))


def _beside(session: Session, engine: SearchEngine, dossier: Dossier) -> list[Document]:
    """Cases and studies that were not chosen, but count; as `Choice.beside` has them."""
    items: list[DossierItem] = []
    for each in dossier.documents:
        items += [
            DossierItem(kind, each[kind]["id"]) for kind in ("case", "study") if each.get(kind)
        ]
        if each["type"] == "question":
            items += [DossierItem("study", study["id"]) for study in each["studies"]]
    ingredients = tuple(each["id"] for each in dossier.documents if each["type"] == "ingredient")
    if ingredients:
        filters = {"ingredient": ingredients}
        request = SearchRequest(
            types=(CASE.name,), filters=filters, sort=("title",), limit=MOST_CASES_BESIDE
        )
        items += [DossierItem(CASE.name, hit.id) for hit in engine.search(request).hits]
    others = [each for each in dict.fromkeys(items) if each not in dossier.things]
    return read_dossier(session, others).documents if others else []


def write_memo(
    choice: Choice, knowledge: Knowledge, permalink: str, notes: Sequence[Section] = ()
) -> Report:
    """The text of a memo; `notes` come before its own sections."""
    sections = [write(choice, knowledge) for write in SECTIONS]
    sections[-1].add_to_annex(gettext("Permanent address"), paragraph(words(permalink, permalink)))
    return Report(
        title=words(choice.question or gettext("Memo for a decision")),
        language=language(),
        address=permalink,
        written_at=knowledge.changed_at,
        head=_about(knowledge, permalink),
        sections=[*notes, *sections],
    )


def _about(knowledge: Knowledge, permalink: str) -> list[Text]:
    """Up to when, and by which method, and where it can be read again."""
    day = format_date(knowledge.changed_at.date(), "d MMMM y", locale=language())
    rules = method()
    upto = gettext("Knowledge up to change %(number)s of %(day)s", number=knowledge.change, day=day)
    version = gettext("Method, version %(version)s", version=rules["version"])
    lines: list[Text] = [
        (
            words(f"{upto} · "),
            words(version, rules["_links"]["html"]["href"]),
            words(" · "),
            words(gettext("Permanent address"), permalink),
        ),
    ]
    if knowledge.text_change != knowledge.change:
        lines.append((words(gettext(
            "The findings are being taken over: the texts are already those of change %(number)s.",
            number=knowledge.text_change,
        )),))  # fmt: skip
    return lines


def check_change(session: Session, change: int | None, location: str) -> None:
    """Whether there is a change of this number. Raises InvalidInput."""
    last = last_number(session)
    if change is not None and change > last:
        mistake = Mistake("out-of-range", {"minimum": 0, "maximum": last})
        pointer = "change" if location == "query" else "/change"
        raise InvalidInput([InputError(mistake, location, pointer)])
