// Retrieval: texts go into a dataset with their vectors, and a question finds those that are nearest. The vectors are
// counts of words and so work without a network; a server with an embedding provider makes better ones by itself.
//
//   AGENTDATA_URL=… AGENTDATA_CLIENT_ID=… AGENTDATA_CLIENT_SECRET=… node examples/retrieval.ts
import { AgentData, type NewEmbedding } from "agentdata";

const DIMENSION = 256;

/** A vector in which each word of a text counts at a place of its own. */
function embed(text: string): number[] {
  const vector = new Array<number>(DIMENSION).fill(0);
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    let hash = 7;
    for (const letter of word) hash = (hash * 31 + letter.charCodeAt(0)) % 65_521;
    vector[hash % DIMENSION]! += 1;
  }
  return vector;
}

const handbook = [
  "Refunds are paid within five working days.",
  "A parcel that is lost is sent again free of charge.",
  "The office is open from nine to five.",
  "Passwords are reset by a link that we mail to you.",
];

/** The lines of an import, made one by one: there may be more of them than memory holds. */
function* lines(): Generator<NewEmbedding> {
  for (const [page, content] of handbook.entries()) yield { content, embedding: embed(content), metadata: { page } };
}

const client = new AgentData();
const { id: agentId } = await client.agents.create({ name: `example retrieval ${crypto.randomUUID()}` });
const dataset = await client.datasets.create(agentId, { name: "handbook", dimension: DIMENSION, distance: "cosine" });
console.log(await client.embeddings.import(dataset.id, lines()));

const question = "When are refunds paid?";
const found = await client.embeddings.search(dataset.id, { vector: embed(question), k: 2 });
for (const { content, distance, metadata } of found.items) console.log(distance, content, metadata);

await client.agents.delete(agentId);
