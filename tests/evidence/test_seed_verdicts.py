"""The verdicts on two effects in the first content, counted by hand in its files."""

from __future__ import annotations

import pytest

from tests.conftest import KnowledgeBase
from tests.evidence.records import FindingRecord, cluster_ids, finding_records, members, verdict_of


@pytest.fixture(scope="module")
def findings(seeded: KnowledgeBase) -> list[FindingRecord]:
    """All that is published."""
    return list(finding_records(seeded.engine.table("finding")))


class About:
    """The findings of one effect among all."""

    def __init__(self, findings: list[FindingRecord], domain: str) -> None:
        self.findings = [each for each in findings if each.domain == domain]
        self.others = [each for each in findings if each.domain != domain]
        self.verdict = verdict_of(self.findings, self.others)

    def owners(self, lane: str, direction: str) -> list[set[str]]:
        """Whose findings they are, by cluster."""
        clusters = members(self.findings, lane, self.others)[direction]
        return [{each.partition("--")[0] for each in ids} for ids in clusters]

    def count(self, lane: str) -> int:
        """How many findings there are."""
        return sum(each.lane == lane for each in self.findings)


def test_the_value_of_property(findings: list[FindingRecord]) -> None:
    about = About(findings, "vastgoedwaarde")

    assert about.owners("oorzakelijk", "positief") == [{"koster-krachtwijken-2014"}]
    assert about.owners("oorzakelijk", "geen-effect") == [{"loi-sru-frankrijk"}]
    assert about.owners("oorzakelijk", "negatief") == [
        {"droes-koster-2023"},
        {"koster-van-ommeren-2022"},  # in the cluster of the Rotterdamwet
        {"singapore-etnische-integratie"},
    ]
    assert about.owners("oorzakelijk", "verdeeld") == [
        {"blanco-neri-2023"},
        {"daams-2019"},
        {"lihtc-verenigde-staten", "diamond-mcquade-2019"},  # the case rests on the study
    ]
    assert about.count("oorzakelijk") == 13
    assert [lane.clusters for lane in about.verdict.lanes] == [8, 0, 0, 4]
    assert about.verdict.lanes[-1].counts == {"negatief": 2, "positief": 1, "gemengd": 1}
    assert [lane.word for lane in about.verdict.lanes] == [
        *("tegenstrijdig", "niet-onderzocht", "niet-onderzocht", "tegenstrijdig"),
    ]
    assert about.verdict.word == "tegenstrijdig"


def test_education(findings: list[FindingRecord]) -> None:
    about = About(findings, "onderwijs-en-ontwikkeling")

    assert about.owners("oorzakelijk", "positief") == [
        {"chetty-hope-vi-2026", "haltiwanger-2020"},  # the other is unclear
        {"montgomery-county-mpdu", "schwartz-2010"},
    ]
    assert about.owners("oorzakelijk", "geen-effect") == [{"oreopoulos-2002"}, {"weinhardt-2014"}]
    assert about.owners("oorzakelijk", "verdeeld") == [
        {"moving-to-opportunity", "chetty-2016", "kling-liebman-katz-2007"},
    ]
    assert about.count("oorzakelijk") == 11
    _, reviews, descriptive, experience = about.verdict.lanes
    assert reviews.counts == {"gemengd": 1, "onduidelijk": 1}
    assert descriptive.counts == {"positief": 2, "geen-effect": 1, "verdeeld": 1}
    assert experience.clusters == 0
    assert [lane.word for lane in about.verdict.lanes] == [
        *("wisselend", "te-weinig", "wisselend", "niet-onderzocht"),
    ]
    assert about.verdict.word == "lopen-uiteen"  # causal: as many without effect as positive


def test_a_news_article_about_two_programmes_is_two(findings: list[FindingRecord]) -> None:
    clusters = cluster_ids(findings)
    records = [each for each in clusters if each.startswith("nieuwland-schiedam--")]

    assert len({clusters[each] for each in records}) > 1
