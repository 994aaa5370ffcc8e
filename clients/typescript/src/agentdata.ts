import { AgentHandle } from "./agent.js";
import { Caller } from "./call.js";
import { createClient, createConfig, type Client } from "./generated/client/index.js";
import { Operations } from "./generated/operations.gen.js";
import { clientCredentials, givenToken, type Send, type TokenSource } from "./token.js";
import type { PromptCacheOptions } from "./prompts.js";
import { Transport, WANTED, type Fetch, type PlatformFetch } from "./transport.js";

/** How a client finds the server and who it says it is. */
export interface AgentDataOptions {
  /** Where the server is, such as `https://agentdata.example.org`. Default: the environment's `AGENTDATA_URL`. */
  baseUrl?: string | undefined;
  /** The OAuth client's id. Default: `AGENTDATA_CLIENT_ID`. */
  clientId?: string | undefined;
  /** The OAuth client's secret. Default: `AGENTDATA_CLIENT_SECRET`. It does not belong in a web page: use `token` there. */
  clientSecret?: string | undefined;
  /** Scopes to ask for, separated by spaces; all that the client may have unless given. */
  scope?: string | undefined;
  /**
   * A ready access token instead of client credentials, or what gets one: it is called again when the server refuses the
   * last. Default: `AGENTDATA_TOKEN`, unless there are client credentials.
   */
  token?: (string | (() => string | Promise<string>)) | undefined;
  /** Milliseconds for one attempt of a call. Default: 60,000. */
  timeoutMs?: number | undefined;
  /**
   * How often a failed attempt is repeated: after a lost connection, a time-out or a status 429, 502, 503 or 504, where
   * the call can be sent twice without harm. Default: 5, which is some seven seconds.
   */
  maxRetries?: number | undefined;
  /** Sends a request once; the platform's `fetch` unless given. */
  fetch?: Fetch | undefined;
}

/**
 * A client of an agentdata server. Every operation is a method of one of its resources, such as `agents.create` or
 * `logs.list`; {@link AgentData.agent} has what an agent does all day.
 *
 * Tokens are fetched when the first call needs one, kept, and renewed. Calls reject with an `AgentDataError`.
 */
export class AgentData extends Operations {
  /** The client of the functions of `agentdata/raw`: `getAgent({ client: client.raw, path })`. Its requests are sent as all are. */
  readonly raw: Client;

  /** @throws {TypeError} When neither the options nor the environment say where the server is, or what they say is no address. */
  constructor(options: AgentDataOptions = {}) {
    const baseUrl = (options.baseUrl ?? environment("AGENTDATA_URL"))?.replace(/\/+$/, "");
    if (!baseUrl) throw new TypeError("AgentData needs a baseUrl, or AGENTDATA_URL in the environment");
    checkAddress(baseUrl);
    const { timeoutMs = 60_000, maxRetries = 5 } = options;
    const times = { timeoutMs, maxRetries };
    // A token changes nothing on the server: asking for another is safe.
    const fetch = once(options.fetch);
    const bare = new Transport(fetch, undefined);
    const tokens = tokenSource(baseUrl, options, (request) => bare.sendRequest(request, { ...times, repeatable: true }));
    const transport = new Transport(fetch, tokens);
    const raw = createClient(
      createConfig({
        baseUrl,
        auth: ({ scheme }) => (scheme === "bearer" ? WANTED : undefined),
        fetch: (request) => transport.sendRequest(request as Request, times),
      }),
    );
    super(new Caller(raw, transport, times));
    this.raw = raw;
  }

  /**
   * What an agent does all day, by its id: its recorder, prompts and streams. Nothing is fetched: an id that there is not
   * shows at the first call. Keep it, for it keeps the prompts.
   */
  agent(id: string, options?: PromptCacheOptions): AgentHandle {
    return new AgentHandle(id, this, options);
  }
}

/** Here, and not at the first call, which would be repeated. What is wrong stays untold: there may be a password in it. */
function checkAddress(baseUrl: string): void {
  try {
    new Request(baseUrl);
  } catch {
    throw new TypeError("AgentData needs a baseUrl such as https://agentdata.example.org, without a user and a password");
  }
}

/** What sends a request once: the platform's `fetch`, or the caller's own, which is given a whole request. */
function once(own: Fetch | undefined): PlatformFetch {
  if (!own) return (to, init) => globalThis.fetch(to, init);
  return (to, init) => own(new Request(to, init), { signal: init.signal! });
}

function tokenSource(baseUrl: string, options: AgentDataOptions, send: Send): TokenSource | undefined {
  if (options.token !== undefined) return givenToken(options.token);
  const clientId = options.clientId ?? environment("AGENTDATA_CLIENT_ID");
  const clientSecret = options.clientSecret ?? environment("AGENTDATA_CLIENT_SECRET");
  if (clientId && clientSecret) {
    const { scope } = options;
    return clientCredentials(`${baseUrl}/oauth/token`, { clientId, clientSecret, scope }, send);
  }
  if (options.clientId || options.clientSecret) throw new TypeError("AgentData needs both clientId and clientSecret");
  const token = environment("AGENTDATA_TOKEN");
  return token ? givenToken(token) : undefined;
}

/** A variable of the environment, where there is one: a browser has none. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}
