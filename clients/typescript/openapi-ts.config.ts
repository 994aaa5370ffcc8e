import { defineConfig } from "@hey-api/openapi-ts";

// `make test` generates into a directory of its own, hence the variable.
export default defineConfig({
  input: "../../openapi/openapi.json",
  output: {
    path: process.env.AGENTDATA_CLIENT_OUT ?? "src/generated",
    module: { extension: ".js" },
  },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
});
