#!/usr/bin/env python3
"""Measure embeddings on real text: ingest, searches by the index, recall, filters, on a throwaway server.

usage: benches/embeddings.py --corpus FOLDER [--binary PATH] [--seconds N] [--rounds N] [--import-bytes N]

FOLDER is what benches/corpus.py has made. pgbench runs the server's SQL, psql a binary COPY of the same rows, on the same
PostgreSQL. AGENTDATA_POSTGRES_BIN names the directory of PostgreSQL's programs. The table is Markdown, on standard output.
"""

import argparse
import collections
import json
import sys
import time
import uuid
from pathlib import Path

import report
import search
from load import Pgbench, Run, wrk
from report import Goal, median, print_row
from search import K
from server import Failure, Server, parser, running, say

SCOPES = "agents:write datasets:read datasets:write embeddings:read embeddings:write"
CONNECTIONS = 16
OTHERS = 1_000
OTHER_EMBEDDINGS = 50


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("--corpus", required=True, type=Path)
    arguments.add_argument("--seconds", default=10, type=int, help="length of each measurement (default 10)")
    arguments.add_argument(
        "--import-bytes", default=1_000_000_000, type=int, help="bytes of the large import (default 1 GB)"
    )
    arguments.add_argument("--rounds", default=3, type=int, help="how often pgbench has its turn (default 3)")
    args = arguments.parse_args()
    # The index is built when the bench says so, so that it does not meet the ingest by chance.
    with running(args.binary, SCOPES, AGENTDATA_INDEX_THRESHOLD="1000000000") as server:
        measure(server, args)
    return 0


def measure(server: Server, args: argparse.Namespace) -> None:
    agent = server.call("POST", "/agents", {"name": "embeddings"})["id"]
    corpus = (args.corpus / "glosses.ndjson").read_bytes()
    queries = [json.loads(line) for line in (args.corpus / "queries.ndjson").read_text(encoding="utf-8").splitlines()]
    vectors = [query["embedding"] for query in queries]
    count = corpus.count(b"\n")

    dataset = new_dataset(server, agent, "glosses")
    rows = ingest(server, dataset, corpus)
    copied = copy(server, dataset, count)
    rows_by_batch = ingest_by_batches(server, new_dataset(server, agent, "batches"), corpus)
    built = build(server, agent, dataset)
    server.sql("VACUUM ANALYZE embeddings")
    exact = found(server, dataset, vectors, exact=True)
    by_index = found(server, dataset, vectors)
    filter_, kept = one_percent(corpus)
    filtered_exact = found(server, dataset, vectors, exact=True, filter=filter_)
    filtered = found(server, dataset, vectors, filter=filter_)
    if min(len(some) for some in filtered) < K:
        raise Failure("a search with a filter found fewer than there are")
    keeps = f"with a filter that keeps {100 * kept / count:.1f} %"
    recalls = {"by the index": recall(by_index, exact), keeps: recall(filtered, filtered_exact), "exact": 1}

    path = f"/datasets/{dataset}/embeddings/search"
    by_vector = search.bodies(server.home / "vectors", vectors)
    statement = search.statement(server, dataset, vectors[: search.ASKED])
    peers = {name: Pgbench(server, statement, protocol=name) for name in ("extended", "prepared")}
    peer_runs: dict[str, list[Run]] = {name: [] for name in peers}
    runs: dict[str, list[Run]] = {"by the index": []}
    for _ in range(args.rounds):
        runs["by the index"].append(wrk(server, CONNECTIONS, args.seconds, path, by_vector))
        for name, peer in peers.items():
            peer_runs[name].append(peer.run(CONNECTIONS, args.seconds))
    for what, more in {
        keeps: {"filter": filter_},
        "by the words of a text": {"mode": "text"},
        "hybrid": {"mode": "hybrid"},
        "exact": {"exact": True},
    }.items():
        bodies = asked(server.home / "bodies", queries, more)
        runs[what] = [wrk(server, 2 if what == "exact" else CONNECTIONS, args.seconds, path, bodies)]
    errors = sum(run.errors for some in runs.values() for run in some)
    if errors:
        raise Failure(f"{errors} searches failed")
    alone = wrk(server, 1, args.seconds, path, by_vector)
    others(server, agent)
    among = wrk(server, 1, args.seconds, path, by_vector)
    server.forget_peak()
    before = server.resident_mib()
    imported = large_import(server, new_dataset(server, agent, "large"), corpus, args.import_bytes)
    after = server.peak_mib()

    print(f"{count:,} glosses of WordNet, all-MiniLM-L6-v2; {len(queries):,} queries that are not among them.\n")
    print_row(["ingest", "rows/s", "of a binary COPY"])
    print("|---|--:|--:|")
    print_row(["`import_embeddings`, one stream", f"{rows:,.0f}", f"{rows / copied:.2f}"])
    print_row(
        [
            "`create_embeddings`, 500 at a time, 4 connections",
            f"{rows_by_batch:,.0f}",
            f"{rows_by_batch / copied:.2f}",
        ]
    )
    print_row(["`COPY … BINARY` into a table of the same columns and key", f"{copied:,.0f}", ""])
    print()
    print_row([f"search, k = {K}", "connections", "queries/s", "p50 ms", "p99 ms", f"recall@{K}"])
    print("|---|--:|--:|--:|--:|--:|")
    for what, some in runs.items():
        recalled = f"{recalls[what]:.4g}" if what in recalls else ""
        times = [f"{median(some, name):.2f}" for name in ("p50", "p99")]
        print_row([what, 2 if what == "exact" else CONNECTIONS, f"{median(some, 'rate'):,.0f}", *times, recalled])
    for name, some in peer_runs.items():
        print_row([f"pgbench, the same SQL ({name})", CONNECTIONS, f"{median(some, 'rate'):,.0f}", "", "", ""])
    print(f"\n{report.machine(server)}; {args.seconds} s each.\n")
    print(f"The index was built in {built:.1f} s. p50 at 1 connection: {alone.p50:.2f} ms alone,")
    print(f"{among.p50:.2f} ms beside {OTHERS:,} other datasets, {among.p50 / alone.p50:.2f} of it.")
    print(f"An import of {args.import_bytes / 1e9:.1f} GB: {imported:,.0f} rows/s; memory {before:.0f} MiB before,")
    print(f"{after:.0f} MiB at its peak.\n")
    report.goals(
        [
            Goal(
                f"search by the index, of pgbench ({name})",
                0.9,
                [run.rate / peer.rate for run, peer in zip(runs["by the index"], some, strict=True)],
            )
            for name, some in peer_runs.items()
        ]
    )


def new_dataset(server: Server, agent: str, name: str) -> str:
    body = {"name": name, "language": "english", "embedding_model": "all-MiniLM-L6-v2"}
    return server.call("POST", f"/agents/{agent}/datasets", body)["id"]


def ingest(server: Server, dataset: str, lines) -> float:
    server.sql("CHECKPOINT")
    began = time.monotonic()
    answer = server.call("POST", f"/datasets/{dataset}/embeddings/import", lines, "application/x-ndjson")
    seconds = time.monotonic() - began
    say(f"  imported {answer} in {seconds:.1f} s")
    return answer["stored"] / seconds


def ingest_by_batches(server: Server, dataset: str, corpus: bytes) -> float:
    """By wrk, each of its connections with the rows of its own; ids are made by the server."""
    lines = [json.loads(line) for line in corpus.splitlines()[:20_000]]
    for line in lines:
        del line["id"]
    file = server.home / "bodies"
    with file.open("w") as bodies:
        for n in range(0, len(lines), 500):
            bodies.write(json.dumps({"items": lines[n : n + 500]}, separators=(",", ":")) + "\n")
    server.sql("CHECKPOINT")
    run = wrk(server, 4, 10, f"/datasets/{dataset}/embeddings", file, items=500)
    if run.errors:
        raise Failure(f"{run.errors} batches failed")
    return run.rate


def copy(server: Server, dataset: str, count: int) -> float:
    """Rows a second of a binary COPY from a file, into a table like ours."""
    file = server.home / "rows"
    server.sql("CREATE TABLE copied (LIKE embeddings INCLUDING ALL) PARTITION BY HASH (dataset_id)")
    server.sql("CREATE TABLE copied_0 PARTITION OF copied FOR VALUES WITH (MODULUS 1, REMAINDER 0)")
    server.postgres(
        "psql", "-Xqc", rf"\copy (SELECT * FROM embeddings WHERE dataset_id = '{dataset}') TO '{file}' (FORMAT binary)"
    )
    server.sql("CHECKPOINT")
    began = time.monotonic()
    server.postgres("psql", "-Xqc", rf"\copy copied FROM '{file}' (FORMAT binary)")
    seconds = time.monotonic() - began
    server.sql("DROP TABLE copied")
    file.unlink()
    say(f"  copied in {seconds:.1f} s")
    return count / seconds


def build(server: Server, agent: str, dataset: str) -> float:
    """How long the graph took, which is the first of the indexes."""
    began = time.time()
    search.index(server, agent, dataset)
    built = server.sql(
        f"SELECT extract(epoch FROM index_built_at - to_timestamp({began})) FROM datasets WHERE id = '{dataset}'"
    )
    say(f"  built the graph in {built} s, all in {time.time() - began:.1f} s")
    return float(built)


def found(server: Server, dataset: str, vectors: list[str], **more) -> list:
    """The ids that each query finds, and how far they are."""
    items = []
    for n in range(0, len(vectors), 50):
        body = {"queries": [{"vector": vector, "k": K, **more} for vector in vectors[n : n + 50]]}
        answer = server.call("POST", f"/datasets/{dataset}/embeddings/search/batch", body)
        items += [[(item["id"], item["distance"]) for item in result["items"]] for result in answer["results"]]
    return items


def recall(found: list, exact: list) -> float:
    """Of several at one distance any is as good."""
    right = 0
    for some, all_ in zip(found, exact, strict=True):
        farthest = all_[-1][1] + 1e-6
        right += sum(distance <= farthest for _, distance in some)
    return right / sum(len(all_) for all_ in exact)


def one_percent(corpus: bytes) -> tuple[dict, int]:
    """The lexicographer file whose share of the glosses is nearest to 1 %."""
    files = collections.Counter(json.loads(line)["metadata"]["file"] for line in corpus.splitlines())
    total = sum(files.values())
    file = min(files, key=lambda file: abs(files[file] - total / 100))
    return {"path": "/file", "eq": file}, files[file]


def asked(file: Path, queries: list, more: dict) -> Path:
    with file.open("w") as bodies:
        for query in queries:
            body = {"k": K, **more}
            if more.get("mode") != "text":
                body["vector"] = query["embedding"]
            if more.get("mode"):
                body["text"] = query["content"].split(": ", 1)[1][:100]
            bodies.write(json.dumps(body) + "\n")
    return file


def others(server: Server, agent: str) -> None:
    """Other datasets, in all partitions."""
    server.sql(
        "INSERT INTO datasets SELECT tenant_id, gen_random_uuid(), agent_id, 'other-' || n, NULL, '{}', 384, 'cosine', NULL,"
        f" 'simple', {OTHER_EMBEDDINGS}, 'exact', NULL, false, 0, 1, now(), now(), NULL"
        f" FROM datasets, generate_series(1, {OTHERS}) AS n WHERE name = 'glosses'"
    )
    server.sql(
        "INSERT INTO embeddings SELECT d.tenant_id, d.id, gen_random_uuid(), e.content, e.metadata, e.embedding,"
        " e.content_bytes, 1, now(), now() FROM datasets AS d CROSS JOIN (SELECT * FROM embeddings LIMIT"
        f" {OTHER_EMBEDDINGS}) AS e WHERE d.name LIKE 'other-%'"
    )
    server.sql("VACUUM ANALYZE embeddings, datasets")


def large_import(server: Server, dataset: str, corpus: bytes, size: int) -> float:
    """The corpus again and again, with other ids, as a stream."""
    lines = [json.loads(line) for line in corpus.splitlines()]
    count = 0

    def pieces():
        nonlocal count
        sent = 0
        while sent < size:
            for n in range(0, len(lines), 200):
                piece = bytearray()
                for line in lines[n : n + 200]:
                    line["id"] = str(uuid.UUID(int=count))
                    piece += json.dumps(line, separators=(",", ":")).encode() + b"\n"
                    count += 1
                sent += len(piece)
                yield bytes(piece)
                if sent >= size:
                    return

    rate = ingest(server, dataset, pieces())
    stored = int(server.sql(f"SELECT count(*) FROM embeddings WHERE dataset_id = '{dataset}'"))
    if stored != count:
        raise Failure(f"{count} rows were sent, {stored} are stored")
    return rate


if __name__ == "__main__":
    sys.exit(main())
