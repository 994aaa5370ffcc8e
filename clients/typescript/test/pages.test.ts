// Lists over many pages, and exports.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { AgentData, AgentDataError } from "agentdata";
import { behindProxy, newAgent, rejection } from "./support/live.ts";

const MANY = 2_500;
const client = new AgentData();
let id: string;

before(async () => {
  id = await newAgent(client, "pages");
  const logs = Array.from({ length: MANY }, (_, index) => ({ level: "info" as const, message: `log ${index}` }));
  await client.logs.createBatch(id, logs);
});

const all = Array.from({ length: MANY }, (_, index) => `log ${index}`);

test("for await gives every item once, in order, over pages of any size", async () => {
  for (const limit of [100, 999]) {
    const messages: string[] = [];
    for await (const log of client.logs.list(id, { order: "timestamp_asc", limit })) messages.push(log.message);
    assert.deepEqual(messages, all);
  }
});

test("pages come as they are asked for, and leaving the loop fetches no more", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const list = client.logs.list(id, { limit: 1000 });
  assert.equal(proxy.passed.length, 0);
  const sizes: number[] = [];
  for await (const page of list.pages()) sizes.push(page.items.length);
  assert.deepEqual(sizes, [1000, 1000, 500]);
  const path = `/agents/${id}/logs`;
  assert.equal(proxy.count(path), 3);
  for await (const log of list) {
    assert.equal(log.message, `log ${MANY - 1}`);
    break;
  }
  assert.equal(proxy.count(path), 4);
});

test("a page can be asked for alone, from a cursor on", async () => {
  const first = await client.logs.list(id, { limit: 10 }).page();
  assert.equal(first.items.length, 10);
  assert.ok(first.next_cursor);
  const second = await client.logs.list(id, { limit: 10, cursor: first.next_cursor }).page();
  assert.equal(second.items[0]?.message, `log ${MANY - 11}`);
});

test("a failure in the middle of a list is thrown where it happens", async (t) => {
  const { proxy, client } = await behindProxy(t, { maxRetries: 0 });
  const messages: string[] = [];
  const loop = async () => {
    for await (const log of client.logs.list(id, { limit: 1000 })) {
      if (messages.push(log.message) === 1000) proxy.fault = { status: 502 };
    }
  };
  assert.equal(((await rejection(loop())) as AgentDataError).status, 502);
  assert.equal(messages.length, 1000);
});

test("an export gives all records as they arrive", async () => {
  const messages: string[] = [];
  for await (const log of client.logs.export(id)) messages.push(log.message);
  assert.deepEqual(messages, all);
});

test("an export that is cut off is an error, and one that is left ends its connection", async (t) => {
  const { proxy, client } = await behindProxy(t);
  await client.agents.get(id);
  proxy.faults.push("cut answer");
  let count = 0;
  const loop = async () => {
    for await (const log of client.logs.export(id)) count += log.agent_id === id ? 1 : 0;
  };
  const error = (await rejection(loop())) as AgentDataError;
  assert.equal(error.kind, "network");
  // How many came before is a matter of luck: what waits in the stream when it breaks is lost with it.
  assert.ok(count < MANY, `${count} before the cut`);

  for await (const log of client.logs.export(id)) {
    assert.equal(log.message, "log 0");
    break;
  }
});

test("an error of a stream is as typed as any other", async () => {
  const gone = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";
  const error = (await rejection(client.logs.export(gone).next())) as AgentDataError;
  assert.equal(error.code, "not_found");
});
