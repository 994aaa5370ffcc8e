"""Searches for embeddings by the index: what is sent to the server, and the statement that it makes of it."""

import base64
import json
import random
import struct
import time
from pathlib import Path

from server import Server

K = 10
DIMENSION = 384
# So many vectors are looked for.
ASKED = 100
# The embeddings of a bench that has no real ones: near to some of so many topics, as those of texts are.
INVENTED = 10_000
TOPICS = 200


def invented(server: Server, agent: str) -> tuple[str, list[str]]:
    """A dataset with an index, and vectors to look for in it."""
    chance = random.Random(1)
    topics = [[chance.gauss(0, 1) for _ in range(DIMENSION)] for _ in range(TOPICS)]

    def vector() -> str:
        return packed([number + chance.gauss(0, 0.5) for number in chance.choice(topics)])

    def lines():
        for n in range(INVENTED):
            yield json.dumps({"content": f"text {n}", "embedding": vector(), "metadata": {"n": n}}).encode() + b"\n"

    dataset = server.call("POST", f"/agents/{agent}/datasets", {"name": "bench", "embedding_model": "none"})["id"]
    server.call("POST", f"/datasets/{dataset}/embeddings/import", lines(), "application/x-ndjson")
    index(server, agent, dataset)
    return dataset, [vector() for _ in range(ASKED)]


def packed(numbers: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{DIMENSION}f", *numbers)).decode()


def index(server: Server, agent: str, dataset: str) -> None:
    """Has the indexes of a dataset built."""
    server.call("POST", f"/datasets/{dataset}/index", {})
    valid = "SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid::regclass::text LIKE 'embeddings_of_one_%'"
    while (
        server.call("GET", f"/agents/{agent}/datasets/{dataset}")["index"]["state"] != "ready"
        or server.sql(valid) != "3"
    ):
        time.sleep(0.2)
    # For pgbench, as the server sets them on its own connections.
    server.sql("ALTER ROLE agentdata SET hnsw.ef_search = 100")
    server.sql("ALTER ROLE agentdata SET hnsw.iterative_scan = relaxed_order")


def bodies(file: Path, vectors: list[str], **more) -> Path:
    file.write_text("".join(json.dumps({"k": K, "vector": vector, **more}) + "\n" for vector in vectors))
    return file


def statement(server: Server, dataset: str, vectors: list[str]) -> str:
    """The server's statement for pgbench, which takes one of the vectors, by chance, from a table of them."""
    tenant = server.sql(f"SELECT tenant_id FROM datasets WHERE id = '{dataset}'")
    file = server.home / "asked.sql"
    with file.open("w") as script:
        script.write(f"CREATE TABLE asked (n integer PRIMARY KEY, vector vector({DIMENSION}) NOT NULL);\n")
        for n, packed in enumerate(vectors):
            numbers = struct.unpack(f"<{DIMENSION}f", base64.b64decode(packed))
            script.write(f"INSERT INTO asked VALUES ({n}, '[{','.join(repr(number) for number in numbers)}]');\n")
    server.postgres("psql", "-Xq", "--set=ON_ERROR_STOP=1", f"--file={file}")
    server.sql("VACUUM ANALYZE asked")
    vector = "(SELECT vector FROM asked WHERE n = :n)"
    scope = f"tenant_id = {tenant} AND dataset_id = '{dataset}'"
    living = (
        f"EXISTS (SELECT FROM datasets AS d WHERE d.tenant_id = {tenant} AND d.id = '{dataset}'"
        f" AND d.deleted_at IS NULL AND d.dimension = {DIMENSION} AND d.distance = 'cosine' AND d.index_state = 'ready'"
        " AND EXISTS (SELECT FROM agents AS a WHERE a.tenant_id = d.tenant_id AND a.id = d.agent_id"
        " AND a.deleted_at IS NULL))"
    )
    order = f"(l2_normalize(embedding)::halfvec({DIMENSION})) <=> (l2_normalize({vector})::halfvec({DIMENSION}))"
    return (
        f"\\set n random(0, {len(vectors) - 1})\n"
        "SELECT id, content, metadata, embedding, distance, rank, met FROM (SELECT *, count(*) OVER () AS met,"
        " row_number() OVER upto AS n, sum(content_bytes + 350) OVER upto AS bytes FROM (SELECT * FROM"
        " (SELECT id, content, metadata, content_bytes, NULL::vector AS embedding,"
        f" embedding <=> {vector} AS distance, 0::double precision AS rank FROM embeddings WHERE {scope} AND {living}"
        f" ORDER BY {order} LIMIT {K}) AS candidate"
        f" ORDER BY distance, id LIMIT {K}) AS best WINDOW upto AS (ORDER BY distance, id)) AS answer WHERE n = 1 OR"
        " bytes <= 8388608 ORDER BY distance, id;\n"
    )
