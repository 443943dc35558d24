"""Verdicts as the API tells them, with the numbers behind them and the findings behind those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from kb.evidence.summaries import Summary
from kb.evidence.verdicts import METHOD_VERSION, LaneVerdict, Verdict, Word, basis_of
from kb.search.service import ListRequest
from kb.vocabulary.terms import Language, lane_of, schemes, term
from kb.web.addresses import public_address
from kb.web.translation import gettext

Document = dict[str, Any]  # JSON


TOGETHER_FILTERS = ("ingredient", "strategy", "ownerPitfallCategory")  # of what was done in a case
ENOUGH = {Word.UNANIMOUS, Word.MOSTLY, Word.VARYING}  # words that say there is enough to go by


def chosen_lanes(parameters: Mapping[str, Any]) -> list[str]:
    """The lanes that filters leave, the strongest first; the others are not said to be empty."""
    lanes = list(schemes()["evidence-lanes"].terms)
    by_evidence = map(lane_of, parameters.get("evidence", ()))
    for chosen in filter(None, (set(parameters.get("lane", ())), set(by_evidence))):
        lanes = [lane for lane in lanes if lane in chosen]
    return lanes


def is_together(parameters: Mapping[str, Any]) -> bool:
    """Whether filters choose what merely went together with something in a case."""
    return any(parameters.get(name) for name in TOGETHER_FILTERS)


class SummaryWriter:
    """Writes down what findings say together, for one request.

    Where a filter chose what went together in a case, no word is better than “too few”.
    """

    def __init__(self, list_request: ListRequest) -> None:
        parameters = list_request.parameters
        self.language = list_request.language
        self.lanes = chosen_lanes(parameters)
        self._is_proof = not is_together(parameters)
        self._base = list_request.base
        self._terms: dict[tuple[str, str], Document] = {}  # by scheme and id
        self._directions: dict[LaneVerdict, list[Document]] = {}
        self._counts: dict[tuple[str, int], Document] = {}  # by direction and number
        self._queries: dict[tuple[str, ...], str] = {}  # without the filters of these names
        self._filters = [
            (name, str(each))
            for name, value in list_request.described_filters.items()
            for each in (value if isinstance(value, list) else [value])
        ]

    def term(self, scheme: str, term_id: str) -> Document:
        """A term as answers tell it."""
        key = scheme, term_id
        if key not in self._terms:
            self._terms[key] = {"id": term_id, "label": term(scheme, term_id).label(self.language)}
        return self._terms[key]

    def link(self, path: str, **chosen: str) -> Document:
        """An address with the filters of the request, these ids in the place of theirs."""
        query = self.filters_before(*chosen) + "&".join(map("=".join, chosen.items()))
        query = query if chosen else query.removesuffix("&")
        return {"href": f"{self._base}{path}{'?' if query else ''}{query}"}

    def filters_before(self, *chosen: str) -> str:
        """The filters of the request but for these, which follow them in a query."""
        if chosen not in self._queries:
            others = [pair for pair in self._filters if pair[0] not in chosen]
            self._queries[chosen] = f"{urlencode(others, quote_via=quote)}&" if others else ""
        return self._queries[chosen]

    def findings_link(self, **chosen: str) -> Document:
        """The list of the findings that the filters leave."""
        return self.link("/v1/findings", **chosen)

    def summary(self, summary: Summary, **chosen: str) -> Document:
        """A verdict with its numbers; `chosen` are the filters that give its findings."""
        return {
            **self.verdict(summary.verdict),
            "clusters": summary.clusters,
            "findings": summary.total_findings,
            "newestYear": summary.newest_year,
            "lanes": [
                self._lane(lane, findings, {**chosen, "lane": lane.lane})
                for lane, findings in zip(summary.verdict.lanes, summary.findings, strict=True)
                if lane.lane in self.lanes
            ],
        }

    def verdict(self, verdict: Verdict, *, is_proof: bool = True) -> Document:
        """The word over lanes, and the lane that it is of."""
        word = self.word(verdict.word, is_proof=is_proof)
        basis = basis_of(verdict, word)
        return {
            "verdict": self.term("verdicts", word),
            "basis": self.term("evidence-lanes", basis.lane) if basis else None,
        }

    def word(self, word: Word, *, is_proof: bool = True) -> Word:
        """The word of a verdict, no better than “too few” where it is no proof."""
        is_sound = (is_proof and self._is_proof) or word not in ENOUGH
        return word if is_sound else Word.TOO_FEW

    def _lane(self, lane: LaneVerdict, findings: int, chosen: Mapping[str, str]) -> Document:
        return {
            "lane": self.term("evidence-lanes", lane.lane),
            "verdict": self.term("verdicts", self.word(lane.word)),
            "clusters": lane.clusters,
            "findings": findings,
            "leading": [
                self.term("outcomes", each) for each in schemes()["outcomes"].terms
                if each in lane.leading
            ],
            "directions": [
                {**count, "_links": {"findings": self.findings_link(
                    **chosen, clusterDirection=count["direction"]["id"])}}
                for count in self.directions(lane)
            ],
            "_links": {"findings": self.findings_link(**chosen)},
        }  # fmt: skip

    def directions(self, lane: LaneVerdict) -> list[Document]:
        """How many clusters of a lane say each direction that any says, the divided ones too."""
        if lane not in self._directions:
            self._directions[lane] = [
                self._count(direction, number) for direction, number in lane.ordered_counts
            ]
        return self._directions[lane]

    def _count(self, direction: str, number: int) -> Document:
        """How many clusters say a direction; one document for all places that say the same."""
        key = direction, number
        if key not in self._counts:
            self._counts[key] = {"direction": self.term("outcomes", direction), "clusters": number}
        return self._counts[key]

    def sentence(self, summary: Summary) -> str:
        """The verdict and all counts, for people."""
        word = self.word(summary.verdict.word)
        parts = [f"{verdict_in_words(summary.verdict, word, self.language)}."]
        for lane in summary.verdict.lanes:
            if lane.lane not in self.lanes:
                continue
            counts = ", ".join(
                f"{each['clusters']} {each['direction']['label'].lower()}"
                for each in self.directions(lane)
            )
            label = self.term("evidence-lanes", lane.lane)["label"]
            parts.append(f"{label}: {counts or gettext('nothing found')}.")
        return " ".join(parts)


def verdict_in_words(verdict: Verdict, word: Word, language: Language) -> str:
    """A word with its direction and its lane, such as “Eensgezind negatief (Ervaring)”."""
    label = term("verdicts", word).label(language)
    lane = basis_of(verdict, word)
    if lane is None:
        return label
    side = f" {term('outcomes', lane.side).label(language).lower()}" if lane.side else ""
    return f"{label}{side} ({term('evidence-lanes', lane.lane).label(language)})"


def verdict_of(summary: Mapping[str, Any]) -> str:
    """The same of a summary that was written down."""
    label = str(summary["verdict"]["label"])
    if not summary["basis"]:
        return label
    side = ""
    if summary["verdict"]["id"] in {Word.UNANIMOUS, Word.MOSTLY}:
        [lane] = [each for each in summary["lanes"] if each["lane"] == summary["basis"]]
        side = f" {lane['leading'][0]['label'].lower()}"
    return f"{label}{side} ({summary['basis']['label']})"


def method() -> Document:
    """By which rules verdicts are made."""
    page = public_address("/werkwijze#oordelen")
    return {"version": METHOD_VERSION, "_links": {"html": {"href": page}}}
