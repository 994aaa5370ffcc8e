// The page for reading shows the specification by itself: nothing is asked of any other server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { looking, openPage, screenshots } from "./browser.mjs";

const { AGENTDATA_URL: url } = process.env;
const { info, paths } = JSON.parse(readFileSync(new URL("../../openapi/openapi.json", import.meta.url), "utf8"));

test("the reference shows the API without asking any other server", async (t) => {
  const { page, errors } = await openPage(t);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await looking(page, errors, "reference", async () => {
    const answer = await page.goto(`${url}/reference`);
    assert.equal(answer.status(), 200);
    await page.getByRole("heading", { name: info.title }).first().waitFor();
    await page.locator("h2", { hasText: new RegExp(`^${paths["/agents"].post.summary}\\s*$`) }).waitFor();
    await page.screenshot({ path: `${screenshots}9-reference.png` });
  });
  const { origin } = new URL(url);
  assert.deepEqual(asked.filter((to) => !/^(data|blob):/.test(to) && new URL(to).origin !== origin), []);
  assert.deepEqual(errors, []);
});
