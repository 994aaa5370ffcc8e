// Tokens of a real OpenID provider open the API by configuration alone: for a program, and for people in Swagger UI.
import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import Provider from "oidc-provider";
import { execute, looking, openOperation, openPage, screenshots } from "./browser.mjs";
import { freePort, startServer } from "./server.mjs";

const AUDIENCE = "https://agentdata.example";
const SCOPES = "agents:read agents:write";

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

// An OpenID provider with these keys, of which the first signs. Its people log in with any name.
async function startProvider(issuer, port, keys, redirect) {
  const provider = new Provider(issuer, {
    jwks: { keys },
    scopes: SCOPES.split(" "),
    cookies: { keys: [randomUUID()] },
    clients: [
      {
        client_id: "program",
        client_secret: "a secret of a program in a test",
        grant_types: ["client_credentials"],
        response_types: [],
        redirect_uris: [],
        scope: SCOPES,
      },
      {
        client_id: "docs",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code"],
        response_types: ["code"],
        redirect_uris: [redirect],
        scope: SCOPES,
      },
    ],
    clientBasedCORS: () => true,
    extraTokenClaims: () => ({ tenant: "acme" }),
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPES,
          audience: AUDIENCE,
          accessTokenTTL: 600,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
  // A connection that is kept would be closed with the provider, and an answer asked for on it just then lost.
  provider.use((context, next) => {
    context.set("Connection", "close");
    return next();
  });
  const server = provider.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function stopProvider(server) {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}

// A provider and a server that takes its tokens and no others.
async function start(t) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const url = await startServer(t, () => ({
    AGENTDATA_OAUTH_ISSUER: issuer,
    AGENTDATA_OAUTH_AUDIENCE: AUDIENCE,
    AGENTDATA_OAUTH_TYPES: "at+jwt",
    AGENTDATA_OAUTH_TENANT_CLAIM: "tenant",
    AGENTDATA_OAUTH_KEY_INTERVAL: "0.001",
    AGENTDATA_OAUTH_UI_CLIENT_ID: "docs",
    AGENTDATA_OAUTH_UI_SCOPES: SCOPES.replaceAll(" ", ","),
    AGENTDATA_NO_TOKENS: "true",
  }));
  const provider = (keys) => startProvider(issuer, port, keys, `${url}/docs/oauth-receiver.html`);
  return { issuer, url, provider };
}

async function programToken(issuer) {
  const basic = Buffer.from(`program:${encodeURIComponent("a secret of a program in a test")}`).toString("base64");
  const answer = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: SCOPES, resource: AUDIENCE }),
  });
  const { access_token, ...rest } = await answer.json();
  assert.ok(access_token, JSON.stringify(rest));
  return access_token;
}

const list = (url, token) => fetch(`${url}/agents`, { headers: { Authorization: `Bearer ${token}` } });

test("tokens of a real provider open the API, also after its keys were rotated", async (t) => {
  const { issuer, url, provider } = await start(t);
  const [first, second] = [newKey(), newKey()];
  let running = await provider([first]);
  t.after(() => stopProvider(running));
  const before = await programToken(issuer);
  assert.equal((await list(url, before)).status, 200);

  // The new key signs, the old one is still published.
  await stopProvider(running);
  running = await provider([second, first]);
  const after = await programToken(issuer);
  assert.notEqual(after, before);
  for (const token of [after, before]) assert.equal((await list(url, token)).status, 200);

  // While it is away its keys are still good, also for a token that this server has not seen.
  const [unseen, kept] = [await programToken(issuer), await programToken(issuer)];
  await stopProvider(running);
  assert.equal((await list(url, unseen)).status, 200);

  // Back with other keys: the unknown one makes the server look, and after that a token by the withdrawn one opens nothing.
  running = await provider([newKey(), first]);
  assert.equal((await list(url, await programToken(issuer))).status, 200);
  assert.equal((await list(url, kept)).status, 401);
});

test("people log in at a real provider from Swagger UI, by authorization code with PKCE", async (t) => {
  const { url, provider } = await start(t);
  const running = await provider([newKey()]);
  t.after(() => stopProvider(running));
  const { page, errors } = await openPage(t);
  await looking(page, errors, "oidc", async () => {
    await page.goto(`${url}/docs`);
    await page.locator(".auth-wrapper .authorize").click();
    const dialog = page.locator(".dialog-ux .modal-ux");
    const flow = dialog.locator(".auth-container").filter({ has: page.locator("#client_id_authorizationCode") });
    assert.equal(await flow.locator("#client_id_authorizationCode").inputValue(), "docs");
    await page.screenshot({ path: `${screenshots}4-outside-issuer.png` });
    const [popup] = await Promise.all([page.waitForEvent("popup"), flow.locator("button.authorize").click()]);
    await popup.locator("input[name=login]").fill("ada");
    await popup.locator("input[name=password]").fill("any");
    await popup.locator("button[type=submit]").click();
    // The page that asks for consent has no field.
    await popup.locator("button[autofocus]").click();
    await dialog.getByText("Logout", { exact: true }).waitFor();
    await page.screenshot({ path: `${screenshots}5-logged-in.png` });
    await dialog.locator(".btn-done").first().click();

    const createAgent = await openOperation(page, "post", "/agents");
    await createAgent.locator("textarea.body-param__text").fill(JSON.stringify({ name: "made by ada" }));
    const answer = await execute(createAgent);
    await page.screenshot({ path: `${screenshots}6-created.png` });
    assert.equal(answer.status, 201, answer.text);
  });
  assert.deepEqual(errors, []);
});
