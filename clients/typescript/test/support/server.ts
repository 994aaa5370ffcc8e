// A server of a test's own, to be stopped and killed at will. tools/with_server.py says where its programs are.
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";

export class OwnServer {
  readonly url: string;
  readonly #home: string;
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;

  private constructor(home: string, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#home = home;
    const { PATH, AGENTDATA_POSTGRES_BIN } = process.env;
    const AGENTDATA_LISTEN = `127.0.0.1:${port}`;
    this.#env = { PATH, AGENTDATA_POSTGRES_BIN, AGENTDATA_HOME: home, AGENTDATA_LISTEN, AGENTDATA_PUBLIC_URL: this.url };
  }

  static async start(): Promise<OwnServer> {
    // Where another user, as whom root runs the database, can reach it.
    const home = await mkdtemp("/tmp/ad-");
    await chmod(home, 0o755);
    const server = new OwnServer(home, await freePort());
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    assert.ok(process.env.AGENTDATA_BINARY, "AGENTDATA_BINARY is not set: run the tests under tools/with_server.py");
    const started = spawn(process.env.AGENTDATA_BINARY, ["serve"], { env: this.#env, stdio: "ignore" });
    this.#process = started;
    for (const deadline = Date.now() + 30_000; ; ) {
      assert.equal(started.exitCode, null, "the server has stopped by itself");
      assert.ok(Date.now() < deadline, "the server was not ready within 30 seconds");
      if (await fetch(`${this.url}/readyz`).then(({ ok }) => ok, () => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends the process: with SIGTERM it finishes what it does, with SIGKILL it has no time to. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const exited = once(this.#process!, "exit");
    this.#process!.kill(signal);
    await exited;
  }

  /** A token of every scope. */
  token(): string {
    const { stdout, stderr, status } = spawnSync(process.env.AGENTDATA_BINARY!, ["token"], { env: this.#env });
    assert.equal(status, 0, stderr.toString());
    return stdout.toString().trim();
  }

  async remove(): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.stop("SIGTERM");
    await rm(this.#home, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
