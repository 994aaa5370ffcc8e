// Writes operations.gen.ts beside the generator's files: a class for each tag of the specification with a method for each
// operation, which calls the generated function. `npm run generate` runs it; `tsc` checks that the two fit.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Schema {
  $ref?: string;
  type?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}
interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  schema: Schema;
  required?: boolean;
  description?: string;
}
interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
  security?: Array<Record<string, string[]>>;
}

const spec = JSON.parse(readFileSync("../../openapi/openapi.json", "utf8"));
const imports = new Set<string>();

/** `tool_usage`, `Tool usage` and `If-Match` as `toolUsage` and `ifMatch`. */
function camel(name: string): string {
  const [first = "", ...rest] = name.toLowerCase().split(/[^a-z0-9]+/);
  return first + rest.map(capital).join("");
}
function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A method is called what its operation is called without the words of its tag: `list_logs` is `logs.list`. */
function methodName(operationId: string, tag: string): string {
  const words = tag.toLowerCase().split(" ").map((word) => word.replace(/s$/, ""));
  const rest = operationId.split("_").filter((word) => !words.includes(word.replace(/s$/, "")));
  return camel(rest.join("_"));
}

/** The methods of a tag by name. Where two have one name, that of the plural gets `Many`: `delete` and `deleteMany`. */
function methodNames(tag: string, operations: Operation[]): Map<string, Operation> {
  const names = new Map<string, Operation>();
  // The shorter id is that of the singular.
  for (const operation of operations.toSorted((a, b) => a.operationId.length - b.operationId.length)) {
    const name = methodName(operation.operationId, tag);
    const free = names.has(name) ? `${name}Many` : name;
    if (names.has(free) || free === "") throw new Error(`no name for ${operation.operationId}`);
    names.set(free, operation);
  }
  const order = (operation: Operation) => operations.indexOf(operation);
  return new Map([...names].toSorted(([, a], [, b]) => order(a) - order(b)));
}

function resolve(schema: Schema): Schema {
  if (!schema.$ref) return schema;
  return spec.components.schemas[schema.$ref.replace("#/components/schemas/", "")];
}
function typeName(schema: Schema): string {
  if (!schema.$ref) throw new Error(`no name for ${JSON.stringify(schema)}`);
  const name = schema.$ref.replace("#/components/schemas/", "");
  imports.add(name);
  return name;
}
/** Whether the records of this schema may bring an id of their own. */
function takesId(schema: Schema | undefined): boolean {
  const { properties = {}, required = [] } = schema ? resolve(schema) : {};
  return "id" in properties && !required.includes("id");
}

function comment(text: string, indent: string): string {
  const lines = text.replaceAll("*/", "* /").split("\n");
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`].join("\n");
}

function method(name: string, verb: string, path: string, operation: Operation): string {
  const { operationId, parameters = [], requestBody, responses } = operation;
  const raw = `raw.${camel(operationId)}`;
  const data = `${capital(camel(operationId))}Data`;
  const dataOf = (part: string) => (imports.add(data), `${data}["${part}"]`);
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const inQuery = parameters.filter((parameter) => parameter.in === "query" && parameter.name !== "cursor");
  const headers = parameters.filter((parameter) => parameter.in === "header" && parameter.name !== "Last-Event-ID");
  const success = Object.entries(responses).find(([status]) => status.startsWith("2"))?.[1].content ?? {};
  const [mediaType, { schema }] = Object.entries(success)[0] ?? ["", { schema: {} }];
  const isPage = "next_cursor" in (resolve(schema).properties ?? {});
  const lines = "application/x-ndjson";
  const conditional = "304" in responses;

  // What the method takes, and what it tells the generated function.
  const takes: string[] = [];
  const tells: string[] = ["...o"];
  for (const { name, schema } of inPath) takes.push(`${camel(name)}: ${schema.type === "integer" ? "number" : "string"}`);
  if (inPath.length) tells.push(`path: { ${inPath.map(({ name }) => `${name}: ${camel(name)}`).join(", ")} }`);
  let keyed = headers.some((header) => header.name === "Idempotency-Key");
  let prepare = "";
  if (requestBody) {
    const [type, { schema }] = Object.entries(requestBody.content)[0]!;
    const { properties = {}, items } = resolve(schema);
    if (type === lines) {
      takes.push("values: Lines<NewEmbedding>");
      imports.add("NewEmbedding");
      tells.push("...streamed(values)");
    } else {
      takes.push(`body${requestBody.required ? "" : "?"}: ${dataOf("body")}`);
      let sent = "body";
      if (!keyed && verb === "post") {
        // The id is made here once, so that every attempt sends the same.
        if (takesId(schema)) sent = "withId(body)";
        else if (takesId(items)) sent = "body.map(withId)";
        else if (takesId(properties.items?.items)) sent = "{ ...body, items: body.items.map(withId) }";
        if (sent !== "body") {
          keyed = true;
          prepare = `    const sent = ${sent};\n`;
          sent = "sent";
        }
      }
      tells.push(sent === "body" ? "body" : "body: sent");
    }
  }
  if (inQuery.length || isPage) {
    const required = inQuery.some((parameter) => parameter.required);
    takes.push(`query${required ? "" : "?"}: ${dataOf("query")}`);
    tells.push(isPage ? "query: { ...query, ...(cursor !== undefined && { cursor }) }" : "query");
  }
  if (headers.length) {
    if (headers.some((header) => header.name === "Idempotency-Key")) {
      prepare += `    const idempotencyKey = options.idempotencyKey ?? uuidv7();\n`;
    }
    const told = headers.map(({ name }) => {
      return `"${name}": ${name === "Idempotency-Key" ? "idempotencyKey" : `options.${camel(name)}`}`;
    });
    tells.push(`headers: { ...o.headers, ${told.join(", ")} }`);
  }

  // How it is called, and what it gives.
  const reads = operation.security?.every((scheme) => Object.values(scheme).flat().every((scope) => /:(read|secrets)$/.test(scope)));
  const traits: string[] = [];
  if (verb === "post" && (keyed || (operation.security && reads))) traits.push("repeatable: true");
  if (requestBody && lines in requestBody.content) traits.push("streamRequest: true");
  let caller: string;
  let gives: string;
  let send = `${raw}({ ${tells.join(", ")} })`;
  if (mediaType === "text/event-stream") {
    gives = `EventStream<${typeName(schema.items!)}>`;
    caller = "events";
    // The generated function has a loop of its own.
    const security = "security: [{ scheme: \"bearer\", type: \"http\" }]";
    send = `o.client.get({ ${tells.join(", ")}, ${security}, url: "${path}" satisfies ${dataOf("url")}, parseAs: "stream" })`;
  } else if (mediaType === lines) {
    // The specification cannot say what the lines are; the list of the same resource can.
    const listed = spec.paths[path.replace(/\/export$/, "")]?.get?.responses["200"].content["application/json"].schema;
    gives = `AsyncGenerator<${typeName(resolve(listed).properties!.items!.items!)}, void, undefined>`;
    caller = "lines";
    send = send.replace("...o", '...o, parseAs: "stream"');
  } else if (isPage) {
    gives = `Pages<${typeName(resolve(schema).properties!.items!.items!)}>`;
    caller = "pages";
  } else {
    gives = `Call<${mediaType === "" ? "void" : schema.$ref ? typeName(schema) : "string"}>`;
    caller = "one";
    const text = send.replace("...o", '...o, parseAs: "text"');
    if (mediaType === "") send = `nothing(${text})`;
    else if (!schema.$ref) send = `text(${text})`;
  }

  const own = headers.map((header) => {
    return `${comment(header.description ?? "", "      ")}\n      ${camel(header.name)}?: string | undefined;`;
  });
  if (mediaType === "text/event-stream") {
    own.push(`${comment("The id of the last event that was seen before: the stream goes on behind it.", "      ")}\n      lastEventId?: string | number | undefined;`);
  }
  const options = own.length ? `CallOptions & {\n${own.join("\n")}\n    }` : "CallOptions";
  const scopes = (operation.security ?? []).flatMap((scheme) => Object.values(scheme).flat());
  const doc = [operation.summary, operation.description && `\n${operation.description}`];
  doc.push(scopes.length ? `\nScope: \`${scopes.join("`, `")}\`.` : "\nNeeds no access token.");
  if (conditional) doc.push("\nGives `undefined` when `ifNoneMatch` is given and still the newest.");
  const told = inPath.map(({ name, description }) => `@param ${camel(name)} ${description?.replaceAll("\n", " ")}`);
  const documented = comment([...doc.filter(Boolean), ...(told.length ? ["\n" + told.join("\n")] : [])].join("\n"), "  ");

  const call = `this.caller.${caller}((o${isPage ? ", cursor" : ""}) => ${send}, options${traits.length ? `, { ${traits.join(", ")} }` : ""})`;
  const body = ` {\n${prepare}    return ${call};\n  }`;
  const signature = (options: string, gives: string) => `  ${name}(${[...takes, options].join(", ")}): ${gives}`;
  if (!conditional) return `${documented}\n${signature(`options: ${options} = {}`, gives)}${body}`;
  const maybe = gives.replace(/>$/, " | undefined>");
  return [
    `${documented}\n${signature("options?: CallOptions & { ifNoneMatch?: undefined }", gives)};`,
    `${signature(`options: ${options}`, maybe).replace("query?:", "query:")};`,
    `${signature(`options: CallOptions & { ifNoneMatch?: string | undefined } = {}`, maybe)}${body}`,
  ].join("\n");
}

const tags = new Map<string, Operation[]>();
const places = new Map<Operation, [verb: string, path: string]>();
for (const [path, item] of Object.entries<Record<string, Operation>>(spec.paths)) {
  for (const verb of ["get", "put", "post", "patch", "delete"]) {
    const operation = item[verb];
    if (!operation) continue;
    const tag = operation.tags[0]!;
    tags.set(tag, [...(tags.get(tag) ?? []), operation]);
    places.set(operation, [verb, path]);
  }
}

const classes: string[] = [];
const members: string[] = [];
for (const [tag, operations] of tags) {
  const names = methodNames(tag, operations);
  const className = `${capital(camel(tag))}Operations`;
  const methods = [...names].map(([name, operation]) => {
    return method(name, ...places.get(operation)!, operation);
  });
  classes.push(`${comment(`The operations of the tag "${tag}".`, "")}\nexport class ${className} extends Resource {\n${methods.join("\n\n")}\n}`);
  members.push(`  /** The operations of the tag "${tag}". */\n  readonly ${camel(tag)}: ${className};`);
}
const made = [...tags.keys()].map((tag) => `    this.${camel(tag)} = new ${capital(camel(tag))}Operations(caller);`);

const text = `// This file is auto-generated by scripts/operations.ts

import type { Call, CallOptions, Caller } from "../call.js";
import { nothing, Resource, streamed, text, type Lines } from "../operations.js";
import type { Pages } from "../pages.js";
import type { EventStream } from "../streams/events.js";
import { uuidv7, withId } from "../uuid.js";
import * as raw from "./sdk.gen.js";
import type {
${[...imports].toSorted().map((name) => `  ${name},`).join("\n")}
} from "./types.gen.js";

${classes.join("\n\n")}

/** Every operation of the server, in a member for each tag. */
export class Operations {
${members.join("\n")}

  constructor(caller: Caller) {
${made.join("\n")}
  }
}
`;
writeFileSync(join(process.env.AGENTDATA_CLIENT_OUT ?? "src/generated", "operations.gen.ts"), text);
