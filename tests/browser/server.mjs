// Servers beside the one that all tests share.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const { AGENTDATA_BINARY, AGENTDATA_HOME, AGENTDATA_POSTGRES_BIN } = process.env;

export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

// A second server on the database of the first, with these settings.
export async function startServer(t, settings) {
  const home = (name) => readFileSync(`${AGENTDATA_HOME}/${name}`, "utf8").trim();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(AGENTDATA_BINARY, ["serve"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      AGENTDATA_HOME,
      AGENTDATA_POSTGRES_BIN,
      AGENTDATA_LISTEN: `127.0.0.1:${port}`,
      AGENTDATA_PUBLIC_URL: url,
      AGENTDATA_MASTER_KEY: home("master.key"),
      AGENTDATA_LOG: "error",
      DATABASE_URL: `postgresql://agentdata:${home("postgres-password")}@/agentdata?host=${encodeURIComponent(`${AGENTDATA_HOME}/run`)}`,
      ...settings(url),
    },
  });
  t.after(async () => {
    child.kill("SIGTERM");
    const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
    assert.equal(code, 0);
  });
  for (const deadline = Date.now() + 30_000; ; ) {
    const ready = await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) return url;
    assert.ok(Date.now() < deadline && child.exitCode === null, "the server is not ready");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
