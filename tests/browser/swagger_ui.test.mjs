// A newcomer's first visit: open Swagger UI, authorize with client id and secret, create an agent.
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const { AGENTDATA_URL, AGENTDATA_CLIENT_ID, AGENTDATA_CLIENT_SECRET, CHROMIUM } = process.env;
const screenshots = fileURLToPath(new URL("../../target/browser/", import.meta.url));

test("Swagger UI authorizes and creates an agent", async (t) => {
  rmSync(screenshots, { recursive: true, force: true }); // a failure of an earlier run would mislead
  mkdirSync(screenshots, { recursive: true });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    // Chromium's sandbox refuses root; the other flags keep it from calling home.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  page.setDefaultTimeout(20_000);

  // Violations of the Content-Security-Policy arrive as console errors too.
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("requestfailed", (request) => errors.push(`${request.url()}: ${request.failure()?.errorText}`));

  try {
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

    const operation = page.locator(".opblock", { has: page.locator(".opblock-summary-path", { hasText: /^\/agents$/ }) });
    const createAgent = operation.and(page.locator(".opblock-post"));
    await createAgent.locator(".opblock-summary-control").click();
    // The page may open operations ready to be tried out.
    const editor = createAgent.locator("textarea.body-param__text");
    await createAgent.locator(".try-out__btn").waitFor();
    if (!(await editor.isVisible())) await createAgent.locator(".try-out__btn").click();
    await editor.fill(JSON.stringify({ name: "browser test" }));
    await createAgent.locator(".btn.execute").click();
    const response = createAgent.locator(".live-responses-table .response");
    await response.first().waitFor();
    await createAgent.locator(".live-responses-table").scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${screenshots}3-created.png` });
    assert.match(await response.locator(".response-col_status").first().innerText(), /^201/);
    assert.match(await response.innerText(), /browser test/);
  } catch (error) {
    await page.screenshot({ path: `${screenshots}failure.png`, fullPage: true });
    throw new Error(`${error.message}\nThe page's errors: ${JSON.stringify(errors, null, 2)}`, { cause: error });
  }
  assert.deepEqual(errors, []);
});
