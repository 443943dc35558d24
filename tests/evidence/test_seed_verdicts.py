"""The verdicts on two effects in the first content, counted by hand in its files."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kb.evidence.clusters import FindingRecord, cluster_ids
from kb.evidence.queries import finding_records
from kb.evidence.verdicts import LaneVerdict, Verdict, verdict
from tests.conftest import KnowledgeBase


@pytest.fixture(scope="module")
def findings(seeded: KnowledgeBase) -> list[FindingRecord]:
    """All that is published."""
    with seeded.database.transaction() as session:
        return list(finding_records(session))


@pytest.fixture(scope="module")
def clusters(findings: list[FindingRecord]) -> Mapping[str, str]:
    return cluster_ids(findings)


def on(findings: list[FindingRecord], clusters: Mapping[str, str], domain: str) -> Verdict:
    return verdict((each for each in findings if each.domain == domain), clusters)


def owners(lane: LaneVerdict, direction: str) -> list[set[str]]:
    """Whose findings they are, by cluster."""
    return [
        {each.partition("--")[0] for each in voice.findings} for voice in lane.voices_of(direction)
    ]


def test_the_value_of_property(findings: list[FindingRecord], clusters: Mapping[str, str]) -> None:
    over_lanes = on(findings, clusters, "vastgoedwaarde")

    causal, reviews, descriptive, experience = over_lanes.lanes
    assert owners(causal, "positief") == [{"koster-krachtwijken-2014"}]
    assert owners(causal, "geen-effect") == [{"loi-sru-frankrijk"}]
    assert owners(causal, "negatief") == [
        {"droes-koster-2023"},
        {"koster-van-ommeren-2022"},  # in the cluster of the Rotterdamwet
        {"singapore-etnische-integratie"},
    ]
    assert owners(causal, "verdeeld") == [
        {"blanco-neri-2023"},
        {"daams-2019"},
        {"lihtc-verenigde-staten", "diamond-mcquade-2019"},  # the case rests on the study
    ]
    assert sum(len(voice.findings) for voice in causal.voices) == 13
    assert (reviews.voices, descriptive.voices) == ((), ())
    assert experience.counts == {"negatief": 2, "positief": 1, "gemengd": 1}
    assert [lane.word for lane in over_lanes.lanes] == [
        *("tegenstrijdig", "niet-onderzocht", "niet-onderzocht", "tegenstrijdig"),
    ]
    assert over_lanes.word == "tegenstrijdig"


def test_education(findings: list[FindingRecord], clusters: Mapping[str, str]) -> None:
    over_lanes = on(findings, clusters, "onderwijs-en-ontwikkeling")

    causal, reviews, descriptive, experience = over_lanes.lanes
    assert owners(causal, "positief") == [
        {"chetty-hope-vi-2026", "haltiwanger-2020"},  # the other is unclear
        {"montgomery-county-mpdu", "schwartz-2010"},
    ]
    assert owners(causal, "geen-effect") == [{"oreopoulos-2002"}, {"weinhardt-2014"}]
    assert owners(causal, "verdeeld") == [
        {"moving-to-opportunity", "chetty-2016", "kling-liebman-katz-2007"},
    ]
    assert sum(len(voice.findings) for voice in causal.voices) == 11
    assert reviews.counts == {"gemengd": 1, "onduidelijk": 1}
    assert descriptive.counts == {"positief": 2, "geen-effect": 1, "verdeeld": 1}
    assert experience.voices == ()
    assert [lane.word for lane in over_lanes.lanes] == [
        *("wisselend", "te-weinig", "wisselend", "niet-onderzocht"),
    ]
    assert over_lanes.word == "lopen-uiteen"  # causal: as many without effect as positive


def test_a_news_article_about_two_programmes_is_two(clusters: Mapping[str, str]) -> None:
    records = [each for each in clusters if each.startswith("nieuwland-schiedam--")]

    assert len({clusters[each] for each in records}) > 1
