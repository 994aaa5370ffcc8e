// A server that is restarted under the client's feet, by its operator and by a crash.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AgentData } from "agentdata";
import { OwnServer } from "./support/server.ts";
import { newAgent, until } from "./support/live.ts";

let server: OwnServer;
before(async () => void (server = await OwnServer.start()));
after(() => server?.remove());

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`calls, a tail and a recorder outlive a restart by ${signal}`, async () => {
    const client = new AgentData({ baseUrl: server.url, token: () => server.token(), maxRetries: 10 });
    const id = await newAgent(client, "restart");
    const tail = client.logs.tail(id);
    await tail.open();
    const recorder = client.agent(id).recorder({ flushIntervalMs: 20, closeTimeoutMs: 30_000 });

    const tailed: string[] = [];
    const reading = (async () => {
      for await (const { message } of tail) tailed.push(message);
    })();
    let restarted = false;
    const expected: string[] = [];
    const worker = async (name: string) => {
      let afterwards = 0;
      for (let index = 0; afterwards < 5; index++) {
        // Those that began while the server was stopping are the ones in question.
        if (restarted) afterwards++;
        const message = `${name} ${index}`;
        expected.push(message, `recorded ${message}`);
        recorder.log({ level: "info", message: `recorded ${message}` });
        await client.logs.create(id, { level: "info", message });
        assert.equal((await client.agents.get(id)).id, id);
      }
    };
    const working = Promise.all(["a", "b", "c", "d"].map(worker));
    await until(() => tailed.length > 20, "logs before the restart");
    await server.stop(signal);
    await server.start();
    restarted = true;
    await working;
    const report = await recorder.close();
    assert.equal(report.undelivered, 0);
    assert.equal(report.delivered, expected.length / 2);

    const stored: string[] = [];
    for await (const log of client.logs.list(id)) stored.push(log.message);
    assert.deepEqual(stored.toSorted(), expected.toSorted());
    await until(() => tailed.length >= expected.length, "the tail has all");
    await tail.return();
    await reading;
    assert.deepEqual(tailed.toSorted(), expected.toSorted());
  });
}
