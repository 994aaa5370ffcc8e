// Tails and watches over connections that break, and the parsers under them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { AgentData, AgentDataError } from "agentdata";
import { readLines } from "../dist/streams/lines.js";
import { readEvents } from "../dist/streams/sse.js";
import { behindProxy, newAgent, rejection, until } from "./support/live.ts";

const direct = new AgentData();

async function log(id: string, message: string): Promise<void> {
  await direct.logs.create(id, { level: "info", message });
}

test("a tail gives what is stored once it is open, and nothing else", async () => {
  const id = await newAgent(direct, "tail");
  await log(id, "before");
  const tail = direct.agent(id).tail({ min_level: "info" });
  await tail.open();
  await direct.logs.create(id, { level: "debug", message: "too slight" });
  await log(id, "after");
  const first = await tail.next();
  assert.ok(!first.done);
  assert.equal(first.value.message, "after");
  assert.equal((await tail.return()).done, true);
  assert.equal((await tail.next()).done, true);
});

test("a tail over connections that are cut gives everything once, in order", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const id = await newAgent(client, "cut tail");
  const path = `/agents/${id}/logs/tail`;
  const tail = client.logs.tail(id);
  // Cut before the first event too: the position it began at must hold.
  await tail.open();
  proxy.cut();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { message } of tail) {
      seen.push(message);
      if (message === "last") break;
    }
  })();
  for (let round = 0; round < 5; round++) {
    await log(id, `while cut ${round}`);
    await until(() => seen.includes(`while cut ${round}`), `round ${round}`);
    proxy.faults.push({ status: 502 });
    proxy.cut();
    await log(id, `in between ${round}`);
  }
  await log(id, "last");
  await reading;
  const expected = [0, 1, 2, 3, 4].flatMap((round) => [`while cut ${round}`, `in between ${round}`]);
  assert.deepEqual(seen, [...expected, "last"]);
  assert.ok(proxy.count(path) >= 7, `${proxy.count(path)} connections`);

  // And one that begins anew goes on where that one was left.
  const again = client.logs.tail(id, {}, { lastEventId: tail.lastEventId });
  await log(id, "anew");
  const { value } = await again.next();
  assert.equal(value?.message, "anew");
  await again.return();
});

test("a tail ends with its agent, and fails where there is none", async () => {
  const id = await newAgent(direct, "deleted");
  const tail = direct.logs.tail(id);
  await tail.open();
  await direct.agents.delete(id);
  assert.equal((await tail.next()).done, true);
  const error = (await rejection(direct.logs.tail(id).next())) as AgentDataError;
  assert.equal(error.status, 404);
});

test("a tail gives up after the failures that it may have", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const id = await newAgent(client, "gives up");
  proxy.fault = { status: 503 };
  const error = (await rejection(client.logs.tail(id, {}, { maxRetries: 2 }).next())) as AgentDataError;
  assert.equal(error.status, 503);
  assert.equal(proxy.count(`/agents/${id}/logs/tail`), 3);
});

test("a tail outlives the token that it began with", async () => {
  const tokens: string[] = [];
  const client = new AgentData({
    token() {
      const { stdout, status } = spawnSync(process.env.AGENTDATA_BINARY!, ["token", "--lifetime", tokens.length ? "60" : "1"]);
      assert.equal(status, 0);
      tokens.push(stdout.toString().trim());
      return tokens.at(-1)!;
    },
  });
  const id = await newAgent(direct, "token");
  const tail = client.logs.tail(id);
  await tail.open();
  const next = tail.next();
  await until(() => tokens.length === 2, "the stream has ended, and another token was asked for");
  await log(id, "with the second token");
  assert.equal((await next).value?.message, "with the second token");
  await tail.return();
});

test("a stream ends at once for who waits: by return, and by a signal with its reason", async () => {
  const id = await newAgent(direct, "left");
  const left = direct.logs.tail(id);
  await left.open();
  const waiting = left.next();
  await left.return();
  assert.equal((await waiting).done, true);

  const controller = new AbortController();
  const tail = direct.logs.tail(id, {}, { signal: controller.signal });
  await tail.open();
  const next = tail.next();
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await rejection(next), reason);
});

test("a watch of configs tells every change over a cut connection", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const id = await newAgent(client, "watch");
  const watch = client.agent(id).watchConfigs({ after: 0 });
  await direct.configs.set(id, { key: "temperature", value: 0.2 });
  assert.equal((await watch.next()).value?.value, 0.2);
  proxy.cut();
  await direct.configs.set(id, { key: "temperature", value: 0.7 });
  await direct.configs.delete(id, "temperature");
  const changes = [(await watch.next()).value, (await watch.next()).value];
  assert.deepEqual(
    changes.map((change) => [change?.change, change?.key, change?.value, change?.deleted]),
    [
      [2, "temperature", 0.7, false],
      [3, "temperature", null, true],
    ],
  );
  assert.equal(watch.lastEventId, "3");
  await watch.return();
});

/** A body in the pieces that it is given in. */
function body(...pieces: Array<string | Uint8Array>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      controller.close();
    },
  });
}

test("lines are found however the body is cut into pieces", async () => {
  const text = 'a\r\n{"snow":"☃"}\n\nlast';
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size <= bytes.length; size++) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.slice(index * size, (index + 1) * size),
    );
    assert.deepEqual(await Array.fromAsync(readLines(body(...pieces), "", 1000)), ["a", '{"snow":"☃"}', "", "last"]);
  }
});

test("a line without an end is refused before it fills the memory", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024).fill((pulled++, 97))),
  });
  const error = (await rejection(readLines(endless, "", 1000).next())) as AgentDataError;
  assert.equal(error.kind, "protocol");
  assert.ok(pulled <= 20, `${pulled} MiB were taken`);
});

test("a body that falls silent is a time-out", async () => {
  const silent = new ReadableStream<Uint8Array>({});
  const error = (await rejection(readLines(silent, "GET /x", 20).next())) as AgentDataError;
  assert.equal(error.kind, "timeout");
});

test("events are parsed by the rules of server-sent events", async () => {
  const text = ": comment\n\nid: 1\n\nevent: log\ndata: a\ndata:b\nid: 2\n\ndata\n\nretry: 5\nevent: lost\n\ndata: cut off";
  assert.deepEqual(await Array.fromAsync(readEvents(body(text), "", 1000)), [
    { event: "message", data: undefined, id: "1" },
    { event: "log", data: "a\nb", id: "2" },
    { event: "message", data: "", id: "2" },
  ]);
});
