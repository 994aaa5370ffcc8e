// The server that tools/with_server.py started, and what the tests do with it again and again.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { AgentData, type AgentDataOptions } from "agentdata";
import { Proxy } from "./proxy.ts";

function variable(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run the tests under tools/with_server.py`);
  return value;
}

export const url = variable("AGENTDATA_URL");
export const credentials = {
  clientId: variable("AGENTDATA_CLIENT_ID"),
  clientSecret: variable("AGENTDATA_CLIENT_SECRET"),
};
export const token = variable("AGENTDATA_TOKEN");

/** A client that reaches the server through a gateway. */
export async function behindProxy(t: TestContext, options: AgentDataOptions = {}) {
  const proxy = await Proxy.start(url);
  t.after(() => proxy.close());
  return { proxy, client: new AgentData({ baseUrl: proxy.url, ...credentials, ...options }) };
}

/** A new agent with a name that no other test has. */
export async function newAgent(client: AgentData, name: string): Promise<string> {
  const agent = await client.agents.create({ name: `${name} ${crypto.randomUUID()}` });
  return agent.id;
}

/** Resolves when the condition holds; fails after ten seconds without. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `not within 10 seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The error that a call rejects with. */
export async function rejection(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  assert.fail("the call should have been rejected");
}
