"""Texts that are found by what they mean: a dataset, its embeddings, and a search, in asyncio.

Run it with AGENTDATA_URL, AGENTDATA_CLIENT_ID and AGENTDATA_CLIENT_SECRET in the environment. The embedding model is a
stub that counts words.
"""

from __future__ import annotations

import asyncio
import math
import zlib
from collections.abc import Iterator

from agentdata import AsyncAgentData, params

DIMENSION = 64
TEXTS = {
    "returns": "You may send back what you bought within 30 days and get your money back.",
    "shipping": "We ship parcels on the day you order, and they take two days to arrive.",
    "warranty": "If a device breaks within two years we repair it or give you another.",
}


def embed(text: str) -> list[float]:
    """Stands in for an embedding model: each word points somewhere."""
    vector = [0.0] * DIMENSION
    for word in text.lower().replace("?", "").replace(".", "").replace(",", "").split():
        vector[zlib.crc32(word.encode()) % DIMENSION] += 1
    length = math.hypot(*vector)
    return [value / length for value in vector]


def embeddings() -> Iterator[params.NewEmbedding]:
    """All texts; there may be millions, for they are sent as they come."""
    for topic, text in TEXTS.items():
        yield {"content": text, "embedding": embed(text), "metadata": {"topic": topic}}


async def main() -> None:
    async with AsyncAgentData() as client:
        agent = await client.agents.create(name="shop assistant in Python")
        dataset = await client.datasets.create(agent.id, name="help pages", dimension=DIMENSION, embedding_model="stub")
        imported = await client.embeddings.import_(dataset.id, embeddings())
        print(f"{imported.stored} texts")

        async with client.agent(agent.id).recorder() as recorder:
            question = "When will my parcels arrive?"
            with recorder.tool_call("search", tool_type="retrieval", input={"question": question}) as call:
                found = await client.embeddings.search(dataset.id, vector=embed(question), k=2)
                call.output = [str(item.id) for item in found.items]
            print(question, "-", found.items[0].content)

            only = await client.embeddings.search(
                dataset.id, vector=embed(question), filter={"path": "/topic", "in": ["returns", "warranty"]}
            )
            print("Of the others:", ", ".join(str(item.metadata["topic"]) for item in only.items))

        async with client.embeddings.export(dataset.id) as exported:
            print(len([item async for item in exported]), "exported")


if __name__ == "__main__":
    asyncio.run(main())
