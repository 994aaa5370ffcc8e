// Prompts that are kept in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AgentData, AgentDataError } from "agentdata";
import { behindProxy, newAgent, rejection } from "./support/live.ts";

const direct = new AgentData();

async function withPrompt(template = "one") {
  const id = await newAgent(direct, "prompts");
  await direct.prompts.create(id, { type: "text", template, labels: ["production"] });
  return { id, path: `/agents/${id}/prompts/labels/production` };
}

test("a label is asked for once while it is fresh, by however many at once, and a version once for all", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const { id, path } = await withPrompt();
  const { prompts } = client.agent(id);
  const got = await Promise.all(Array.from({ length: 10 }, () => prompts.get("production")));
  assert.equal((await prompts.get("production")).template, "one");
  assert.equal(new Set(got).size, 1);
  assert.equal(proxy.count(path), 1);
  assert.equal(await prompts.get(1), await prompts.get(1));
  assert.equal(proxy.count(`/agents/${id}/prompts/1`), 1);
});

test("after its time a label is looked at again: by its ETag when it has not moved", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const { id, path } = await withPrompt();
  const { prompts } = client.agent(id, { ttlMs: 0 });
  const first = await prompts.get("production");
  assert.equal(await prompts.get("production"), first);
  assert.ok(proxy.passed.at(-1)!.headers["if-none-match"]);
  await direct.prompts.create(id, { type: "text", template: "two", labels: ["production"] });
  assert.equal((await prompts.get("production")).template, "two");
  assert.equal(proxy.count(path), 3);
});

test("while the server is away the kept prompt is used, for as long as it may be", async (t) => {
  const { proxy, client } = await behindProxy(t, { maxRetries: 0 });
  const { id, path } = await withPrompt();
  const { prompts } = client.agent(id, { ttlMs: 0 });
  const short = client.agent(id, { ttlMs: 0, staleIfErrorMs: 0 }).prompts;
  const first = await prompts.get("production");
  await short.get("production");
  proxy.fault = { status: 503 };
  for (let round = 0; round < 5; round++) assert.equal(await prompts.get("production"), first);
  assert.equal(proxy.count(path), 3, "it is not asked for again and again");
  assert.equal(((await rejection(short.get("production"))) as AgentDataError).status, 503);
  assert.equal(((await rejection(client.agent(id).prompts.get("production"))) as AgentDataError).status, 503);
});

test("a label that is gone is gone", async () => {
  const { id } = await withPrompt();
  const { prompts } = direct.agent(id, { ttlMs: 0 });
  await prompts.get("production");
  await direct.prompts.deleteLabel(id, "production");
  assert.equal(((await rejection(prompts.get("production"))) as AgentDataError).code, "not_found");
});

test("no more prompts are kept than there is room for", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const { id } = await withPrompt();
  const labels = Array.from({ length: 101 }, (_, index) => `label-${index}`);
  for (const label of labels) await direct.prompts.setLabel(id, label, { version: 1 });
  const { prompts } = client.agent(id);
  for (const label of labels) await prompts.get(label);
  await prompts.get("label-100");
  assert.equal(proxy.count(`/agents/${id}/prompts/labels/label-100`), 1);
  await prompts.get("label-0");
  assert.equal(proxy.count(`/agents/${id}/prompts/labels/label-0`), 2);
  prompts.clear();
  await prompts.get("label-100");
  assert.equal(proxy.count(`/agents/${id}/prompts/labels/label-100`), 2);
});
