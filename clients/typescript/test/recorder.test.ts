// The recorder, and tools that record their calls.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { AgentData, AgentDataError, recordTool, withToolUsage, type RecorderOptions, type Undelivered } from "agentdata";
import { behindProxy, newAgent, rejection, until } from "./support/live.ts";

const client = new AgentData();

/** A recorder that keeps what it could not deliver. */
async function recording(options: RecorderOptions = {}, through: AgentData = client) {
  const id = await newAgent(client, "recorder");
  const undelivered: Undelivered[] = [];
  const onUndelivered = (record: Undelivered) => void undelivered.push(record);
  const recorder = through.agent(id).recorder({ flushIntervalMs: 20, onUndelivered, ...options });
  return { id, recorder, undelivered };
}

test("everything that was recorded is there once the recorder is closed", async () => {
  const { id, recorder, undelivered } = await recording({ context: { session_id: "s1" } });
  const changing = { level: "info" as const, message: "log 0", attributes: { n: 0 } };
  assert.ok(recorder.log(changing));
  changing.message = "changed later";
  changing.attributes.n = 1;
  for (let index = 1; index < 1_200; index++) recorder.log({ level: "info", message: `log ${index}` });
  for (let index = 0; index < 700; index++) recorder.metric({ name: "queue.length", kind: "gauge", value: index });
  recorder.toolUsage({ tool_name: "search", status: "success" });
  assert.deepEqual(await recorder.close(), { delivered: 1_901, undelivered: 0 });
  assert.equal(undelivered.length, 0);

  const logs = await Array.fromAsync(client.logs.list(id, { order: "timestamp_asc", session_id: "s1" }));
  assert.deepEqual(logs.map(({ message }) => message), Array.from({ length: 1_200 }, (_, index) => `log ${index}`));
  assert.deepEqual(logs[0]?.attributes, { n: 0 });
  const metrics = await Array.fromAsync(client.metrics.list(id));
  assert.equal(metrics.length, 700);
  const [call] = await Array.fromAsync(client.toolUsage.list(id));
  assert.equal(call?.session_id, "s1");
  assert.equal(recorder.log(changing), false);
  assert.match(undelivered[0]!.error.message, /closed/);
});

test("records are sent by themselves, and `await using` sends the rest", async () => {
  const { id, recorder } = await recording();
  recorder.log({ level: "info", message: "by itself" });
  await until(() => recorder.report.delivered === 1, "the timer sends");
  {
    await using scoped = client.agent(id).recorder({ flushIntervalMs: 60_000 });
    scoped.log({ level: "info", message: "at the end" });
  }
  const logs = await Array.fromAsync(client.logs.list(id));
  assert.deepEqual(logs.map(({ message }) => message), ["at the end", "by itself"]);
});

for (const maxRetries of [0, 5]) {
  test(`a batch whose answer is lost is stored once; the call is repeated ${maxRetries} times`, async (t) => {
    const { proxy, client } = await behindProxy(t, { maxRetries });
    const { id, recorder } = await recording({}, client);
    await client.agents.get(id);
    proxy.faults.push("lose answer", { status: 503 }, "lose answer");
    for (let index = 0; index < 10; index++) recorder.log({ level: "info", message: `${index}` });
    await recorder.close();
    assert.deepEqual(recorder.report, { delivered: 10, undelivered: 0 });
    assert.equal(proxy.count(`/agents/${id}/logs/batch`), 4);
    assert.equal((await Array.fromAsync(client.logs.list(id))).length, 10);
  });
}

test("records wait up to a number of bytes, and what was delivered makes room", async () => {
  const { recorder, undelivered } = await recording({ maxBytes: 10_000 });
  for (let round = 1; round <= 3; round++) {
    assert.ok(recorder.log({ level: "info", message: "x".repeat(6_000) }));
    assert.equal(recorder.log({ level: "info", message: "x".repeat(6_000) }), false);
    await recorder.flush();
    assert.deepEqual(recorder.report, { delivered: round, undelivered: round });
  }
  assert.match(undelivered[0]!.error.message, /no room/);
  await recorder.close();
});

test("while the server is away records wait, up to the bound, and the agent does not", async (t) => {
  const { proxy, client } = await behindProxy(t, { maxRetries: 0 });
  const { id, recorder, undelivered } = await recording({ maxRecords: 100 }, client);
  proxy.fault = { status: 503 };
  const began = performance.now();
  const taken = Array.from({ length: 150 }, (_, index) => recorder.log({ level: "info", message: `${index}` }));
  assert.ok(performance.now() - began < 1_000);
  assert.equal(taken.filter(Boolean).length, 100);
  assert.equal(undelivered.length, 50);
  assert.match(undelivered[0]!.error.message, /no room/);
  await recorder.flush();
  assert.equal(recorder.waiting, 100);
  proxy.fault = undefined;
  await until(() => recorder.waiting === 0, "delivered by itself");
  assert.deepEqual(recorder.report, { delivered: 100, undelivered: 50 });
  assert.equal((await Array.fromAsync(client.logs.list(id))).length, 100);
});

test("a record that the server refuses does not hold the others up", async () => {
  const { id, recorder, undelivered } = await recording();
  const half = "\ud83d"; // half of a pair: the server cannot parse it, and so names no record
  const messages = ["a", "b\0", "c", half, "d", "x".repeat(70_000), "e"];
  for (const message of messages) recorder.log({ level: "info", message });
  assert.deepEqual(await recorder.close(), { delivered: 4, undelivered: 3 });
  const logs = await Array.fromAsync(client.logs.list(id, { order: "timestamp_asc" }));
  assert.deepEqual(logs.map(({ message }) => message), ["a", "c", "d", "e"]);
  const refused = undelivered.map(({ record }) => (record as { message: string }).message.slice(0, 2));
  assert.deepEqual(refused.toSorted(), ["b\0", "xx", half]);
  for (const { error } of undelivered) assert.ok(error instanceof AgentDataError && [400, 422].includes(error.status!));
});

test("what cannot be delivered is reported when the time to close is over, or at once when it is refused", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const late = await recording({ closeTimeoutMs: 50 }, client);
  await client.agents.get(late.id);
  proxy.fault = "stall";
  late.recorder.log({ level: "info", message: "late" });
  const began = performance.now();
  assert.deepEqual(await late.recorder.close(), { delivered: 0, undelivered: 1 });
  assert.ok(performance.now() - began < 2_000);
  assert.equal((late.undelivered[0]!.record as { message: string }).message, "late");
  proxy.fault = undefined;

  const gone = await recording();
  await client.agents.delete(gone.id);
  gone.recorder.metric({ name: "m", kind: "gauge", value: 1 });
  assert.deepEqual(await gone.recorder.close(), { delivered: 0, undelivered: 1 });
  assert.equal((gone.undelivered[0]!.error as AgentDataError).status, 404);
});

test("a record that is no JSON, and a listener that throws, do the agent no harm", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const { recorder } = await recording({
    onUndelivered: () => {
      throw new Error("listener");
    },
  });
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  assert.equal(recorder.log({ level: "info", message: "circle", attributes: circle }), false);
  assert.equal(warn.mock.callCount(), 1);
});

test("a recorder does not keep the program alive", async () => {
  const { id } = await recording();
  const program = `import { AgentData } from "agentdata";
    new AgentData().agent("${id}").recorder({ flushIntervalMs: 600_000 }).log({ level: "info", message: "left" });`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { timeout: 10_000 });
  assert.equal(status, 0, stderr.toString());
});

test("a wrapped tool records how each call went", async () => {
  const { id, recorder } = await recording({ context: { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" } });
  const add = withToolUsage(recorder, { tool_name: "add", tool_type: "function" }, (a: number, b: number) => a + b);
  assert.equal(await add(1, 2), 3);
  const wait = withToolUsage(recorder, "wait", async (ms: number, signal?: AbortSignal) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    signal?.throwIfAborted();
    return undefined;
  });
  await wait(30);
  assert.equal(((await rejection(wait(20, AbortSignal.timeout(5)))) as Error).name, "TimeoutError");
  assert.equal(((await rejection(wait(1, AbortSignal.abort()))) as Error).name, "AbortError");
  const failure = new RangeError(`out of range\0${"!".repeat(20_000)}`);
  const failed = recordTool(recorder, { tool_name: "fail", output: false, input: () => "hidden" }, "secret", () => {
    throw failure;
  });
  assert.equal(await rejection(failed), failure);
  assert.deepEqual(await recorder.close(), { delivered: 5, undelivered: 0 });

  const calls = await Array.fromAsync(client.toolUsage.list(id, { order: "timestamp_asc" }));
  const of = (name: string) => calls.filter(({ tool_name }) => tool_name === name);
  const [added] = of("add");
  assert.deepEqual([added?.status, added?.input, added?.output, added?.tool_type], ["success", [1, 2], 3, "function"]);
  assert.equal(added?.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  assert.deepEqual(of("wait").map(({ status }) => status).toSorted(), ["cancelled", "success", "timeout"]);
  const slow = of("wait").find(({ status }) => status === "success");
  assert.ok(slow!.duration_ms! >= 29 && slow!.duration_ms! < 5_000, `${slow!.duration_ms} ms`);
  const [bad] = of("fail");
  assert.deepEqual([bad?.status, bad?.error_type, bad?.input, bad?.output], ["error", "RangeError", "hidden", null]);
  assert.ok(bad?.error_message?.startsWith("out of range\uFFFD!!"));
});

test("whatever a tool takes and gives is recorded somehow", async () => {
  const { id, recorder, undelivered } = await recording();
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const values = [10n, circle, "\0", "\ud83d", "🙂".repeat(50_000), "\"".repeat(200_000), () => 1, undefined];
  for (const value of values) await recordTool(recorder, "echo", value, () => value);
  await recorder.close();
  assert.deepEqual(undelivered, []);
  const calls = await Array.fromAsync(client.toolUsage.list(id, { order: "timestamp_asc" }));
  assert.equal(calls.length, values.length);
});
