// A small agent: it takes its prompt and its settings from the server and records what it does. Its model is a stub that
// works without a network; put your own in its place.
//
//   AGENTDATA_URL=… AGENTDATA_CLIENT_ID=… AGENTDATA_CLIENT_SECRET=… node examples/agent.ts
import { AgentData, AgentDataError, uuidv7, withToolUsage } from "agentdata";

interface Message {
  role: string;
  content: string;
}
type Reply = { text: string } | { tool: "weather"; city: string };

/** Asks for the weather once, and then tells it. */
function model(messages: Message[], temperature: number): Reply {
  const seen = messages.find(({ role }) => role === "tool");
  if (seen) return { text: `It is ${seen.content} today.${temperature > 0.5 ? " Lovely!" : ""}` };
  return { tool: "weather", city: messages.at(-1)!.content.replace(/.* in (\w+)\?.*/, "$1") };
}

const client = new AgentData();
const NAME = "example weather agent";

/** The agent's id. The first run makes the agent, its prompt and its settings. */
async function setUp(): Promise<string> {
  for await (const { id } of client.agents.list({ name: NAME })) return id;
  try {
    const { id } = await client.agents.create({ name: NAME, tags: ["example"] });
    const content = "You are {{ mood }}. Answer in one sentence.";
    await client.prompts.create(id, { type: "chat", messages: [{ role: "system", content }], labels: ["production"] });
    await client.configs.set(id, { key: "temperature", value: 0.2 });
    return id;
  } catch (error) {
    // Somebody else was quicker.
    if (error instanceof AgentDataError && error.code === "name_taken") return setUp();
    throw error;
  }
}

const agent = client.agent(await setUp());
let temperature = Number((await client.configs.get(agent.id, "temperature")).value);

// A change of the setting holds from the next question on, without a restart.
const changes = agent.watchConfigs();
await changes.open();
const watching = (async () => {
  for await (const { key, value, deleted } of changes) if (key === "temperature" && !deleted) temperature = Number(value);
})();

async function answer(question: string): Promise<string> {
  await using recorder = agent.recorder({ context: { session_id: uuidv7() } });
  const prompt = await agent.prompts.get("production");
  const weather = withToolUsage(
    recorder,
    { tool_name: "weather", tool_type: "function", prompt_version: prompt.version },
    async (city: string) => (city === "Bergen" ? "rainy" : "sunny"),
  );
  const rendered = await client.prompts.render(agent.id, prompt.version, { variables: { mood: "cheerful" } });
  const messages: Message[] = [...(rendered.messages ?? []), { role: "user", content: question }];
  const began = performance.now();
  for (let step = 0; step < 5; step++) {
    const reply = model(messages, temperature);
    if ("text" in reply) {
      recorder.log({ level: "info", message: reply.text, attributes: { question, step } });
      recorder.metric({ name: "answer.duration", kind: "gauge", value: performance.now() - began, unit: "ms" });
      return reply.text;
    }
    recorder.log({ level: "debug", message: `asks for the weather in ${reply.city}` });
    messages.push({ role: "tool", content: await weather(reply.city) });
  }
  recorder.log({ level: "error", message: "no answer after five steps", attributes: { question } });
  throw new Error("the model goes round in circles");
}

console.log(await answer("What is the weather in Bergen?"));
console.log(await answer("What is the weather in Palermo?"));
await changes.return();
await watching;

for await (const { tool_name, input, output, duration_ms } of client.toolUsage.list(agent.id, { limit: 2 })) {
  console.log(tool_name, input, output, `${duration_ms} ms`);
  if (input === "Bergen") break;
}
