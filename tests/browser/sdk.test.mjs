// The TypeScript SDK in a page of another origin: what the package says of browsers is true.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { looking, openPage } from "./browser.mjs";
import { startServer } from "./server.mjs";

const { AGENTDATA_CLIENT_ID, AGENTDATA_CLIENT_SECRET } = process.env;
const built = fileURLToPath(new URL("../../clients/typescript/dist/", import.meta.url));

// A site that serves the built package as it is, and an empty page.
async function startSite(t) {
  const site = createServer(async (request, response) => {
    const script = request.url.endsWith(".js");
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
    response.end(script ? await readFile(built + request.url) : "<!doctype html><link rel=icon href=data:,>");
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
  t.after(() => {
    site.closeAllConnections();
    site.close();
  });
  return `http://127.0.0.1:${site.address().port}`;
}

// As a site's own backend gets it for its pages: the secret stays there.
async function tokenFor(url) {
  const basic = Buffer.from(`${AGENTDATA_CLIENT_ID}:${AGENTDATA_CLIENT_SECRET}`).toString("base64");
  const answer = await fetch(`${url}/oauth/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "agents:read agents:write logs:read logs:write" }),
  });
  return (await answer.json()).access_token;
}

test("the SDK works in a page of another origin", async (t) => {
  const site = await startSite(t);
  const url = await startServer(t, () => ({ AGENTDATA_CORS_ORIGINS: site }));
  const token = await tokenFor(url);
  const { page, errors } = await openPage(t);
  await looking(page, errors, "sdk", async () => {
    await page.goto(site);
    const seen = await page.evaluate(
      async ({ url, token }) => {
        const { AgentData, AgentDataError } = await import("/index.js");
        const client = new AgentData({ baseUrl: url, token: async () => token });
        const { data, response } = await client.agents.create({ name: `a page's ${crypto.randomUUID()}` }).withResponse();
        const etag = response.headers.get("ETag");
        const agent = client.agent(data.id);

        const tail = agent.tail();
        await tail.open();
        const recorder = agent.recorder();
        for (const message of ["one", "two", "three"]) recorder.log({ level: "info", message });
        const report = await recorder.close();
        const tailed = [];
        for await (const log of tail) {
          tailed.push(log.message);
          if (tailed.length === 3) break;
        }
        const listed = [];
        for await (const log of client.logs.list(data.id, { limit: 2, order: "timestamp_asc" })) listed.push(log.message);

        const wrong = await client.agents.create({ name: "" }).catch((error) => error);
        const stale = await client.agents.update(data.id, { name: "other" }, { ifMatch: '"7"' }).catch((error) => error);
        await client.agents.delete(data.id, { ifMatch: etag });
        const gone = await client.agents.get(data.id).catch((error) => error);
        const told = (error) => [error instanceof AgentDataError, error.status, error.code, Boolean(error.requestId)];
        return { report, tailed, listed, wrong: told(wrong), stale: told(stale), gone: told(gone) };
      },
      { url, token },
    );
    assert.deepEqual(seen.report, { delivered: 3, undelivered: 0 });
    assert.deepEqual(seen.tailed.toSorted(), ["one", "three", "two"]);
    assert.deepEqual(seen.listed, ["one", "two", "three"]);
    assert.deepEqual(seen.wrong, [true, 422, "invalid_request", true]);
    assert.deepEqual(seen.stale, [true, 412, "stale", true]);
    assert.deepEqual(seen.gone, [true, 404, "not_found", true]);
    // The browser itself notes each refusal and the end of the tail, and nothing else went wrong.
    const noted = errors.map((error) => /status of (\d+)|(tail: net::ERR_ABORTED)/.exec(error)?.slice(1).join("") ?? error);
    assert.deepEqual(noted.toSorted(), ["404", "412", "422", "tail: net::ERR_ABORTED"]);
  });
});
