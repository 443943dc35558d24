"""One publication and one programme have one voice."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.publications import publication_key
from tests.evidence.records import FindingRecord, a_record, cluster_ids, many, slow_cluster_ids
from tests.strategies import examples

SEVERAL = many()


@pytest.mark.parametrize(
    ("mentioned", "again"),
    [
        ("https://doi.org/10.1080/02673037.2010", "https://tandfonline.com/doi/10.1080/02673037.2010"),
        ("https://doi.org/10.1000/ABC", "http://dx.doi.org/10.1000%2Fabc"),
        ("https://www.scp.nl/wijk/", "http://scp.nl/wijk#samenvatting"),
        ("https://SCP.nl/wijk?id=3", "https://scp.nl/wijk?id=3"),
    ],
)  # fmt: skip
def test_one_publication_is_known_in_each_of_its_addresses(mentioned: str, again: str) -> None:
    assert publication_key(mentioned, "Wijk", 2010) == publication_key(again, "De wijk", None)


def test_publications_without_an_address_are_known_by_title_and_year() -> None:
    key = publication_key(None, "Één  wijk", 2010)

    assert key == publication_key("", "een wijk", 2010)
    assert key != publication_key(None, "een wijk", 2011)
    assert publication_key("https://scp.nl/a?id=3", "", 1) != publication_key(
        "https://scp.nl/a?id=4", "", 1
    )


def test_a_case_and_the_study_of_its_source_are_one_cluster() -> None:
    case = a_record("a", "ervaring", "positief", publication="url:scp.nl", case="tuin")
    elsewhere = a_record("b", "ervaring", "positief", publication="url:krant.nl", case="tuin")
    study = a_record("c", "oorzakelijk", "negatief", publication="url:scp.nl")
    other = a_record("d", "oorzakelijk", "negatief")

    assert cluster_ids([other, study, elsewhere, case]) == dict(zip("abcd", "aaad", strict=True))


def test_a_finding_has_its_own_programme_before_that_of_who_tells_it() -> None:
    others = a_record("b", "oorzakelijk", "positief", publication="x", case="mto")
    own = replace(others, id="a", programme="gautreaux")
    study = a_record("c", "oorzakelijk", "positief", owner_programme="gautreaux")

    assert cluster_ids([own, others, study]) == {"a": "a", "b": "b", "c": "a"}


def test_a_programme_may_have_the_id_of_its_case() -> None:
    case = a_record("a", "ervaring", "positief", case="hoogvliet")
    study = a_record("b", "oorzakelijk", "positief", owner_programme="hoogvliet")

    assert cluster_ids([case, study]) == {"a": "a", "b": "a"}


def test_a_review_that_is_covered_by_another_is_not_counted_beside_it() -> None:
    review = a_record("a", "samenvattend", "positief", covers=frozenset({"study:old", "study:s"}))
    old = a_record("b", "samenvattend", "positief", publication="study:old")
    apart = a_record("c", "samenvattend", "negatief", covers=frozenset({"study:s"}))
    studies = [
        a_record("s", "oorzakelijk", "negatief", publication="study:s"),
        a_record("t", "oorzakelijk", "negatief", publication="study:t"),
    ]

    clusters = cluster_ids([review, old, apart, *studies])

    assert clusters == {"a": "a", "b": "a", "c": "c", "s": "s", "t": "t"}


def test_a_review_does_not_make_one_of_the_cases_that_cite_it() -> None:
    cited = [
        a_record(f"{case}-cited", "samenvattend", "positief", publication="url:review", case=case)
        for case in "ab"
    ]
    measured = [a_record(f"{case}-own", "beschrijvend", "positief", case=case) for case in "ab"]

    clusters = cluster_ids([*cited, *measured])

    assert clusters["a-cited"] == clusters["b-cited"]
    assert clusters["a-own"] != clusters["b-own"]


@given(SEVERAL)
@examples(80)
def test_what_shares_a_publication_case_or_programme_never_counts_twice(
    findings: list[FindingRecord],
) -> None:
    clusters = cluster_ids(findings)

    assert clusters.keys() == {each.id for each in findings}
    for one, other in combinations(findings, 2):
        same_programme = _programme(one) is not None and _programme(one) == _programme(other)
        same_text = one.publication & other.publication and not (one.programme or other.programme)
        if same_programme or same_text:
            assert clusters[one.id] == clusters[other.id]


def _programme(finding: FindingRecord) -> str | None:
    """The programme that a finding is of, read from the rules once more."""
    if finding.programme:
        return finding.programme
    if finding.case and finding.lane == "samenvattend":
        return None  # the case cites a review of many
    return finding.owner_programme or finding.case


@given(SEVERAL, st.randoms(use_true_random=False))
@examples(100)
def test_order_and_repetition_change_no_cluster(
    findings: list[FindingRecord], random: Random
) -> None:
    shuffled = [*findings, *findings[::2]]
    random.shuffle(shuffled)

    assert cluster_ids(shuffled) == cluster_ids(findings)


@given(SEVERAL)
@examples(100)
def test_a_cluster_is_named_after_the_first_finding_in_it(findings: list[FindingRecord]) -> None:
    clusters = cluster_ids(findings)

    for finding_id, name in clusters.items():
        assert clusters[name] == name <= finding_id


@given(SEVERAL)
@examples(100)
def test_clusters_are_those_of_going_from_finding_to_finding(
    findings: list[FindingRecord],
) -> None:
    assert cluster_ids(findings) == slow_cluster_ids(findings)


def test_a_long_chain_of_texts_is_one_cluster() -> None:
    chain = [
        replace(
            a_record(f"f{n:03}", "ervaring", "positief"),
            publication=frozenset({str(n), str(n + 1)}),
        )
        for n in range(300)
    ]
    shuffled = Random(4).sample(chain, len(chain))

    assert set(cluster_ids(shuffled).values()) == {"f000"}
