// Round trips against the server that tools/with_server.py started. The package is imported by its own name, so its
// `exports` are tested too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAgent, createClient, createLogBatch, deleteAgent, getAgent, issueToken, listLogs } from "agentdata";

const { AGENTDATA_URL, AGENTDATA_CLIENT_ID, AGENTDATA_CLIENT_SECRET } = process.env;

test("an agent is created, read and deleted", async () => {
  const client = createClient({ baseUrl: AGENTDATA_URL, throwOnError: true });
  const { data: token } = await issueToken({
    client,
    throwOnError: true,
    body: {
      grant_type: "client_credentials",
      client_id: AGENTDATA_CLIENT_ID,
      client_secret: AGENTDATA_CLIENT_SECRET,
      scope: "agents:read agents:write logs:read logs:write",
    },
  });
  client.setConfig({ auth: token.access_token });

  const { data: created, response } = await createAgent({
    client,
    throwOnError: true,
    body: { name: "typescript smoke test", tags: ["smoke"] },
  });
  assert.equal(response.status, 201);

  const path = { agent_id: created.id };
  const { data: read } = await getAgent({ client, throwOnError: true, path });
  assert.deepEqual(read, created);
  assert.deepEqual(read.tags, ["smoke"]);

  const { data: batch } = await createLogBatch({
    client,
    throwOnError: true,
    path,
    body: [
      { level: "info", message: "first" },
      { level: "warn", message: "second" },
    ],
  });
  const { data: page } = await listLogs({ client, throwOnError: true, path });
  assert.deepEqual(
    page.items.map((log) => [log.message, log.id]),
    [
      ["second", batch.ids[1]],
      ["first", batch.ids[0]],
    ],
  );

  await deleteAgent({ client, throwOnError: true, path });
  const gone = await getAgent({ client, throwOnError: false, path });
  assert.equal(gone.response?.status, 404);
  assert.equal(gone.error?.status, 404); // the body is an RFC 9457 problem
});
