export * from "./generated/index.js";
export { client } from "./generated/client.gen.js";
export { createClient, createConfig, type Client, type Config } from "./generated/client/index.js";
