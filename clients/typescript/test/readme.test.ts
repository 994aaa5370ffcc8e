// What the README and the examples show is run as it stands.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";

function run(cwd: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd, encoding: "utf8", timeout: 30_000 });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

const readme = readFileSync("README.md", "utf8");
const code = Array.from(readme.matchAll(/^```ts\n(.*?)^```/gms), ([, block]) => block).join("\n");

test("the README's code has the types of a project that tsc --init has begun", () => {
  // In a package of its own, that finds this one by its name.
  const project = "node_modules/.readme";
  mkdirSync(`${project}/node_modules`, { recursive: true });
  rmSync(`${project}/node_modules/agentdata`, { force: true });
  symlinkSync(process.cwd(), `${project}/node_modules/agentdata`);
  writeFileSync(`${project}/package.json`, '{ "type": "module" }');
  writeFileSync(`${project}/start.ts`, code);
  rmSync(`${project}/tsconfig.json`, { force: true });
  const tsc = `${process.cwd()}/node_modules/typescript/bin/tsc`;
  run(project, tsc, "--init");
  run(project, tsc, "--noEmit");
});

test("the README leads nowhere that the registry has not", () => {
  assert.doesNotMatch(readme, /\]\(/);
});

test("the README's code", () => {
  const printed = run(".", "--input-type=module-typescript", "--eval", code);
  assert.match(printed, /^Answer: \{\{ question \}\}$/m);
  assert.match(printed, /Z added two numbers$/m);
  assert.match(printed, /^the disk is full$/m);
  assert.match(printed, /^422 invalid_request \[/m);
});

test("the example of an agent, which is made by the first run", () => {
  const expected = /^It is rainy today\.\nIt is sunny today\.\nweather Palermo sunny \d+ ms\nweather Bergen rainy \d+ ms\n$/;
  assert.match(run(".", "examples/agent.ts"), expected);
  assert.match(run(".", "examples/agent.ts"), expected);
});

test("the example of a retrieval", () => {
  const printed = run(".", "examples/retrieval.ts");
  assert.match(printed, /^\{ count: 4, stored: 4 \}\n\S+ Refunds are paid within five working days\. \{ page: 0 \}\n/);
});
