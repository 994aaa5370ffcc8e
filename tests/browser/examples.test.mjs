// Every operation of the specification is tried out in Swagger UI as it stands there: the examples are sent as they are, and the only
// things filled in are the ids in paths, taken from the answers before, and credentials and files, which nobody could prefill.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { authorize, looking, openPage } from "./browser.mjs";

const { AGENTDATA_URL: url, AGENTDATA_CLIENT_ID: clientId, AGENTDATA_CLIENT_SECRET: clientSecret } = process.env;
const { paths } = JSON.parse(readFileSync(new URL("../../openapi/openapi.json", import.meta.url), "utf8"));
const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ ...operation, path, method, id: operation.operationId })),
);

// What the answer to an operation tells the others; these come first, in this order.
const MADE = {
  create_agent: ({ id }) => ({ agent_id: id }),
  create_prompt: ({ version }) => ({ version, label: "production" }),
  set_config: ({ key }) => ({ key }),
  create_log: ({ id }) => ({ log_id: id }),
  create_metric: () => ({}),
  create_tool_usage: ({ id }) => ({ tool_usage_id: id }),
  create_dataset: ({ id }) => ({ dataset_id: id }),
  create_embeddings: ({ ids }) => ({ embedding_id: ids[0] }),
  create_oauth_client: ({ client }) => ({ client_id: client.client_id }),
};
// These come last: what is within something goes before it.
const ENDED = [
  "delete_embedding",
  "delete_embeddings",
  "delete_dataset",
  "delete_config",
  "delete_prompt_label",
  "delete_oauth_client",
  "delete_agent",
];
// Their answers do not end, and Swagger UI shows an answer when it has ended.
const ENDLESS = ["tail_logs", "watch_configs"];
const FORMS = {
  issue_token: { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret },
  revoke_token: { token: "none", client_id: clientId, client_secret: clientSecret },
  introspect_token: { token: "none", client_id: clientId, client_secret: clientSecret },
};
const FILES = { import_embeddings: '{"content": "Returns are free.", "embedding": [0.1, 0.2, 0.3, 0.4]}\n' };

function inOrder() {
  const place = ({ id }) => (id in MADE ? Object.keys(MADE).indexOf(id) : 100 + (ENDED.indexOf(id) + 1) * 100);
  const tried = operations.filter(({ id }) => !ENDLESS.includes(id)).toSorted((a, b) => place(a) - place(b));
  assert.equal(tried.length, operations.length - ENDLESS.length);
  return tried;
}

// Tries an operation out with what is prefilled; gives the status and the text of the answer.
async function tryOut(page, operation, ids) {
  // With one tag in sight the page is much quicker.
  await page.locator(".operation-filter-input").fill(operation.tags[0]);
  const block = page.locator(`#operations-${operation.tags[0].replaceAll(" ", "_")}-${operation.id}`);
  await block.locator(".opblock-summary-control").click();
  for (const { name } of operation.parameters?.filter((parameter) => parameter.in === "path") ?? []) {
    assert.ok(name in ids, `nothing has told the ${name} of ${operation.id}`);
    await block.locator(`tr[data-param-name="${name}"][data-param-in="path"] input`).fill(String(ids[name]));
  }
  for (const [name, value] of Object.entries(FORMS[operation.id] ?? {})) {
    await block.locator(`.opblock-section-request-body tr[data-property-name="${name}"] input[type=text]`).fill(value);
  }
  const file = FILES[operation.id];
  if (file) {
    const buffer = Buffer.from(file);
    await block.locator("input[type=file]").setInputFiles({ name: "lines.ndjson", mimeType: "application/x-ndjson", buffer });
  }
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(ids[name]));
  const [answer] = await Promise.all([
    page.waitForResponse((response) => new URL(response.url()).pathname === path),
    block.locator(".btn.execute").click(),
  ]);
  const status = answer.status();
  assert.match(await block.locator(".live-responses-table .response .response-col_status").first().innerText(), new RegExp(`^${status}`));
  const text = await answer.text();
  await block.locator(".opblock-summary-control").click();
  return { status, text };
}

test("every example can be sent as it is", async (t) => {
  const { page, errors } = await openPage(t);
  await page.setViewportSize({ width: 1000, height: 700 });
  await looking(page, errors, "examples", async () => {
    await authorize(page, { url, clientId, clientSecret });
    // To lay out what could be answered, and to paint what moves, takes as long as all else.
    const still = "*, ::before, ::after { animation: none !important; transition: none !important }";
    await page.addStyleTag({ content: `.responses-table:not(.live-responses-table) { display: none } ${still}` });
    const ids = {};
    const refused = [];
    for (const operation of inOrder()) {
      const { status, text } = await tryOut(page, operation, ids);
      if (status < 200 || status > 299) refused.push(`${operation.id}: ${status} ${text}`);
      else Object.assign(ids, MADE[operation.id]?.(JSON.parse(text)));
    }
    assert.deepEqual(refused, []);
  });
  assert.deepEqual(errors, []);
});
