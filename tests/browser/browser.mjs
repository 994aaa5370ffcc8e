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
    await page.screenshot({ path: `${screenshots}${name}-failure.png`, fullPage: true });
    throw new Error(`${error.message}\nThe page's errors: ${JSON.stringify(errors, null, 2)}`, { cause: error });
  }
}

// The block of an operation in Swagger UI, opened.
export async function openOperation(page, method, path) {
  const summary = page.locator(".opblock-summary-path", { hasText: new RegExp(`^${path}$`) });
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
