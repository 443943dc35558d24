"""Three nodes of OpenSearch, each a process of its own that can be killed, stopped and cut off."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import urllib3

from tests.cluster import network
from tests.cluster.proxy import Proxy
from tests.opensearch import node as one_node

SIZE = 3
HTTP_PORT, TRANSPORT_PORT = 9200, 9300
START_SECONDS = 180  # on a busy machine
SETTINGS = {
    "discovery.type": "zen",
    # look that often whether disks are full, and take back what full ones refused
    "cluster.info.update.interval": "10s",
    "cluster.routing.allocation.disk.reroute_interval": "5s",
    # what docs/operating.md asks of a cluster, so that a silent node is taken for gone in time
    "cluster.fault_detection.follower_check.timeout": "5s",
    "cluster.fault_detection.follower_check.retry_count": "2",
    "cluster.fault_detection.leader_check.timeout": "5s",
    "cluster.fault_detection.leader_check.retry_count": "2",
    "cluster.publish.timeout": "5s",
    "transport.connect_timeout": "3s",
}


@dataclass
class Node:
    """One node, its folder and the way to it."""

    number: int
    home: Path
    command: list[str]
    host: str
    port: int
    process: subprocess.Popen[bytes] | None = None
    proxy: Proxy = field(init=False)

    def __post_init__(self) -> None:
        self.proxy = Proxy(self.host, self.port)

    @property
    def name(self) -> str:
        """As the cluster knows it."""
        return f"n{self.number}"

    def start(self) -> None:
        """Start it on what it has; it answers some seconds later."""
        console = (self.home.parent / f"{self.name}.console").open("ab")
        with console:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.proxy.open()

    def kill(self) -> None:
        """End it at once, as a machine that loses its power."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.proxy.close()

    def stop(self) -> None:
        """Let it stand still, with its connections open."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


@dataclass
class Nodes:
    """The cluster, as its operator sees it."""

    each: list[Node]
    network: network.Network | None  # without one a node cannot be cut off
    http: urllib3.PoolManager

    @property
    def urls(self) -> str:
        """The setting with the addresses of all."""
        return "; ".join(node.proxy.url for node in self.each)

    def ask(self, method: str, path: str, body: Any = None, *, of: Node | None = None) -> Any:
        """The answer of a node to its operator; of the first that answers, when none is named."""
        nodes = [of] if of else [each for each in self.each if not each.proxy.is_closed]
        for node in nodes:
            url = f"http://{node.host}:{node.port}{path}"
            try:
                answer = self.http.request(method, url, json=body, timeout=10)
            except urllib3.exceptions.HTTPError:
                if node is nodes[-1]:
                    raise
            else:
                assert answer.status < 400, answer.data
                return answer.json()
        raise AssertionError("no node is alive")

    def set(self, **settings: Any) -> None:
        """Change settings of the cluster, with `__` for each dot; None takes one back."""
        named = {name.replace("__", "."): value for name, value in settings.items()}
        self.ask("PUT", "/_cluster/settings", {"transient": named})

    def with_primary(self, index: str) -> Node:
        """The node that has the first shard of an index and is written to."""
        shards = self.ask("GET", f"/_cat/shards/{index}?format=json")
        name = next(each["node"] for each in shards if each["prirep"] == "p")
        return next(each for each in self.each if each.name == name)

    def manager(self) -> Node:
        """The node that manages the cluster."""
        name = self.ask("GET", "/_cat/cluster_manager?format=json")[0]["node"]
        return next(each for each in self.each if each.name == name)

    def report(self) -> str:
        """How it is, for who has to find out why."""
        paths = ("/_cat/nodes?format=json", "/_cat/shards?format=json", "/_cluster/health")
        lines = [str(self.ask("GET", path)) for path in paths]
        for console in self.each[0].home.parent.glob("*.console"):
            text = console.read_text("utf-8").splitlines()
            lines += [f"{console.stem} {line[:300]}" for line in text if line.startswith("[")][-25:]
        return "\n".join(lines)

    def is_whole(self) -> bool:
        """Whether all nodes are there, with all copies of all shards, and an index can be made.

        After full disks that last stays refused for a while.
        """
        try:
            health = self.ask("GET", "/_cluster/health")
            blocks = self.ask("GET", "/_cluster/state/blocks")["blocks"]
        except (urllib3.exceptions.HTTPError, AssertionError):
            return False
        has_all = health["status"] == "green" and health["number_of_nodes"] == len(self.each)
        return bool(has_all and "global" not in blocks)


@contextmanager
def three_nodes() -> Iterator[Nodes]:
    """A cluster of three; it ends with the block."""
    parts = one_node.parts()
    folder = Path(mkdtemp(prefix="kb-cluster-"))
    classes = folder / "classes"
    source = one_node.HERE / "TestNode.java"
    subprocess.run(["javac", "-cp", f"{parts}/*", "-d", str(classes), str(source)], check=True)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        net = stack.enter_context(network.network(SIZE)) if network.is_permitted() else None
        http = stack.enter_context(urllib3.PoolManager(retries=False))
        java = ["java", *one_node.JAVA_OPTIONS, "-cp", f"{classes}:{parts}/*", "TestNode"]
        nodes = Nodes(
            [_node(number, folder, java, net) for number in range(1, SIZE + 1)], net, http
        )
        for node in nodes.each:
            stack.callback(_end, node)
            node.start()
        end = time.monotonic() + START_SECONDS
        while not nodes.is_whole():
            consoles = "\n".join(each.read_text() for each in folder.glob("*.console"))
            assert time.monotonic() < end, consoles[-3000:]
            time.sleep(0.5)
        yield nodes


def _node(number: int, folder: Path, java: list[str], net: network.Network | None) -> Node:
    host, transport, port = "127.0.0.1", "127.0.0.1", HTTP_PORT
    transports = [f"127.0.0.1:{TRANSPORT_PORT + each}" for each in range(1, SIZE + 1)]
    if net:
        host, transport = f"{network.OURS}.{number}", f"{network.THEIRS}.{number}"
        transports = [f"{network.THEIRS}.{each}:{TRANSPORT_PORT}" for each in range(1, SIZE + 1)]
    else:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    home = folder / f"n{number}"
    settings = SETTINGS | {
        "node.name": home.name,
        "http.host": host,
        "transport.host": transport,
        "transport.port": transports[number - 1].rpartition(":")[2],
        "discovery.seed_hosts": ",".join(transports),
        "cluster.initial_cluster_manager_nodes": ",".join(f"n{n}" for n in range(1, SIZE + 1)),
    }
    words = [f"{name}={text}" for name, text in settings.items()]
    prefix = net.command(number) if net else []
    return Node(
        number, home, [*prefix, *java, str(home), str(port), str(os.getpid()), *words], host, port
    )


def _end(node: Node) -> None:
    if node.process is not None:
        node.process.kill()
        node.process.wait()
    node.proxy.end()
