"""/plan-toets: paste or upload a draft plan, correct what it is about, read the remarks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from flask import request

from kb.decisions.plan_checks.context import (
    MAX_GROUPS,
    MAX_STRATEGIES,
    Context,
    Corrections,
    recognise_context,
)
from kb.decisions.plan_checks.plan_check import PlanCheck, check_plan
from kb.decisions.plan_checks.reading import read_plan
from kb.decisions.plan_checks.rejections import checked_rejection, reject
from kb.decisions.plan_checks.remarks import Remark
from kb.decisions.plan_checks.rules import rules
from kb.decisions.plan_checks.upload import CHECKS_LIMIT, MAX_UPLOAD_BYTES, check_length, text_of
from kb.decisions.plan_checks.writer import PlanCheckWriter, statuses
from kb.pages.rendering import render_page
from kb.problems import InvalidInput, Problem, TooLarge, UnsupportedMediaType
from kb.services import services
from kb.translation import N_
from kb.vocabulary.terms import language, schemes
from kb.web.forms import read_form
from kb.web.policy import PagesBlueprint
from kb.web.rate_limits import limit_visitor
from kb.web.translation import gettext, one_language

blp = PagesBlueprint("plan_check_pages", __name__, template_folder="templates")
SELECTS = (  # name in the form, label, scheme, number of selects
    ("strategy", N_("Strategy"), "strategies", MAX_STRATEGIES),
    ("targetGroup", N_("Target group"), "target-groups", MAX_GROUPS),
    ("scale", N_("Scale"), "scales", 1),
    ("phase", N_("Phase"), "phases", 1),
)


class Piece(NamedTuple):
    """A piece of a text, and what of the page is about it."""

    text: str
    is_marked: bool
    anchor: str = ""


@dataclass
class PlanForm:
    """What somebody has filled in so far."""

    text: str = ""
    chosen: dict[str, list[str]] = field(default_factory=dict)  # ids of terms, by name in the form
    step: str = ""  # `context`: say what it is about; `check`: make remarks
    error: str = ""
    status: int = 200

    @property
    def corrections(self) -> Corrections:
        """What the selects say, all of them."""
        scale, phase = (next(iter(self.chosen.get(each, ())), None) for each in ("scale", "phase"))
        strategies, groups = (self.chosen.get(each, []) for each in ("strategy", "targetGroup"))
        return {
            "strategies": tuple(strategies),
            "target_groups": tuple(groups),
            "scale": scale,
            "phase": phase,
        }

    def fill(self, context: Context) -> None:
        """Put what was recognised into the selects."""
        self.chosen = {
            "strategy": list(context.strategies),
            "targetGroup": list(context.target_groups),
            "scale": [context.scale] if context.scale else [],
            "phase": [context.phase] if context.phase else [],
        }


@blp.get("/plan-toets")
def plan_check() -> str:
    """An empty form, and how it works."""
    return _render(PlanForm(), None)


@blp.post("/plan-toets")
def checked_plan() -> tuple[str, int]:
    """What the plan is about, to be corrected; and then the remarks."""
    limit_visitor("plan-checks", CHECKS_LIMIT)
    with one_language():
        form = read_plan_form()
        check = None
        if form.step == "check" and not form.error:
            cases, evidence = services().plan_cases.current(), services().evidence.current()
            check = check_plan(form.text, cases, evidence, form.corrections)
        return _render(form, check), form.status


@blp.post("/plan-toets/klopt-niet")
def rejected_remark() -> str:
    """Count that a remark is not so; nothing of the plan comes along."""
    limit_visitor("plan-check-rejections", CHECKS_LIMIT)
    about = request.form.get("about", "")
    reject(checked_rejection(request.form.get("rule", ""), about), about)
    return render_page("plan_check_thanks.html")


def read_plan_form() -> PlanForm:
    """What was sent; a mistake is told beside what was filled in."""
    fields, files = read_form(MAX_UPLOAD_BYTES)
    form = PlanForm(fields.get("text", "").replace("\r\n", "\n"))
    for name, _, scheme, _ in SELECTS:
        known = schemes()[scheme].terms
        chosen = [each for each in fields.getlist(name) if each in known]
        form.chosen[name] = list(dict.fromkeys(chosen))
    file = files.get("file")
    is_new = file is not None and bool(file.filename)
    try:
        if file is not None and is_new:
            form.text = text_of(file.read(MAX_UPLOAD_BYTES)).replace("\r\n", "\n").strip()
        check_length(form.text)
    except (InvalidInput, TooLarge, UnsupportedMediaType) as problem:
        form.error, form.status = _detail(problem), problem.status
        return form
    if not form.text.strip():
        form.error, form.status = gettext("Paste a plan first, or choose a file with text."), 400
    elif fields.get("step") == "check" and not is_new:
        form.step = "check"
    else:
        form.step = "context"
        form.fill(recognise_context(read_plan(form.text, rules())))
    return form


def _detail(problem: Problem) -> str:
    return gettext(problem.detail, **problem.values)


def _render(form: PlanForm, check: PlanCheck | None) -> str:
    texts = rules().document["texts"]
    content: dict[str, Any] = {"document": None}
    if check is not None:
        writer = PlanCheckWriter(check, services().plan_cases.current(), language())
        content = {
            "document": writer.document(),
            "basis": texts["reasons"].get(check.comparable.basis, {}).get(language(), ""),
            "shown": list(_rows(writer, check, check.shown)),
            "folded": list(_rows(writer, check, check.folded)),
            "plan": plan_pieces(check),
        }
    return render_page(
        "plan_check.html",
        measurement=measurement(),
        form=form,
        selects=_selects(form),
        kinds={
            kind: {name: text[language()] for name, text in own.items()}
            for kind, own in texts["kinds"].items()
        },
        statuses=statuses(language()),
        rules=rules(),
        rule_rows=_rule_rows(),
        **content,
    )


@cache
def measurement() -> Mapping[str, Any]:
    """How often remarks were right on plans that no rule had seen: `make plan-check` writes it."""
    text = (resources.files("kb.decisions") / "plan_measurement.json").read_text("utf-8")
    document: Mapping[str, Any] = json.loads(text)
    return document


def _rows(
    writer: PlanCheckWriter, check: PlanCheck, remarks: Sequence[Remark]
) -> Iterable[dict[str, Any]]:
    """Remarks as the API tells them, with their sentence in pieces."""
    for remark in remarks:
        pieces = sentence_pieces(check, remark)
        yield {**writer.remark(remark), "pieces": pieces}


def sentence_pieces(check: PlanCheck, remark: Remark) -> list[Piece]:
    """The sentence of a remark, with the words that triggered it marked."""
    if not remark.mentions:
        return []
    sentence = check.reading.sentences[remark.mentions[0].sentence]
    spans = sorted(
        (sentence.words[each.first].start, sentence.words[each.last - 1].end)
        for each in remark.mentions
        if each.sentence == sentence.number
    )
    pieces: list[Piece] = []
    place = sentence.start
    for start, end in spans:
        if end <= place:
            continue
        first = max(start, place)
        pieces.append(Piece(check.reading.text[place:first], is_marked=False))
        pieces.append(Piece(check.reading.text[first:end], is_marked=True))
        place = end
    pieces.append(Piece(check.reading.text[place : sentence.end], is_marked=False))
    return [piece for piece in pieces if piece.text]


def plan_pieces(check: PlanCheck) -> list[Piece]:
    """The whole plan, with the sentences marked that a shown remark is about."""
    numbers = {remark.mentions[0].sentence for remark in check.shown if remark.mentions}
    pieces: list[Piece] = []
    place = 0
    for number in sorted(numbers):
        sentence = check.reading.sentences[number]
        pieces.append(Piece(check.reading.text[place : sentence.start], is_marked=False))
        pieces.append(Piece(sentence.text, is_marked=True, anchor=f"zin-{sentence.start}"))
        place = sentence.end
    pieces.append(Piece(check.reading.text[place:], is_marked=False))
    return [piece for piece in pieces if piece.text]


def _selects(form: PlanForm) -> list[dict[str, Any]]:
    """The selects of the form, each with what can be chosen and what is."""
    return [
        {
            "name": name,
            "label": gettext(label),
            "terms": [(term.id, term.label(language())) for term in schemes()[scheme].in_order],
            "values": [*form.chosen.get(name, []), *[""] * number][:number],
        }
        for name, label, scheme, number in SELECTS
    ]


def _rule_rows() -> list[dict[str, Any]]:
    """Every rule with the words that it looks for, for who wants to see them."""
    document = rules().document
    rows: list[dict[str, Any]] = []
    for category, rule in document["pitfalls"].items():
        label = schemes()["pitfall-categories"].terms[category].label(language())
        words = [*rule["signals"], *rule["absent"]]
        rows.append({"id": rule["id"], "version": rule["version"], "label": label, "words": words})
    for domain, rule in document["effects"].items():
        label = schemes()["effect-domains"].terms[domain].label(language())
        words = [*rule["direct"], *rule["up"], *rule["down"]]
        rows.append({"id": rule["id"], "version": rule["version"], "label": label, "words": words})
    for question, rule in document["questions"].items():
        label = document["texts"]["questions"][question][language()]
        rows.append({"id": rule["id"], "version": rule["version"], "label": label, "words": []})
    return rows
