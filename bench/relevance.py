"""How good are the answers: judged queries on this system, over HTTP, and on its peers.

    python -m bench.relevance [--worst 10] [--ablation] [--write docs/relevance.md]

There are three sets of judged queries: `judged_first.json`, of fifty, `judged_second.json`, of a
hundred in everyday words, whole questions, jargon, pitfalls and effects, and `judged_third.json`,
of a hundred of all kinds. Those who judged had read the content, and knew neither the code nor its
answers. Search is made better with the first two; the third is there to see what queries give that
nobody had before them, so read its totals alone. Scores, averaged over the queries of a set
and per kind: nDCG@10 (gain 2^grade - 1, discount log2(rank + 1)), success@3 (a grade 3 among the
first three) and MRR (of the first grade 2 or 3). All systems hold the cases and studies that the
judges knew (`collection` there): what came later was not judged, and would count as wrong. A query
that nothing answers scores 1 when nothing is found, or when the answer says that it dropped a word
or asks "did you mean". The peers are loaded with the same documents and search in the better of two
ways: all words and, at zero hits, any word; or any word at once.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple, get_args
from urllib.parse import urlencode
from urllib.request import urlopen

from bench.peers import PEERS
from bench.servers import served
from kb.database import Database
from kb.editors import seed, seed_files
from kb.editors.seed_files import SeedFiles
from kb.kinds import KINDS
from kb.migrations import steps
from kb.search.analysis.analyzer import Analyzer, Step
from kb.search.catch_up import rebuild
from kb.search.engine import SearchDocument, SearchEngine, SearchRequest
from kb.search.interpretation import search_unmeasured
from kb.search.whoosh_engine import WhooshEngine

DEVELOPMENT_SETS = ("first", "second")
SETS = (*DEVELOPMENT_SETS, "third")  # of judged queries


class Score(NamedTuple):
    """Of one query, or the mean of several."""

    ndcg: float
    success: float
    mrr: float


@dataclass(frozen=True)
class Judged:
    """A query, and the answers that practitioners expect of one list."""

    q: str
    kind: str
    target: str
    judgments: Mapping[str, int]  # grades 1 to 3 by id


class Answer(NamedTuple):
    """The first ids, and whether the answer is honest about a word that it could not meet."""

    ids: list[str]
    total: int
    explained: bool


Ask = Callable[[str, str], Answer]  # a query, a kind of thing


def judged(name: str = "first") -> list[Judged]:
    """The queries of a set."""
    return [
        Judged(each["q"], each["kind"], each["target"], each["judgments"])
        for each in _judgments(name)["queries"]
    ]


def judged_content(name: str) -> SeedFiles:
    """The first content, as far as the judges of a set knew it."""
    known = _judgments(name)["collection"]
    content = first_content()
    return replace(
        content,
        cases=[case for case in content.cases if case["slug"] in known["cases"]],
        studies=[study for study in content.studies if study["slug"] in known["studies"]],
    )


def first_content() -> SeedFiles:
    """All of `seed_data`."""
    return seed_files.read_folder(Path(str(resources.files("seed_data"))))


def _judgments(name: str) -> dict[str, Any]:
    file = resources.files("bench") / f"judged_{name}.json"
    judgments: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return judgments


def score(answer: Answer, of: Judged) -> Score:
    """What an answer is worth."""
    if of.kind == "none":
        good = float(answer.total == 0 or answer.explained)
        return Score(good, good, good)
    grades = [of.judgments.get(each, 0) for each in answer.ids[:10]]
    best = sorted(of.judgments.values(), reverse=True)[:10]
    first = next((rank for rank, grade in enumerate(grades, 1) if grade >= 2), None)
    return Score(_dcg(grades) / _dcg(best), float(3 in grades[:3]), 1 / first if first else 0.0)


def _dcg(grades: Iterable[int]) -> float:
    ranked = enumerate(grades, 1)
    return float(sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in ranked))


def per_kind(scores: Iterable[tuple[Judged, Score]]) -> dict[str, Score]:
    """The mean score of each kind, and of all."""
    kinds: dict[str, list[Score]] = defaultdict(list)
    for of, each in scores:
        kinds[of.kind].append(each)
        kinds["all"].append(each)
    return {
        kind: Score(*(sum(column) / len(several) for column in zip(*several, strict=True)))
        for kind, several in sorted(kinds.items())
    }


def run(ask: Ask, queries: list[Judged]) -> list[tuple[Judged, Score]]:
    """Ask every query."""
    return [(of, score(ask(of.q, of.target), of)) for of in queries]


def over_http(address: str) -> Ask:
    """Ask a running system."""

    def ask(q: str, target: str) -> Answer:
        query = urlencode({"q": q, "pageSize": 10, "fields": "title"})
        with urlopen(f"{address}/v1/{KINDS[target].collection}?{query}", timeout=10) as response:
            answer = json.load(response)
        interpretation = answer["query"]["interpretation"]
        return Answer(
            [item["id"] for item in answer["items"]],
            answer["page"]["totalItems"],
            bool(interpretation["dropped"] or interpretation["didYouMean"]),
        )

    return ask


def in_process(engine: SearchEngine) -> Ask:
    """Ask an engine, without rows and HTTP: for the ablation."""

    def ask(q: str, target: str) -> Answer:
        request = SearchRequest(types=(target,), limit=10)  # type: ignore[arg-type]
        interpretation, result = search_unmeasured(engine, request, q)
        assert interpretation is not None
        explained = bool(interpretation.dropped or interpretation.did_you_mean)
        return Answer([hit.id for hit in result.hits], result.total, explained)

    return ask


@contextmanager
def seeded(folder: Path, content: SeedFiles | None = None) -> Iterator[Database]:
    """A database with this content, or with the first content."""
    database = Database(f"sqlite:///{folder / 'kb.sqlite3'}")
    steps.upgrade(database)
    seed.seed(database, content or first_content())
    yield database
    database.dispose()


def all_documents(database: Database) -> list[SearchDocument]:
    """Everything that is searched, for the peers."""
    from kb.search.published import every_document

    with database.reading() as session:
        return list(every_document(session))


def ablation(database: Database, queries: list[Judged]) -> dict[str, Score]:
    """The score of the whole analysis, and of the analysis without each step in turn."""
    steps = get_args(Step)
    chains = {"whole chain": Analyzer()} | {f"without {step}": Analyzer([step]) for step in steps}
    scores = {}
    for name, analyzer in chains.items():
        with tempfile.TemporaryDirectory() as folder:
            engine = WhooshEngine(Path(folder) / "index", analyzer=analyzer)
            rebuild(database, engine)
            scores[name] = per_kind(run(in_process(engine), queries))["all"]
            engine.close()
    return scores


def table(columns: Mapping[str, Mapping[str, Score]]) -> list[str]:
    """Scores as a table in Markdown: a row per kind, a column per system."""
    kinds = next(iter(columns.values()))
    lines = ["| kind | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for kind in sorted(kinds, key=lambda kind: (kind == "all", kind)):
        cells = [
            f"{system[kind].ndcg:.2f} · {system[kind].success:.2f}" for system in columns.values()
        ]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return lines


def measured(name: str, options: argparse.Namespace) -> list[str]:
    """The tables of one set, in Markdown."""
    queries = judged(name)
    with (
        tempfile.TemporaryDirectory() as folder,
        seeded(Path(folder), judged_content(name)) as database,
    ):
        scores = _own_scores(Path(folder), queries)
        columns = {"this system": per_kind(scores)}
        if not options.no_peers:
            columns |= peer_scores(all_documents(database), queries)
        lines = ["nDCG@10 · success@3", "", *table(columns)]
        if options.ablation:
            lines += ["", "| chain | nDCG@10 | success@3 | MRR |", "|---|---|---|---|"]
            for part, each in ablation(database, queries).items():
                cells = f"{each.ndcg:.3f} | {each.success:.2f} | {each.mrr:.2f}"
                lines.append(f"| {part} | {cells} |")
    shown = options.worst if name in DEVELOPMENT_SETS else 0
    for of, each in sorted(scores, key=lambda pair: pair[1])[:shown]:
        print(f"{each.ndcg:.2f} {each.success:.0f}  {of.q}  ({of.kind}, {of.target})")
    return lines


def own_scores(name: str) -> dict[str, Score]:
    """What this system scores on a set, by kind."""
    with tempfile.TemporaryDirectory() as folder, seeded(Path(folder), judged_content(name)):
        return per_kind(_own_scores(Path(folder), judged(name)))


def _own_scores(folder: Path, queries: list[Judged]) -> list[tuple[Judged, Score]]:
    with served(folder) as port:
        return run(over_http(f"http://127.0.0.1:{port}"), queries)


def peer_scores(
    documents: list[SearchDocument], queries: list[Judged]
) -> dict[str, dict[str, Score]]:
    """What the peers score, each in the better of its ways."""
    columns = {}
    for peer in PEERS:
        with peer(documents) as asks:
            ways = [per_kind(run(ask, queries)) for ask in asks]
        columns[peer.__name__] = max(ways, key=lambda way: way["all"].ndcg)
    return columns


def main() -> None:
    """Score this system and its peers, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--worst", type=int, default=0, help="show the worst queries to learn from")
    parser.add_argument("--ablation", action="store_true", help="leave out each part of the chain")
    parser.add_argument("--no-peers", action="store_true", help="this system only")
    parser.add_argument("--write", type=Path, help="write the tables into this file")
    options = parser.parse_args()
    lines = []
    for name in SETS:
        tables = measured(name, options)
        lines += ["", f"## The {name} set: {len(judged(name))} queries", "", *tables]
        print("\n".join(lines[-len(tables) :]))
    if options.write:
        options.write.write_text(
            "# How good the answers are\n\nWritten by `python -m bench.relevance`, with the "
            "cases and studies that the judges of each set knew. Search was made better with the "
            "first two sets. Who wrote the third knew neither them nor the code, and nothing was "
            "fitted to it.\n" + "\n".join(lines) + "\n",
            "utf-8",
        )


if __name__ == "__main__":
    main()
