"""Every answer is right or a 503 that says when to come back, and all is well again by itself."""

from __future__ import annotations

import pytest

from tests.cluster.nodes import Node
from tests.cluster.storm import RECOVERY_SECONDS, Storm
from tests.conftest import need

pytestmark = [pytest.mark.cluster, pytest.mark.slow]
LONGEST_SECONDS = 8  # that a list may keep a visitor waiting, on a busy machine
LONGEST_READING_SECONDS = 4


def test_a_data_node_is_killed(storm: Storm) -> None:
    node = storm.nodes.with_primary(storm.index)

    outcome = storm.fault("kill -9 of the node with the primary shard", node.kill, node.start)

    assert outcome.recovery < RECOVERY_SECONDS


def test_a_node_stands_still(storm: Storm) -> None:
    node = storm.nodes.with_primary(storm.index)

    outcome = storm.fault("kill -STOP of the node with the primary shard", node.stop, node.resume)

    assert outcome.recovery < RECOVERY_SECONDS


def test_a_node_is_cut_off_from_the_others_but_not_from_us(storm: Storm) -> None:
    network = storm.nodes.network
    need("namespaces", network is not None, "the right to make network namespaces")
    assert network is not None
    node = storm.nodes.with_primary(storm.index)

    outcome = storm.fault(
        "partition: the node with the primary shard alone",
        lambda: network.cut(node.number),
        lambda: network.mend(node.number),
    )

    assert outcome.recovery < RECOVERY_SECONDS


def test_most_nodes_stand_still(storm: Storm) -> None:
    nodes = storm.nodes.each[1:]

    outcome = storm.fault(
        "kill -STOP of two nodes of three",
        lambda: [*map(Node.stop, nodes)],
        lambda: [*map(Node.resume, nodes)],
        lasts=12,
    )

    assert outcome.refused
    assert outcome.recovery < RECOVERY_SECONDS


def test_the_only_copy_of_a_shard_is_gone(storm: Storm) -> None:
    storm.set_replicas(0)
    node = storm.nodes.with_primary(storm.index)

    outcome = storm.fault("red: no replicas, kill -9", node.kill, node.start, lasts=8)

    assert outcome.refused
    assert outcome.recovery < RECOVERY_SECONDS
    storm.set_replicas(1)


def test_the_cluster_has_no_memory_left(storm: Storm) -> None:
    outcome = storm.fault(
        "429: every circuit breaker open",
        lambda: storm.nodes.set(indices__breaker__total__limit="1%"),
        lambda: storm.nodes.set(indices__breaker__total__limit=None),
        lasts=8,
    )

    assert outcome.refused
    assert outcome.recovery < RECOVERY_SECONDS


def test_the_disks_are_full(storm: Storm) -> None:
    def need_free(space: str) -> None:
        stages = ("flood_stage", "high", "low")
        prefix = "cluster__routing__allocation__disk__"
        watermarks = {f"{prefix}watermark__{stage}": space for stage in stages}
        storm.nodes.set(**watermarks, **{f"{prefix}threshold_enabled": True})

    outcome = storm.fault(
        "disks full: flood stage", lambda: need_free("900tb"), lambda: need_free("1kb"), lasts=25
    )

    assert outcome.recovery < RECOVERY_SECONDS


def test_answers_are_slow(storm: Storm) -> None:
    def slow(seconds: float) -> None:
        for node in storm.nodes.each:
            node.proxy.delay = seconds

    outcome = storm.fault(
        "answers 3 s late, a crowd", lambda: slow(3), lambda: slow(0), lasts=10, crowd=True
    )

    assert outcome.refused
    assert outcome.longest < LONGEST_SECONDS
    assert outcome.longest_reading < LONGEST_READING_SECONDS
    assert outcome.recovery < RECOVERY_SECONDS


def test_answers_are_cut_off_halfway(storm: Storm) -> None:
    def cut(halfway: bool) -> None:
        for node in storm.nodes.each:
            node.proxy.cuts = halfway

    outcome = storm.fault("answers cut off halfway", lambda: cut(True), lambda: cut(False), lasts=8)

    assert outcome.refused
    assert outcome.recovery < RECOVERY_SECONDS


def test_answers_come_in_drops(storm: Storm) -> None:
    def drip(drips: bool) -> None:
        for node in storm.nodes.each:
            node.proxy.drips = drips

    outcome = storm.fault("answers in drops", lambda: drip(True), lambda: drip(False), lasts=10)

    assert outcome.refused
    assert outcome.longest < LONGEST_SECONDS
    assert outcome.recovery < RECOVERY_SECONDS
