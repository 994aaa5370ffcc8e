// A newcomer's first visit: open Swagger UI, authorize with client id and secret, keep and find data, read an error, share a link.
import assert from "node:assert/strict";
import { test } from "node:test";
import { authorize, execute, looking, openOperation, openPage, screenshots } from "./browser.mjs";

const { AGENTDATA_URL: url, AGENTDATA_CLIENT_ID: clientId, AGENTDATA_CLIENT_SECRET: clientSecret } = process.env;

// Opens an operation, fills these path parameters and this body in, presses Execute; gives the answer, parsed.
async function call(page, method, path, parameters, body) {
  const operation = await openOperation(page, method, path);
  for (const [name, value] of Object.entries(parameters)) {
    await operation.locator(`tr[data-param-name="${name}"] input`).fill(value);
  }
  await operation.locator("textarea.body-param__text").fill(JSON.stringify(body));
  const { status, text } = await execute(operation);
  const shown = await operation.locator(".live-responses-table .response .highlight-code").first().innerText();
  await operation.locator(".opblock-summary-control").click();
  return { status, text, answer: JSON.parse(shown.slice(shown.indexOf("{"), shown.lastIndexOf("}") + 1)) };
}

test("a newcomer authorizes, keeps data and finds it", async (t) => {
  const { page, errors } = await openPage(t);
  await looking(page, errors, "docs", async () => {
    const scopes = ["agents:write", "prompts:write", "logs:write", "datasets:write", "embeddings:read", "embeddings:write"];
    await authorize(page, { url, clientId, clientSecret, scopes });

    const agent = await call(page, "post", "/agents", {}, { name: "browser test" });
    await page.screenshot({ path: `${screenshots}3-created.png` });
    assert.equal(agent.status, 201, agent.text);
    assert.equal(agent.answer.name, "browser test");
    const inAgent = { agent_id: agent.answer.id };

    const template = { type: "text", template: "Greet {{ name }}.", labels: ["production"] };
    const prompt = await call(page, "post", "/agents/{agent_id}/prompts", inAgent, template);
    assert.equal(prompt.status, 201, prompt.text);
    assert.deepEqual(prompt.answer.variables, ["name"]);

    const logs = ["one", "two", "three"].map((message) => ({ level: "info", message }));
    const batch = await call(page, "post", "/agents/{agent_id}/logs/batch", inAgent, logs);
    assert.equal(batch.status, 201, batch.text);
    assert.equal(batch.answer.stored, 3);

    const dataset = await call(page, "post", "/agents/{agent_id}/datasets", inAgent, { name: "handbook", distance: "l2" });
    assert.equal(dataset.status, 201, dataset.text);
    const inDataset = { dataset_id: dataset.answer.id };
    const items = [
      { content: "Refunds take five days.", embedding: [0, 1] },
      { content: "We open at nine.", embedding: [1, 0] },
    ];
    const embeddings = await call(page, "post", "/datasets/{dataset_id}/embeddings", inDataset, { items });
    assert.equal(embeddings.status, 201, embeddings.text);
    const query = { vector: [0.1, 0.9], k: 1 };
    const found = await call(page, "post", "/datasets/{dataset_id}/embeddings/search", inDataset, query);
    await page.screenshot({ path: `${screenshots}7-found.png` });
    assert.equal(found.status, 200, found.text);
    assert.deepEqual(found.answer.items.map(({ content }) => content), ["Refunds take five days."]);
  });
  assert.deepEqual(errors, []);
});

test("an error is shown with the place that is wrong, and one without a token says so", async (t) => {
  const { page, errors } = await openPage(t);
  await looking(page, errors, "errors", async () => {
    await page.goto(`${url}/docs`);
    const refused = await call(page, "post", "/agents", {}, { name: "nobody's" });
    assert.equal(refused.status, 401);
    assert.equal(refused.answer.code, "unauthorized");
    await authorize(page, { url, clientId, clientSecret, scopes: ["agents:write"] });
    const wrong = await call(page, "post", "/agents", {}, { name: "" });
    await page.screenshot({ path: `${screenshots}8-error.png` });
    assert.equal(wrong.status, 422);
    assert.equal(wrong.answer.code, "invalid_request");
    assert.equal(wrong.answer.errors[0].pointer, "/name");
  });
  // Chromium tells of each answer that is an error.
  assert.deepEqual(
    errors.map((error) => error.match(/status of (\d+)/)?.[1]),
    ["401", "422"],
  );
});

test("a link leads to an operation, and an opened operation is a link", async (t) => {
  const { page, errors } = await openPage(t);
  await looking(page, errors, "link", async () => {
    await page.goto(`${url}/docs#/Embeddings/search_embeddings`);
    const linked = page.locator("#operations-Embeddings-search_embeddings");
    await linked.locator(".btn.execute").waitFor();
    assert.equal(await page.locator(".opblock.is-open").count(), 1);
    await linked.locator(".opblock-summary-control").click();
    await openOperation(page, "post", "/agents/{agent_id}/logs/batch");
    assert.equal(new URL(page.url()).hash, "#/Logs/create_log_batch");
  });
  assert.deepEqual(errors, []);
});
