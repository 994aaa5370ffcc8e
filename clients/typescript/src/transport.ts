import { AgentDataError, retryAfter } from "./errors.js";
import type { TokenSource } from "./token.js";
import { backoff, orAborted, sleep } from "./wait.js";

/** The `Authorization` of requests that want a token. The transport puts one in for each attempt. */
export const WANTED = "wanted";
const BEARER = "Bearer ";

const FIRST_DELAY = 250;
const MOST_DELAY = 8_000;
/** A server that wants to be left alone for longer, in seconds, is not waited for. */
const MOST_RETRY_AFTER = 60;

/** What sends a request once; the platform's `fetch` is one. The signal is that of `init`, not the request's. */
export type Fetch = (request: Request, init: { signal: AbortSignal }) => Promise<Response>;

/** How one request is sent. */
export interface SendOptions {
  /** Milliseconds for an attempt, answer included; of a streamed answer until it begins. */
  timeoutMs: number;
  /** Ends the call, until its answer is there or, when that is streamed, begins. The request's own unless given. */
  signal?: AbortSignal | undefined;
  /** How often a request that failed is sent again. */
  maxRetries: number;
  /** Whether the request may be sent again; told by its method and its `Idempotency-Key` unless given. */
  repeatable?: boolean;
  /** The answer's body is handed on as it arrives; otherwise all of it is there when `send` resolves. */
  streamAnswer?: boolean;
  /** The request's body is a stream, which is sent once and in its own time. */
  streamRequest?: boolean;
}

/** Sends requests: with a token, a time limit, and again where that helps and is safe. */
export class Transport {
  readonly #fetch: Fetch;
  readonly #tokens: TokenSource | undefined;

  constructor(fetch: Fetch, tokens: TokenSource | undefined) {
    this.#fetch = fetch;
    this.#tokens = tokens;
  }

  /**
   * The answer, whatever its status.
   * @throws {AgentDataError} Of kind `network` or `timeout` when there is none.
   */
  async send(request: Request, options: SendOptions): Promise<Response> {
    const call = `${request.method} ${new URL(request.url).pathname}`;
    const repeatable = !options.streamRequest && (options.repeatable ?? isRepeatable(request));
    // Each attempt needs a body of its own.
    const body = options.streamRequest || !request.body ? undefined : await request.arrayBuffer();
    const wantsToken = request.headers.get("Authorization") === BEARER + WANTED;
    const signal = options.signal ?? request.signal;
    let renewed = false;
    for (let failures = 0; ; ) {
      const token = wantsToken ? await this.#token(signal) : undefined;
      let failure: AgentDataError | Response;
      try {
        const response = await this.#attempt(prepared(request, body, wantsToken, token), call, signal, options);
        if (response.status === 401 && token !== undefined && !renewed && !options.streamRequest) {
          renewed = true;
          // It was refused before anything was done, so that even a POST may be sent again.
          if (this.#tokens?.refused(token)) {
            await response.body?.cancel();
            continue;
          }
        }
        if (![429, 502, 503, 504].includes(response.status)) return response;
        failure = response;
      } catch (error) {
        if (!(error instanceof AgentDataError)) throw error;
        failure = error;
      }
      const wanted = failure instanceof Response ? (retryAfter(failure) ?? 0) : 0;
      failures++;
      if (!repeatable || failures > options.maxRetries || wanted > MOST_RETRY_AFTER) {
        if (failure instanceof Response) return failure;
        throw failure;
      }
      if (failure instanceof Response) await failure.body?.cancel();
      await sleep(Math.max(wanted * 1000, backoff(failures, FIRST_DELAY, MOST_DELAY)), signal);
    }
  }

  /** Says that the token which is in use has come to its end. */
  renewToken(): void {
    this.#tokens?.refused();
  }

  async #token(signal: AbortSignal): Promise<string | undefined> {
    return this.#tokens && orAborted(this.#tokens.get(), signal);
  }

  async #attempt(request: Request, call: string, signal: AbortSignal, options: SendOptions): Promise<Response> {
    signal.throwIfAborted();
    // Node forgets by and by that a request made with a signal, or from another request, follows it: an abort then
    // changes nothing. One controller of our own, given to `fetch` itself, is what it heeds.
    const ending = new AbortController();
    const end = () => ending.abort();
    signal.addEventListener("abort", end);
    const timer = options.streamRequest ? undefined : setTimeout(end, options.timeoutMs);
    try {
      const response = await this.#fetch(request, { signal: ending.signal });
      if (options.streamAnswer || !response.body) return response;
      // Read here, so that a connection that is cut in its middle is a failure like any other.
      const { status, statusText, headers } = response;
      return new Response(await response.arrayBuffer(), { status, statusText, headers });
    } catch (cause) {
      signal.throwIfAborted();
      if (!ending.signal.aborted) throw networkError(call, cause);
      throw new AgentDataError(`${call}: no answer within ${options.timeoutMs} ms`, { kind: "timeout" });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }
}

/** The request for one attempt. Without a body it is the one that was given, because another costs as much as all else here. */
function prepared(request: Request, body: ArrayBuffer | undefined, wantsToken: boolean, token?: string): Request {
  const made = request.body ? new Request(request, body && { body }) : request;
  if (token !== undefined) made.headers.set("Authorization", BEARER + token);
  else if (wantsToken) made.headers.delete("Authorization");
  return made;
}

/** The error of a connection that failed, with the reason that the platform hides in `cause`. */
export function networkError(call: string, cause: unknown): AgentDataError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = (inner as { code?: unknown } | undefined)?.code;
  const reason = inner instanceof Error ? inner.message : String(inner);
  return new AgentDataError(`${call}: no complete answer: ${reason || String(code)}`, { kind: "network", cause });
}

function isRepeatable(request: Request): boolean {
  return ["GET", "PUT", "DELETE"].includes(request.method) || request.headers.has("Idempotency-Key");
}
