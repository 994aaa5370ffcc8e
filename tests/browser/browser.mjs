// What the tests of the browser have in common.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const screenshots = fileURLToPath(new URL("../../target/browser/", import.meta.url));

// A page in a headless Chromium, which goes away with the test, and the errors that it has met.
export async function openPage(t) {
  mkdirSync(screenshots, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
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
  return { page, errors };
}

// Does something in a page; what goes wrong comes with a screenshot and with the page's own errors.
export async function looking(page, errors, name, work) {
  try {
    await work();
  } catch (error) {
    // What went wrong is told also when there is no screenshot to be had of it.
    await page.screenshot({ path: `${screenshots}${name}-failure.png`, fullPage: true }).catch(() => {});
    throw new Error(`${error.message}\nThe page's errors: ${JSON.stringify(errors, null, 2)}`, { cause: error });
  }
}

// The block of an operation in Swagger UI, opened.
export async function openOperation(page, method, path) {
  const summary = page.locator(`.opblock-summary-path[data-path="${path}"]`);
  const operation = page.locator(`.opblock-${method}`, { has: summary });
  await operation.locator(".opblock-summary-control").click();
  await operation.locator(".try-out__btn").waitFor();
  return operation;
}

// Presses Execute and waits for the answer: its status and its text.
export async function execute(operation) {
  await operation.locator(".btn.execute").click();
  const response = operation.locator(".live-responses-table .response");
  await response.first().waitFor();
  await operation.locator(".live-responses-table").scrollIntoViewIfNeeded();
  return {
    status: Number.parseInt(await response.locator(".response-col_status").first().innerText(), 10),
    text: await response.innerText(),
  };
}

// Opens Swagger UI and authorizes with the client's id and secret, for all scopes or for these.
export async function authorize(page, { url, clientId, clientSecret, scopes }) {
  await page.goto(`${url}/docs`);
  await page.locator(".auth-wrapper .authorize").click();
  const dialog = page.locator(".dialog-ux .modal-ux");
  // There may be several schemes; only OAuth 2.0 with client credentials has a field for the secret.
  const scheme = dialog.locator(".auth-container").filter({ has: page.locator("#client_secret_clientCredentials") });
  await scheme.locator("#client_id_clientCredentials").fill(clientId);
  await scheme.locator("#client_secret_clientCredentials").fill(clientSecret);
  if (!scopes) await scheme.getByText("select all", { exact: true }).click();
  for (const scope of scopes ?? []) await scheme.locator(".checkbox", { hasText: scope }).locator("label").first().click();
  await page.screenshot({ path: `${screenshots}1-authorize.png` });
  await scheme.locator("button.authorize").click();
  await dialog.getByText("Logout", { exact: true }).waitFor(); // the fields are gone now
  await page.screenshot({ path: `${screenshots}2-authorized.png` });
  await dialog.locator(".btn-done").first().click();
}
