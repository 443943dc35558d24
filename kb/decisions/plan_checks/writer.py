"""A plan check as the API tells it; the texts of remarks stand with the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from kb.decisions.plan_checks.avoidances import avoidances, counted_pitfalls
from kb.decisions.plan_checks.case_table import CaseTable
from kb.decisions.plan_checks.counter_evidence import ADVERSE
from kb.decisions.plan_checks.plan_check import PlanCheck
from kb.decisions.plan_checks.queries import PitfallRow
from kb.decisions.plan_checks.reading import Mention, Reading, Status
from kb.decisions.plan_checks.remarks import Remark, RemarkKind, Unmet
from kb.decisions.plan_checks.rules import rules
from kb.kinds import CASE
from kb.search.term_names import paths_of
from kb.services import session
from kb.vocabulary.terms import Language, schemes
from kb.web.addresses import public_address

Document = dict[str, Any]  # JSON
MOST_LINKED = 50  # pitfalls: as many as a dossier has room for
MOST_TRIGGERS = 8  # words that are told of a remark
ABOUT = {  # by kind: the type of what it is about, the filter that takes it, its scheme
    RemarkKind.PITFALL: ("pitfallCategory", "pitfallCategory", "pitfall-categories"),
    RemarkKind.ABSENCE: ("ingredient", "ingredient", "ingredients"),
    RemarkKind.SIMILAR: ("case", "", ""),
    RemarkKind.COUNTER: ("effectDomain", "effectDomain", "effect-domains"),
    RemarkKind.QUESTION: ("planQuestion", "", ""),
}


class PlanCheckWriter:
    """Writes down one plan check."""

    def __init__(self, check: PlanCheck, cases: CaseTable, language: Language) -> None:
        self._check = check
        self._cases = cases
        self._language = language
        self._texts = rules().document["texts"]
        self._pitfalls = counted_pitfalls(session(), check)

    def document(self) -> Document:
        """The whole answer."""
        check = self._check
        return {
            "context": {
                "strategies": self._terms("strategies", check.context.strategies),
                "targetGroups": self._terms("target-groups", check.context.target_groups),
                "scale": self._term_or_none("scales", check.context.scale),
                "phase": self._term_or_none("phases", check.context.phase),
            },
            "comparable": {"basis": check.comparable.basis, "cases": len(check.comparable.cases)},
            "remarks": [self.remark(each) for each in check.shown],
            "folded": [self.remark(each) for each in check.folded],
            "lookedFor": [self._unmet(each) for each in check.unmet],
            "rulesVersion": rules().version,
        }

    def remark(self, remark: Remark) -> Document:
        """One remark, with the sentence and the words that it is made from."""
        reading = self._check.reading
        return {
            "kind": remark.kind,
            "about": self._about(remark.kind, remark.about),
            "strength": remark.strength,
            "sentence": _sentence(reading, remark.mentions),
            "trigger": _trigger(reading, remark.mentions),
            "rule": remark.rule.id,
            "ruleVersion": remark.rule.version,
            "reason": self._reason(remark),
            "cases": [
                {"id": each, "title": self._cases.by_id[each].title}
                for each in remark.cases
                if each in self._cases.by_id
            ],
            "avoidances": avoidances(self._pitfalls_of(remark)),
            "findings": list(remark.findings),
            "_links": self._links(remark),
        }

    def _pitfalls_of(self, remark: Remark) -> Sequence[PitfallRow]:
        """The pitfalls that its reason counts."""
        is_of_pitfall = remark.kind == RemarkKind.PITFALL
        return self._pitfalls.get(remark.about, ()) if is_of_pitfall else ()

    def _about(self, kind: RemarkKind, about: str) -> Document:
        type_, _, scheme = ABOUT[kind]
        if scheme:
            label = schemes()[scheme].terms[about].label(self._language)
        elif kind == RemarkKind.SIMILAR:
            label = self._cases.by_id[about].title
        else:
            label = self._texts["questions"][about][self._language]
        return {"type": type_, "id": about, "label": label}

    def _reason(self, remark: Remark) -> str:
        parts: list[str] = []
        match remark.kind:
            case RemarkKind.PITFALL:
                is_in_text = any(each.key.role != "needs" for each in remark.mentions)
                parts += [self._text("in-text")] if is_in_text else []
                parts += [self._share("cases", remark)] if remark.share else []
            case RemarkKind.ABSENCE:
                parts.append(self._share("absent", remark))
            case RemarkKind.SIMILAR:
                labels = [
                    schemes()[scheme].terms[each].label(self._language)
                    for scheme, terms in remark.shared
                    for each in terms
                ]
                parts.append(self._text("shared", shared=", ".join(labels)))
            case RemarkKind.COUNTER:
                parts.append(
                    self._text(
                        "counter",
                        verdict=self._text(f"verdict-{remark.verdict}"),
                        adverse=remark.adverse,
                        findings=remark.all_findings,
                    )
                )
                parts += [self._text("other-kind")] if remark.is_of_other_kind else []
            case RemarkKind.QUESTION:
                parts.append(self._text(remark.about))
        return " ".join(parts)

    def _share(self, name: str, remark: Remark) -> str:
        share = remark.share
        assert share is not None
        return self._text(
            name,
            count=share.count,
            comparable=share.comparable,
            othersWith=share.others_with,
            others=share.others,
        )

    def _text(self, name: str, **values: Any) -> str:
        text: str = self._texts["reasons"][name][self._language]
        return text % values if values else text

    def _links(self, remark: Remark) -> Document:
        """Where to read more; `rejections` takes “not so”."""
        _, parameter, _ = ABOUT[remark.kind]
        if remark.kind == RemarkKind.SIMILAR:
            api, page = f"/v1/{CASE.collection}/{remark.about}", f"{CASE.page_path}/{remark.about}"
        elif remark.kind == RemarkKind.QUESTION:
            reads = rules().document["questions"][remark.about]["reads"]
            api, page = paths_of(reads["parameter"], reads["term"])
        else:
            api, page = paths_of(parameter, remark.about)
        links = {"about": api, "html": page, "rejections": "/v1/plan-check-rejections"}
        pitfalls = self._pitfalls_of(remark)
        if 0 < len(pitfalls) <= MOST_LINKED:
            pairs = [("item", f"pitfall:{each.slug}") for each in pitfalls]
            links["pitfalls"] = f"/v1/dossiers?{urlencode(pairs, safe=':')}"
        if remark.kind == RemarkKind.COUNTER:
            pairs = [("effectDomain", remark.about)]
            pairs += [("effectDirection", each) for each in ADVERSE]
            links["findings"] = f"/v1/findings?{urlencode(pairs, quote_via=quote)}"
        return {name: {"href": public_address(path)} for name, path in links.items()}

    def _unmet(self, unmet: Unmet) -> Document:
        mention = unmet.mention
        return {
            "kind": unmet.kind,
            "about": self._about(unmet.kind, unmet.about),
            "rule": unmet.rule.id,
            "status": mention.status if mention else "absent",
            "sentence": _sentence(self._check.reading, [mention] if mention else []),
        }

    def _terms(self, scheme: str, ids: Iterable[str]) -> list[Document]:
        terms = schemes()[scheme].terms
        return [{"id": each, "label": terms[each].label(self._language)} for each in ids]

    def _term_or_none(self, scheme: str, slug: str | None) -> Document | None:
        return next(iter(self._terms(scheme, [slug] if slug else [])), None)


def _sentence(reading: Reading, mentions: Sequence[Mention]) -> Document | None:
    """The sentence of the first mention; None for what no words of the plan are about."""
    if not mentions:
        return None
    sentence = reading.sentences[mentions[0].sentence]
    return {"text": sentence.text, "start": sentence.start, "end": sentence.end}


def _trigger(reading: Reading, mentions: Sequence[Mention]) -> list[str]:
    """The words of the mentions, each once, those of the sentence that is shown first."""
    own = [each for each in mentions if each.sentence == mentions[0].sentence]
    others = [each for each in mentions if each.sentence != mentions[0].sentence]
    return list(dict.fromkeys(map(reading.words, [*own, *others])))[:MOST_TRIGGERS]


def statuses(language: Language) -> Mapping[str, str]:
    """What the statuses of mentions are called."""
    texts = rules().document["texts"]["statuses"]
    return {each.value: texts[each.value][language] for each in Status if each.value in texts}
