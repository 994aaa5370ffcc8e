// The generated functions, one for each operation, as the generator made them.
export * from "./generated/index.js";
export { client } from "./generated/client.gen.js";
export {
  createClient,
  createConfig,
  type Client,
  type Config as ClientConfig,
} from "./generated/client/index.js";
