// The part of sdks.py that is TypeScript: calls per second of fetch alone and of the SDK, in turns, as JSON.
import { AgentData } from "../clients/typescript/dist/index.js";

const { AGENTDATA_URL: url, AGENTDATA_TOKEN: token } = process.env;
const [id, seconds, rounds, atOnce] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const client = new AgentData({ baseUrl: url, token });

async function alone() {
  const answer = await fetch(`${url}/agents/${id}`, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}
const sdk = () => client.agents.get(id);

async function rate(call, seconds) {
  const began = performance.now();
  let count = 0;
  const work = async () => {
    while (performance.now() - began < seconds * 1000) {
      await call();
      count++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (count / (performance.now() - began)) * 1000;
}

for (const call of [alone, sdk]) await rate(call, seconds / 2); // warm
const pairs = [];
for (let round = 0; round < rounds; round++) pairs.push([await rate(alone, seconds), await rate(sdk, seconds)]);
console.log(JSON.stringify(pairs));
