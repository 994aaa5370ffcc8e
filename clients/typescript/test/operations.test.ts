// Every operation of the specification is called at least once through its method, and what it answers is of the type that
// the specification says. An operation that is missing here is named.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { AgentData } from "agentdata";
import { credentials, newAgent, url } from "./support/live.ts";
import { faults, operationOf, operations, schemaOf } from "./support/spec.ts";

const called = new Set<string>();

/** Notes which operation a request is, and compares its answer with the specification. */
async function checked(request: Request, init: RequestInit): Promise<Response> {
  const operation = operationOf(request.method, new URL(request.url).pathname);
  assert.ok(operation, `${request.method} ${request.url} is no operation`);
  const response = await fetch(request, init);
  const described = operation.responses[response.status];
  assert.ok(described, `${operation.operationId} answers ${response.status}, which the specification does not have`);
  if (response.ok || response.status === 304) called.add(operation.operationId);
  const type = response.headers.get("Content-Type")?.split(";")[0] ?? "";
  const content = described.content?.[type];
  assert.equal(content !== undefined, type !== "", `${operation.operationId} answers ${response.status} with ${type}`);
  if (type === "application/json") {
    assert.deepEqual(faults(await response.clone().json(), content!.schema), [], operation.operationId);
  }
  return response;
}

const client = new AgentData({ fetch: checked });

/** The first value of an iteration, which is compared with a schema. */
async function first<T>(values: AsyncIterable<T>, schema: string): Promise<T> {
  for await (const value of values) {
    assert.deepEqual(faults(value, schemaOf(schema)), []);
    return value;
  }
  assert.fail(`there is no ${schema}`);
}

test("agents", async () => {
  const id = await newAgent(client, "operations");
  const { name, status } = await client.agents.get(id);
  assert.equal(status, "active");
  assert.equal((await first(client.agents.list({ name }), "Agent")).id, id);
  assert.deepEqual((await client.agents.update(id, { name, tags: ["a"] })).tags, ["a"]);
  assert.equal((await client.agents.patch(id, { description: "patched" })).description, "patched");
  assert.equal(await client.agents.delete(id), undefined);
});

test("logs", async () => {
  const id = await newAgent(client, "logs");
  const tail = client.logs.tail(id);
  await tail.open();
  const log = await client.logs.create(id, { level: "warn", message: "m", timestamp: "2026-11-23T09:30:00.123456Z" });
  assert.equal(log.timestamp, "2026-11-23T09:30:00.123456Z");
  const batch = await client.logs.createBatch(id, [{ level: "info", message: "b" }]);
  assert.equal(batch.stored, 1);
  assert.deepEqual(await client.logs.get(id, log.id), log);
  assert.equal((await first(client.logs.list(id, { level: ["info", "warn"] }), "Log")).id, batch.ids[0]);
  assert.deepEqual(await first(client.logs.export(id), "Log"), log);
  assert.deepEqual(await first(tail, "Log"), log);
});

test("metrics", async () => {
  const id = await newAgent(client, "metrics");
  const metric = await client.metrics.create(id, { name: "queue.length", kind: "gauge", value: 17.5 });
  await client.metrics.createBatch(id, [{ name: "queue.length", kind: "gauge", value: 2 }]);
  assert.equal((await first(client.metrics.list(id, { order: "timestamp_asc" }), "Metric")).value, metric.value);
  assert.equal((await first(client.metrics.listNames(id), "MetricSummary")).name, "queue.length");
  assert.deepEqual(await first(client.metrics.export(id), "Metric"), metric);
  const query = { name: "queue.length", aggregations: ["max" as const] };
  assert.equal((await client.metrics.query(id, query)).series.length, 1);
  assert.match(await client.metrics.chart(id, query), /^<svg /);
});

test("tool usage", async () => {
  const id = await newAgent(client, "tool usage");
  const usage = await client.toolUsage.create(id, { tool_name: "search", status: "success", cost_usd: "0.25" });
  await client.toolUsage.createBatch(id, [{ tool_name: "search", status: "error", error_type: "E" }]);
  assert.deepEqual(await client.toolUsage.get(id, usage.id), usage);
  assert.equal((await first(client.toolUsage.list(id, { status: "success" }), "ToolUsage")).cost_usd, usage.cost_usd);
  assert.deepEqual(await first(client.toolUsage.export(id), "ToolUsage"), usage);
  await client.toolUsage.statistics(id, { group_by: ["tool_name"] });
});

test("prompts", async () => {
  const id = await newAgent(client, "prompts");
  await client.prompts.create(id, { type: "text", template: "Hi {{ name }}", labels: ["production"] });
  const second = await client.prompts.create(id, { type: "text", template: "Hello {{ name }}" });
  assert.equal((await client.prompts.get(id, second.version)).template, "Hello {{ name }}");
  assert.equal((await first(client.prompts.list(id), "Prompt")).version, 2);
  assert.equal((await client.prompts.render(id, 2, { variables: { name: "you" } })).text, "Hello you");
  assert.ok((await client.prompts.diff(id, 2, { against: 1 })).identical === false);
  assert.equal((await client.prompts.getByLabel(id, "production")).version, 1);
  assert.equal((await client.prompts.setLabel(id, "production", { version: 2 })).version, 2);
  assert.equal((await client.prompts.renderByLabel(id, "production", { variables: { name: "me" } })).text, "Hello me");
  await first(client.prompts.listLabels(id), "PromptLabel");
  await first(client.prompts.listLabelMoves(id, "production"), "PromptLabelMove");
  assert.equal(await client.prompts.deleteLabel(id, "production"), undefined);
});

test("configs", async () => {
  const id = await newAgent(client, "configs");
  const watch = client.configs.watch(id, { after: 0 });
  const config = await client.configs.set(id, { key: "retry.policy", value: { attempts: 3 } });
  assert.deepEqual((await first(watch, "ConfigChange")).value, { attempts: 3 });
  await client.configs.set(id, { key: "retry.policy", value: { attempts: 4 } });
  assert.deepEqual((await client.configs.get(id, "retry.policy", { version: config.version })).value, { attempts: 3 });
  assert.equal((await first(client.configs.list(id), "Config")).key, "retry.policy");
  assert.equal((await first(client.configs.listVersions(id, "retry.policy"), "ConfigVersion")).version, 2);
  assert.deepEqual((await client.configs.restore(id, "retry.policy", { version: 1 })).value, { attempts: 3 });
  assert.equal(await client.configs.delete(id, "retry.policy"), undefined);
});

test("datasets and embeddings", async () => {
  const id = await newAgent(client, "datasets");
  const dataset = await client.datasets.create(id, { name: "handbook", dimension: 2, distance: "l2" });
  const of = [id, dataset.id] as const;
  assert.equal((await client.datasets.get(...of)).name, "handbook");
  assert.equal((await first(client.datasets.list(id), "Dataset")).id, dataset.id);
  assert.equal((await client.datasets.patch(...of, { description: "d" })).description, "d");

  const { embeddings } = client;
  const { ids } = await embeddings.create(dataset.id, { items: [{ content: "refunds", embedding: [1, 0] }] });
  const imported = await embeddings.import(
    dataset.id,
    (function* () {
      for (let n = 0; n < 3_000; n++) yield { content: `page ${n}`, embedding: [n, 1], metadata: { n } };
    })(),
  );
  assert.deepEqual(imported, { count: 3_000, stored: 3_000 });
  assert.equal((await embeddings.get(dataset.id, ids[0]!)).content, "refunds");
  assert.equal((await embeddings.update(dataset.id, ids[0]!, { metadata: { x: 1 } })).metadata?.x, 1);
  await first(embeddings.list(dataset.id, { include: "embedding" }), "Embedding");
  assert.equal((await Array.fromAsync(embeddings.export(dataset.id))).length, 3_001);
  const query = { vector: [1, 0.1], k: 2 };
  assert.equal((await embeddings.search(dataset.id, query)).items[0]?.content, "refunds");
  assert.equal((await embeddings.searchBatch(dataset.id, { queries: [query, query] })).results.length, 2);
  await client.datasets.rebuildIndex(dataset.id);
  await client.datasets.measureRecall(dataset.id, { k: 1, samples: 1 });
  assert.equal((await embeddings.deleteMany(dataset.id, { filter: { path: "/n", gte: 10 } })).deleted, 2_990);
  assert.equal(await embeddings.delete(dataset.id, ids[0]!), undefined);

  const empty = await client.datasets.create(id, { name: "empty" });
  assert.equal((await client.datasets.update(id, empty.id, { name: "renamed" })).name, "renamed");
  assert.equal(await client.datasets.delete(id, empty.id), undefined);
});

test("auth and server", async () => {
  const { clientId, clientSecret } = credentials;
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
  assert.equal((await client.auth.issueToken({ ...form, scope: "agents:read" })).scope, "agents:read");
  assert.ok((await client.auth.getJwks()).keys.length > 0);
  assert.equal((await client.auth.getOauthMetadata()).token_endpoint, `${url}/oauth/token`);
  assert.equal((await client.auth.getProtectedResourceMetadata()).resource, url);
  const presented = { token: "no token", client_id: clientId, client_secret: clientSecret };
  assert.deepEqual(await client.auth.introspectToken(presented), { active: false });
  assert.equal(await client.auth.revokeToken(presented), undefined);

  const made = await client.auth.createOauthClient({ name: `typescript ${crypto.randomUUID()}`, scopes: ["logs:read"] });
  const { client_id } = made.client;
  assert.deepEqual((await client.auth.getOauthClient(client_id)).scopes, ["logs:read"]);
  await first(client.auth.listOauthClients({ limit: 1 }), "OauthClient");
  const rotated = await client.auth.rotateOauthClientSecret(client_id, { overlap_seconds: 60 });
  assert.notEqual(rotated.client_secret, made.client_secret);
  assert.equal(await client.auth.deleteOauthClient(client_id), undefined);

  assert.equal((await client.server.getHealth()).status, "ok");
  assert.equal((await client.server.getReadiness()).status, "ok");
  assert.match(await client.server.getMetrics(), /^# HELP /);
});

after(() => {
  const missing = operations.map(({ operationId }) => operationId).filter((id) => !called.has(id));
  assert.deepEqual(missing, [], "operations that no test here calls");
});
