// The specification as the tests need it: its operations, and whether a value is what a schema says.
import { readFileSync } from "node:fs";

interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  enum?: unknown[];
  allOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
}
export interface Operation {
  operationId: string;
  method: string;
  path: string;
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

const spec = JSON.parse(readFileSync(new URL("../../../../openapi/openapi.json", import.meta.url), "utf8"));

/** All operations of the specification. */
export const operations: Operation[] = Object.entries<Record<string, Operation>>(spec.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([, operation]) => operation.operationId)
    .map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
);

/** The operation that answers a request; of several that fit, the one with the fewest parameters. */
export function operationOf(method: string, path: string): Operation | undefined {
  const fits = operations.filter((operation) => {
    const pattern = operation.path.replaceAll(".", "\\.").replace(/\{[^}]+\}/g, "[^/]+");
    return operation.method === method && new RegExp(`^${pattern}$`).test(path);
  });
  const parameters = (operation: Operation) => operation.path.split("{").length;
  return fits.sort((a, b) => parameters(a) - parameters(b))[0];
}

const types: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === "string",
  integer: (value) => Number.isSafeInteger(value),
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  array: Array.isArray,
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};
const formats: Record<string, RegExp> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
};

/** What about a value is not as the schema says, each with its place; nothing when it is. */
export function faults(value: unknown, schema: Schema, at = ""): string[] {
  if (schema.$ref) return faults(value, spec.components.schemas[schema.$ref.split("/").at(-1)!], at);
  const found: string[] = [];
  if (value === null && schema.nullable) return found;
  if (schema.type && !types[schema.type]!(value)) return [`${at} is no ${schema.type}`];
  if (schema.enum && !schema.enum.includes(value)) found.push(`${at} is none of ${schema.enum}`);
  for (const part of schema.allOf ?? []) found.push(...faults(value, part, at));
  if (schema.anyOf?.every((part) => faults(value, part, at).length > 0)) found.push(`${at} is none of its alternatives`);
  if (typeof value === "string") {
    if (schema.pattern && !new RegExp(schema.pattern).test(value)) found.push(`${at} does not match ${schema.pattern}`);
    if (formats[schema.format ?? ""]?.test(value) === false) found.push(`${at} is no ${schema.format}`);
  }
  if (typeof value === "number" && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value))) {
    found.push(`${at} is out of bounds`);
  }
  if (Array.isArray(value) && schema.items) {
    found.push(...value.flatMap((item, index) => faults(item, schema.items!, `${at}/${index}`)));
  }
  if (schema.properties) {
    const object = value as Record<string, unknown>;
    for (const name of schema.required ?? []) if (!(name in object)) found.push(`${at}/${name} is missing`);
    for (const [name, member] of Object.entries(object)) {
      const known = schema.properties[name];
      if (known) found.push(...faults(member, known, `${at}/${name}`));
      else if (!schema.additionalProperties) found.push(`${at}/${name} is not in the specification`);
    }
  }
  return found;
}

/** A schema by its name. */
export function schemaOf(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}
