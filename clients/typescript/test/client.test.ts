// Tokens, errors, retries and limits of time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AgentData, AgentDataError } from "agentdata";
import { getAgent, listAgents } from "agentdata/raw";
import { behindProxy, credentials, newAgent, rejection, token, url } from "./support/live.ts";

const NOBODY = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";

test("the environment says where the server is and who calls", async () => {
  const agents = await new AgentData().agents.list().page();
  assert.ok(Array.isArray(agents.items));
});

test("a client without a server's address, or with half of its credentials, cannot be made", (t) => {
  const { AGENTDATA_URL, AGENTDATA_CLIENT_SECRET } = process.env;
  t.after(() => Object.assign(process.env, { AGENTDATA_URL, AGENTDATA_CLIENT_SECRET }));
  delete process.env.AGENTDATA_URL;
  assert.throws(() => new AgentData(), /AGENTDATA_URL/);
  for (const baseUrl of ["no address", "http://user:secret@127.0.0.1"]) {
    assert.throws(() => new AgentData({ baseUrl, token }), (error: TypeError) => {
      return error instanceof TypeError && /baseUrl/.test(error.message) && !inspect(error).includes("secret");
    });
  }
  delete process.env.AGENTDATA_CLIENT_SECRET;
  assert.throws(() => new AgentData({ baseUrl: url, clientId: "c" }), /both clientId and clientSecret/);
});

test("one token serves many calls at once", async (t) => {
  const { proxy, client } = await behindProxy(t);
  await Promise.all(Array.from({ length: 20 }, () => client.agents.list().page()));
  assert.equal(proxy.count("/oauth/token"), 1);
  assert.equal(proxy.count("/agents"), 20);
});

test("a token that the server refuses is renewed once and the call sent again", async (t) => {
  const { proxy, client } = await behindProxy(t);
  await client.agents.list().page();
  proxy.faults.push({ status: 401 });
  const id = await newAgent(client, "renewed");
  assert.equal((await client.agents.get(id)).id, id);
  assert.equal(proxy.count("/oauth/token"), 2);
  const keys = proxy.passed.filter(({ method, path }) => method === "POST" && path === "/agents");
  assert.equal(keys.length, 2);
  assert.equal(keys[0]!.headers["idempotency-key"], keys[1]!.headers["idempotency-key"]);

  proxy.fault = { status: 401 };
  proxy.faults.push({ status: 401 });
  const error = await rejection(client.agents.get(id));
  assert.ok(error instanceof AgentDataError);
  assert.equal(error.status, 401);
});

test("a ready token is used as it is, and one from a function is asked for again", async (t) => {
  const { proxy, client } = await behindProxy(t, { token });
  await client.agents.list().page();
  assert.equal(proxy.count("/oauth/token"), 0);
  proxy.faults.push({ status: 401 });
  assert.equal(((await rejection(client.agents.list().page())) as AgentDataError).status, 401);

  const tokens = ["not.a.token", token];
  const asking = new AgentData({ baseUrl: url, token: async () => tokens.shift() ?? assert.fail("asked too often") });
  await asking.agents.list().page();
  await asking.agents.list().page();
});

test("an error carries the problem and the request id", async () => {
  const client = new AgentData();
  const error = await rejection(client.agents.create({ name: "" }));
  assert.ok(error instanceof AgentDataError && error instanceof Error);
  assert.equal(error.kind, "http");
  assert.equal(error.status, 422);
  assert.equal(error.code, "invalid_request");
  assert.equal(error.problem?.errors[0]?.pointer, "/name");
  assert.equal(error.problem.instance, `urn:uuid:${error.requestId}`);
  assert.match(error.message, /^POST \/agents: 422 /);
});

test("wrong credentials are told by OAuth's own error", async () => {
  const client = new AgentData({ clientId: credentials.clientId, clientSecret: "wrong" });
  const error = (await rejection(client.agents.list().page())) as AgentDataError;
  assert.equal(error.status, 401);
  assert.equal(error.code, "invalid_client");
  assert.match(error.requestId!, /^[0-9a-f-]{36}$/);
});

test("no secret shows in the client, in errors or in their text", async (t) => {
  const { proxy, client } = await behindProxy(t);
  await client.agents.list().page();
  proxy.fault = "stall";
  const late = await rejection(client.agents.list({}, { timeoutMs: 20, maxRetries: 0 }).page());
  const refused = await rejection(new AgentData({ ...credentials, scope: "nonsense" }).agents.list().page());
  const used = proxy.passed.at(-1)!.headers.authorization!.replace("Bearer ", "");
  for (const shown of [client, late, refused, client.agent(NOBODY), client.agent(NOBODY).recorder()]) {
    const text = inspect(shown, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(shown) + String(shown);
    for (const secret of [credentials.clientSecret, used]) assert.ok(!text.includes(secret));
  }
});

for (const fault of ["lose answer", "cut answer", { status: 503, headers: { "Retry-After": "0" } }] as const) {
  test(`a call that is safe to repeat outlives: ${JSON.stringify(fault)}`, async (t) => {
    const { proxy, client } = await behindProxy(t);
    const id = await newAgent(client, "outlives");
    const logs = `/agents/${id}/logs`;

    proxy.faults.push(fault, fault);
    assert.equal((await client.agents.get(id)).id, id);
    proxy.faults.push(fault);
    const created = await client.agents.create({ name: `created once ${crypto.randomUUID()}` });
    assert.equal((await client.agents.get(created.id)).name, created.name);
    proxy.faults.push(fault);
    await client.logs.create(id, { level: "info", message: "stored once" });
    assert.equal(proxy.count(logs), 2);
    proxy.faults.push(fault);
    await client.logs.createBatch(id, [{ level: "info", message: "one" }, { level: "info", message: "two" }]);
    const { items } = await client.logs.list(id).page();
    assert.deepEqual(items.map(({ message }) => message).toSorted(), ["one", "stored once", "two"]);
  });
}

test("a call that is not safe to repeat is sent once", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const id = await newAgent(client, "not repeated");
  proxy.faults.push({ status: 503 });
  const refused = (await rejection(client.agents.patch(id, { description: "x" }))) as AgentDataError;
  assert.equal(refused.status, 503);
  proxy.faults.push("lose answer");
  const lost = (await rejection(client.agents.patch(id, { description: "y" }))) as AgentDataError;
  assert.equal(lost.kind, "network");
  assert.equal(proxy.passed.filter(({ method }) => method === "PATCH").length, 2);
});

test("Retry-After is obeyed, and one that asks for too much ends the call", async (t) => {
  const { proxy, client } = await behindProxy(t);
  await client.agents.list().page();
  const began = performance.now();
  proxy.faults.push({ status: 429, headers: { "Retry-After": "1" } });
  await client.agents.list().page();
  assert.ok(performance.now() - began >= 995);

  proxy.faults.push({ status: 503, headers: { "Retry-After": "3600" } });
  const error = (await rejection(client.agents.list().page())) as AgentDataError;
  assert.equal(error.retryAfter, 3600);
});

test("retries end", async (t) => {
  const { proxy, client } = await behindProxy(t, { maxRetries: 2 });
  await client.agents.list().page();
  proxy.fault = { status: 502 };
  const error = (await rejection(client.agents.list().page())) as AgentDataError;
  assert.equal(error.status, 502);
  assert.equal(error.problem, undefined);
  assert.equal(proxy.count("/agents"), 4);
});

test("an answer that is not the server's is no data", async (t) => {
  const { proxy, client } = await behindProxy(t);
  const login = { headers: { "Content-Type": "text/html" }, body: "<html>Log in</html>" };
  proxy.faults.push({ status: 200, ...login });
  assert.equal(((await rejection(client.agents.list().page())) as AgentDataError).kind, "protocol");
  await client.agents.list().page();
  proxy.faults.push({ status: 200, ...login });
  assert.equal(((await rejection(client.agents.list().page())) as AgentDataError).kind, "protocol");
  proxy.faults.push({ status: 200 });
  assert.equal(((await rejection(client.agents.list().page())) as AgentDataError).kind, "protocol");
  proxy.faults.push({ status: 418, ...login });
  const error = (await rejection(client.agents.list().page())) as AgentDataError;
  assert.deepEqual([error.status, error.problem], [418, undefined]);
});

test("a call ends when its time is over, and when its caller gives up", async (t) => {
  const { proxy, client } = await behindProxy(t);
  await client.agents.list().page();
  proxy.fault = "stall";
  const late = (await rejection(client.agents.list({}, { timeoutMs: 30, maxRetries: 1 }).page())) as AgentDataError;
  assert.equal(late.kind, "timeout");
  assert.equal(proxy.count("/agents"), 3);

  const reason = new Error("enough");
  const controller = new AbortController();
  const call = client.agents.list({}, { signal: controller.signal }).page();
  controller.abort(reason);
  assert.equal(await rejection(call), reason);
});

test("a caller who gives up while the token is fetched is let go", async (t) => {
  const { proxy, client } = await behindProxy(t, { maxRetries: 0 });
  proxy.fault = "stall";
  const signal = AbortSignal.timeout(30);
  assert.equal(((await rejection(client.agents.list({}, { signal }).page())) as Error).name, "TimeoutError");
});

test("the response is there for who wants it, and 304 is no error", async () => {
  const client = new AgentData();
  const id = await newAgent(client, "response");
  const { data, response } = await client.agents.get(id).withResponse();
  assert.equal(data.id, id);
  const etag = response.headers.get("ETag");
  assert.ok(etag);
  assert.equal(await client.agents.get(id, { ifNoneMatch: etag }), undefined);
  const updated = await client.agents.update(id, { name: data.name, description: "new" }, { ifMatch: etag });
  assert.equal(updated.description, "new");
  const stale = (await rejection(client.agents.delete(id, { ifMatch: etag }))) as AgentDataError;
  assert.equal(stale.code, "stale");
  assert.equal(await client.agents.delete(id), undefined);
});

test("the raw functions take the client's way too", async (t) => {
  const { proxy, client } = await behindProxy(t);
  await client.agents.list().page();
  proxy.faults.push({ status: 503 });
  const { data } = await listAgents({ client: client.raw, throwOnError: true });
  assert.ok(data.items);
  assert.equal(proxy.count("/agents"), 3);
  const { error } = await getAgent({ client: client.raw, path: { agent_id: NOBODY } });
  assert.equal(error?.code, "not_found");
});

test("headers of the caller's own go before the client's, whatever their case", async (t) => {
  const { proxy, client } = await behindProxy(t);
  await client.agents.list().page();
  const headers = { authorization: "Bearer mine", "content-type": "application/json; charset=utf-8", "X-Request-Id": "r" };
  assert.equal(((await rejection(client.agents.create({ name: "x" }, { headers }))) as AgentDataError).status, 401);
  const sent = proxy.passed.at(-1)!.headers;
  assert.deepEqual([sent.authorization, sent["content-type"], sent["x-request-id"]], [...Object.values(headers)]);
  assert.equal(proxy.count("/oauth/token"), 1);
});

test("limits of time hold however long ago the call began", async (t) => {
  // Node forgets that a request follows a signal when it collects garbage.
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { proxy, client } = await behindProxy(t);
  const id = await newAgent(client, "garbage");
  const controller = new AbortController();
  const tail = client.logs.tail(id, {}, { signal: controller.signal });
  await tail.open();
  const next = rejection(tail.next());
  const left = client.logs.tail(id);
  await left.open();
  const leaving = left.next();
  proxy.fault = "stall";
  const aborted = rejection(client.agents.list({}, { signal: controller.signal }).page());
  const late = rejection(client.agents.list({}, { timeoutMs: 300, maxRetries: 0 }).page());
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await next, reason);
  assert.equal(await aborted, reason);
  assert.equal(((await late) as AgentDataError).kind, "timeout");
  await left.return();
  assert.equal((await leaving).done, true);
});
