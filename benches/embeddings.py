#!/usr/bin/env python3
"""Measure embeddings on real text: ingest, searches by the index, recall, filters, on a throwaway server.

usage: benches/embeddings.py --corpus FOLDER [--binary PATH] [--seconds N] [--import-bytes N]

FOLDER is what benches/corpus.py has made. pgbench runs the server's SQL, psql a binary COPY of the same rows, on the same
PostgreSQL. AGENTDATA_POSTGRES_BIN names the directory of PostgreSQL's programs. The table is Markdown, on standard output.
"""

import argparse
import base64
import collections
import http.client
import json
import os
import shutil
import struct
import sys
import tempfile
import time
import uuid
from pathlib import Path

import bench
import with_server
from bench import HERE, Server, say

K = 10
CONNECTIONS = 16
OTHERS = 1_000
OTHER_EMBEDDINGS = 50
# So many different statements does pgbench take turns with.
STATEMENTS = 100


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True, type=Path)
    parser.add_argument("--binary", default="target/release/agentdata", type=Path)
    parser.add_argument("--seconds", default=10, type=int, help="length of each measurement (default 10)")
    parser.add_argument(
        "--import-bytes", default=1_000_000_000, type=int, help="bytes of the large import (default 1 GB)"
    )
    args = parser.parse_args()
    bench.ensure_wrk()
    home = Path(tempfile.mkdtemp(prefix="ad-", dir="/var/tmp"))
    home.chmod(0o755)
    keep = ("AGENTDATA_POSTGRES_BIN",)
    env = {k: v for k, v in os.environ.items() if k in keep or not k.startswith(("AGENTDATA_", "DATABASE_"))}
    port = with_server.free_port()
    # The index is built when the bench says so, so that it does not meet the ingest by chance.
    env |= {
        "AGENTDATA_HOME": str(home),
        "AGENTDATA_LISTEN": f"127.0.0.1:{port}",
        "AGENTDATA_INDEX_THRESHOLD": "1000000000",
    }
    binary = args.binary.resolve()
    server = Server(binary, home, port, env, bench.start(binary, env, home))
    try:
        with_server.wait_until_ready(server.process, server.url)
        measure(server, args)
        return 0
    except with_server.Failure as error:
        print(f"embeddings: {error}", file=sys.stderr)
        return 1
    finally:
        if server.process.poll() is None:
            with_server.stop(server.process)
        bench.stop_postgres(home)
        shutil.rmtree(home, ignore_errors=True)


def measure(server: Server, args: argparse.Namespace) -> None:
    scopes = "agents:write datasets:read datasets:write embeddings:read embeddings:write"
    with_server.cli(server.binary, server.env, "client", "create", "--name", "embeddings", "--scopes", scopes)
    token = with_server.cli(server.binary, server.env, "token", "--client", "embeddings", "--lifetime", "86400").strip()
    agent = bench.call(server, token, "/agents", {"name": "embeddings"})["id"]
    corpus = (args.corpus / "glosses.ndjson").read_bytes()
    queries = [json.loads(line) for line in (args.corpus / "queries.ndjson").read_text(encoding="utf-8").splitlines()]
    count = corpus.count(b"\n")

    dataset = new_dataset(server, token, agent, "glosses")
    rows = ingest(server, token, dataset, corpus)
    copied = copy(server, dataset, count)
    rows_by_batch = ingest_by_batches(server, token, new_dataset(server, token, agent, "batches"), corpus)
    built = build(server, token, agent, dataset)
    server.sql("VACUUM ANALYZE embeddings")
    exact = search(server, token, dataset, queries, exact=True)
    by_index = search(server, token, dataset, queries)
    filter_, kept = one_percent(corpus)
    filtered_exact = search(server, token, dataset, queries, exact=True, filter=filter_)
    filtered = search(server, token, dataset, queries, filter=filter_)
    if min(len(found) for found in filtered) < K:
        raise with_server.Failure("a search with a filter found fewer than there are")
    bodies = {
        "by the index": {},
        "with a filter": {"filter": filter_},
        "by texts": {"mode": "text"},
        "hybrid": {"mode": "hybrid"},
        "exact": {"exact": True},
    }
    rates = {}
    for what, more in bodies.items():
        connections = CONNECTIONS if what != "exact" else 2
        rates[what] = wrk(server, token, dataset, write_bodies(server, queries, more), connections, args.seconds)
    peers = {}
    for protocol in ("extended", "prepared"):
        peers[protocol] = pgbench(server, dataset, queries, args.seconds, protocol)
    alone = wrk(server, token, dataset, write_bodies(server, queries, {}), 1, args.seconds)
    others(server, agent)
    among = wrk(server, token, dataset, write_bodies(server, queries, {}), 1, args.seconds)
    before = bench.peak_mib(server)
    imported = large_import(server, token, new_dataset(server, token, agent, "large"), corpus, args.import_bytes)
    after = bench.peak_mib(server)

    print(
        f"{count:,} glosses of WordNet, all-MiniLM-L6-v2, 384 numbers; {len(queries):,} queries that are not among them.\n"
    )
    print("| ingest | rows/s | of a binary COPY |")
    print("|---|--:|--:|")
    print(f"| `import_embeddings`, one stream | {rows:,.0f} | {rows / copied:.2f} |")
    print(
        f"| `create_embeddings`, 500 at a time, 4 connections | {rows_by_batch:,.0f} | {rows_by_batch / copied:.2f} |"
    )
    print(f"| `COPY … BINARY` into a table of the same columns and key | {copied:,.0f} | |")
    print()
    print(f"| search, k = {K} | connections | queries/s | p50 ms | p99 ms | recall@{K} |")
    print("|---|--:|--:|--:|--:|--:|")
    recalls = {
        "by the index": f"{recall(by_index, exact):.4f}",
        "with a filter": f"{recall(filtered, filtered_exact):.4f}",
        "exact": "1",
    }
    for what, row in rates.items():
        keeps = f" that keeps {100 * kept / count:.1f} %" if what == "with a filter" else ""
        cells = [f"{what}{keeps}", row["connections"], f"{row['rate']:,.0f}", f"{row['p50']:.2f}", f"{row['p99']:.2f}"]
        print("| " + " | ".join(str(cell) for cell in [*cells, recalls.get(what, "")]) + " |")
    for protocol, rate in peers.items():
        print(f"| pgbench, the same SQL ({protocol}) | {CONNECTIONS} | {rate:,.0f} | | | |")
    rate = rates["by the index"]["rate"]
    print()
    print(
        f"Of pgbench's queries/s: {rate / peers['extended']:.2f} (extended), {rate / peers['prepared']:.2f} (prepared)."
    )
    print(f"The index was built in {built:.1f} s. p50 at 1 connection: {alone['p50']:.2f} ms alone,")
    print(f"{among['p50']:.2f} ms beside {OTHERS:,} other datasets, {among['p50'] / alone['p50']:.2f} of it.")
    print(
        f"An import of {args.import_bytes / 1e9:.1f} GB: {imported:,.0f} rows/s; peak memory {before:.0f} MiB before, {after:.0f} MiB after."
    )


def new_dataset(server: Server, token: str, agent: str, name: str) -> str:
    body = {"name": name, "language": "english", "embedding_model": "all-MiniLM-L6-v2"}
    return bench.call(server, token, f"/agents/{agent}/datasets", body)["id"]


def post(server: Server, token: str, path: str, body, kind: str) -> dict:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=3_600)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise with_server.Failure(f"{path}: {answer.status} {text[:500]}")
    return json.loads(text)


def ingest(server: Server, token: str, dataset: str, corpus: bytes) -> float:
    server.sql("CHECKPOINT")
    began = time.monotonic()
    answer = post(server, token, f"/datasets/{dataset}/embeddings/import", corpus, "application/x-ndjson")
    seconds = time.monotonic() - began
    say(f"  imported {answer} in {seconds:.1f} s")
    return answer["stored"] / seconds


def ingest_by_batches(server: Server, token: str, dataset: str, corpus: bytes) -> float:
    """By wrk, each of its connections with the rows of its own; ids are made by the server."""
    lines = [json.loads(line) for line in corpus.splitlines()[:20_000]]
    for line in lines:
        del line["id"]
    file = server.home / "bodies"
    with file.open("w") as bodies:
        for n in range(0, len(lines), 500):
            bodies.write(json.dumps({"items": lines[n : n + 500]}, separators=(",", ":")) + "\n")
    server.sql("CHECKPOINT")
    row = wrk(server, token, dataset, file, 4, 10, path="embeddings")
    return row["rate"] * 500


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


def build(server: Server, token: str, agent: str, dataset: str) -> float:
    bench.call(server, token, f"/datasets/{dataset}/index", {})
    began = time.monotonic()
    while True:
        answer = get(server, token, f"/agents/{agent}/datasets/{dataset}")["index"]
        indexes = server.sql(
            "SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid::regclass::text LIKE 'embeddings_of_one_%'"
        )
        if answer["state"] == "ready" and indexes == "3":
            break
        time.sleep(0.2)
    built = server.sql(
        f"SELECT extract(epoch FROM index_built_at - to_timestamp({time.time() - (time.monotonic() - began)})) FROM datasets WHERE id = '{dataset}'"
    )
    say(f"  built the graph in {built} s, all in {time.monotonic() - began:.1f} s")
    return float(built)


def get(server: Server, token: str, path: str) -> dict:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    return json.loads(connection.getresponse().read())


def search(server: Server, token: str, dataset: str, queries: list, **more) -> list:
    """The ids that each query finds, and how far they are."""
    found = []
    for n in range(0, len(queries), 50):
        body = {"queries": [{"vector": query["embedding"], "k": K, **more} for query in queries[n : n + 50]]}
        path = f"/datasets/{dataset}/embeddings/search/batch"
        answer = post(server, token, path, json.dumps(body), "application/json")
        found += [[(item["id"], item["distance"]) for item in result["items"]] for result in answer["results"]]
    return found


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


def write_bodies(server: Server, queries: list, more: dict) -> Path:
    file = server.home / "bodies"
    with file.open("w") as bodies:
        for query in queries:
            body = {"k": K, **more}
            if more.get("mode") != "text":
                body["vector"] = query["embedding"]
            if more.get("mode"):
                body["text"] = query["content"].split(": ", 1)[1][:100]
            bodies.write(json.dumps(body) + "\n")
    return file


def wrk(
    server: Server,
    token: str,
    dataset: str,
    bodies: Path,
    connections: int,
    seconds: int,
    path: str = "embeddings/search",
) -> dict:
    size = [f"-t{bench.threads(connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
    url = f"{server.url}/datasets/{dataset}/{path}"
    output = bench.run(
        ["wrk", *size, "-H", f"Authorization: Bearer {token}", "-s", HERE / "wrk_search.lua", url, "--", bodies]
    )
    row = json.loads(output.splitlines()[-1])
    if row["errors"]:
        raise with_server.Failure(f"{row['errors']} errors of {path}")
    rate = row["requests"] / (row["duration"] / 1e6)
    say(f"  {rate:.0f} req/s of {path} at {connections} connections, p50 {row['p50'] / 1e3:.2f} ms")
    return {"rate": rate, "connections": connections} | {name: row[name] / 1e3 for name in ("p50", "p90", "p99")}


def pgbench(server: Server, dataset: str, queries: list, seconds: int, protocol: str) -> float:
    """The server's statement, with the vectors in it as text."""
    tenant = server.sql(f"SELECT tenant_id FROM datasets WHERE id = '{dataset}'")
    files = []
    for n, query in enumerate(queries[:STATEMENTS]):
        numbers = struct.unpack("<384f", base64.b64decode(query["embedding"]))
        vector = "'[" + ",".join(repr(number) for number in numbers) + "]'::vector"
        scope = f"tenant_id = {tenant} AND dataset_id = '{dataset}'"
        living = (
            f"EXISTS (SELECT FROM datasets AS d WHERE d.tenant_id = {tenant} AND d.id = '{dataset}'"
            " AND d.deleted_at IS NULL AND d.dimension = 384 AND d.distance = 'cosine')"
        )
        order = f"(l2_normalize(embedding)::halfvec(384)) <=> (l2_normalize({vector})::halfvec(384))"
        file = server.home / f"search-{n}.sql"
        file.write_text(
            "SELECT id, content, metadata, embedding, distance, rank, met FROM (SELECT *, count(*) OVER () AS met,"
            " row_number() OVER upto AS n, sum(content_bytes + 350) OVER upto AS bytes FROM (SELECT * FROM"
            " (SELECT id, content, metadata, content_bytes, NULL::vector AS embedding,"
            f" embedding <=> {vector} AS distance, 0::double precision AS rank FROM embeddings WHERE {scope} AND {living}"
            f" ORDER BY {order} LIMIT {K}) AS candidate"
            f" ORDER BY distance, id LIMIT {K}) AS best WINDOW upto AS (ORDER BY distance, id)) AS answer WHERE n = 1 OR"
            " bytes <= 8388608 ORDER BY distance, id;\n"
        )
        files += ["-f", str(file)]
    # As on the server's own connections.
    server.sql("ALTER ROLE agentdata SET hnsw.ef_search = 100")
    server.sql("ALTER ROLE agentdata SET hnsw.iterative_scan = relaxed_order")
    size = [f"--client={CONNECTIONS}", f"--jobs={bench.threads(CONNECTIONS)}", f"--time={seconds}"]
    output = server.postgres("pgbench", "-n", f"--protocol={protocol}", *size, *files)
    server.sql("ALTER ROLE agentdata RESET ALL")
    tps = [line for line in output.splitlines() if line.startswith("tps = ")]
    if not tps or "number of failed transactions: 0 " not in output:
        raise with_server.Failure(f"pgbench: {output[-2000:]}")
    say(f"  {tps[0]} of pgbench ({protocol})")
    return float(tps[0].split()[2])


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


def large_import(server: Server, token: str, dataset: str, corpus: bytes, size: int) -> float:
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

    server.sql("CHECKPOINT")
    began = time.monotonic()
    answer = post(server, token, f"/datasets/{dataset}/embeddings/import", pieces(), "application/x-ndjson")
    seconds = time.monotonic() - began
    say(f"  imported {answer} in {seconds:.1f} s")
    if answer["stored"] != count:
        raise with_server.Failure(f"{count} rows were sent, {answer['stored']} are stored")
    return count / seconds


if __name__ == "__main__":
    sys.exit(main())
