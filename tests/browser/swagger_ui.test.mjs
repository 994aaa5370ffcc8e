// A newcomer's first visit: open Swagger UI, authorize with client id and secret, create an agent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { execute, looking, openOperation, openPage, screenshots } from "./browser.mjs";

const { AGENTDATA_URL, AGENTDATA_CLIENT_ID, AGENTDATA_CLIENT_SECRET } = process.env;

test("Swagger UI authorizes and creates an agent", async (t) => {
  const { page, errors } = await openPage(t);
  await looking(page, errors, "docs", async () => {
    await page.goto(`${AGENTDATA_URL}/docs`);
    await page.locator(".auth-wrapper .authorize").click();
    const dialog = page.locator(".dialog-ux .modal-ux");
    // There may be several schemes; only OAuth 2.0 with client credentials has a field for the secret.
    const scheme = dialog.locator(".auth-container").filter({ has: page.locator("#client_secret_clientCredentials") });
    await scheme.locator("#client_id_clientCredentials").fill(AGENTDATA_CLIENT_ID);
    await scheme.locator("#client_secret_clientCredentials").fill(AGENTDATA_CLIENT_SECRET);
    for (const scope of ["agents:read", "agents:write"]) {
      await scheme.locator(".checkbox", { hasText: scope }).locator("label").first().click();
    }
    await page.screenshot({ path: `${screenshots}1-authorize.png` });
    await scheme.locator("button.authorize").click();
    await dialog.getByText("Logout", { exact: true }).waitFor(); // the fields are gone now
    await page.screenshot({ path: `${screenshots}2-authorized.png` });
    await dialog.locator(".btn-done").first().click();

    const createAgent = await openOperation(page, "post", "/agents");
    // The page may open operations ready to be tried out.
    const editor = createAgent.locator("textarea.body-param__text");
    if (!(await editor.isVisible())) await createAgent.locator(".try-out__btn").click();
    await editor.fill(JSON.stringify({ name: "browser test" }));
    const answer = await execute(createAgent);
    await page.screenshot({ path: `${screenshots}3-created.png` });
    assert.equal(answer.status, 201);
    assert.match(answer.text, /browser test/);
  });
  assert.deepEqual(errors, []);
});
