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

/** The platform's `fetch`, which makes its own request of an address: one made before is another. */
export type PlatformFetch = (to: string | Request, init: RequestInit) => Promise<Response>;

/** A request, to be sent as often as it takes. */
export interface Outgoing {
  method: string;
  url: string;
  headers: Headers;
  body?: BodyInit | undefined;
  duplex?: "half" | undefined;
  /** Whether it is sent with an access token. */
  wantsToken: boolean;
  /** The request that has what is not told here, such as `credentials`. */
  base?: Request;
}

/** An answer. */
export interface Answer {
  response: Response;
  /** The body, which has been read; absent when it is streamed. */
  text?: string;
}

/** How one request is sent. */
export interface SendOptions {
  /** Milliseconds for an attempt, answer included; of a streamed answer until it begins. */
  timeoutMs: number;
  /** Ends the call, until its answer is there or, when that is streamed, begins. */
  signal?: AbortSignal | undefined;
  /** How often a request that failed is sent again. */
  maxRetries: number;
  /** Whether the request may be sent again; told by its method and its `Idempotency-Key` unless given. */
  repeatable?: boolean;
  /** The body of an answer 2xx is handed on as it arrives; otherwise all of it is there when `send` resolves. */
  streamAnswer?: boolean;
  /** The request's body is a stream, which is sent once and in its own time. */
  streamRequest?: boolean;
}

/** Sends requests: with a token, a time limit, and again where that helps and is safe. */
export class Transport {
  readonly #fetch: PlatformFetch;
  readonly #tokens: TokenSource | undefined;

  constructor(fetch: PlatformFetch, tokens: TokenSource | undefined) {
    this.#fetch = fetch;
    this.#tokens = tokens;
  }

  /**
   * The answer, whatever its status.
   * @throws {AgentDataError} Of kind `network` or `timeout` when there is none.
   */
  async send(request: Outgoing, options: SendOptions): Promise<Answer> {
    const repeatable = !options.streamRequest && (options.repeatable ?? isRepeatable(request));
    const { signal } = options;
    let renewed = false;
    for (let failures = 0; ; ) {
      let token: string | undefined;
      if (request.wantsToken && this.#tokens) {
        const asked = this.#tokens.get();
        token = await (signal ? orAborted(asked, signal) : asked);
        request.headers.set("Authorization", BEARER + token);
      }
      let failure: AgentDataError | Answer;
      try {
        const answer = await this.#attempt(request, options);
        const { status } = answer.response;
        if (status === 401 && token !== undefined && !renewed && !options.streamRequest) {
          renewed = true;
          // It was refused before anything was done, so that even a POST may be sent again.
          if (this.#tokens?.refused(token)) continue;
        }
        if (![429, 502, 503, 504].includes(status)) return answer;
        failure = answer;
      } catch (error) {
        if (!(error instanceof AgentDataError)) throw error;
        failure = error;
      }
      const wanted = failure instanceof AgentDataError ? 0 : (retryAfter(failure.response) ?? 0);
      failures++;
      if (!repeatable || failures > options.maxRetries || wanted > MOST_RETRY_AFTER) {
        if (failure instanceof AgentDataError) throw failure;
        return failure;
      }
      await sleep(Math.max(wanted * 1000, backoff(failures, FIRST_DELAY, MOST_DELAY)), signal);
    }
  }

  /** The same for a request that is made already, as the generated client makes them; its signal ends it. */
  async sendRequest(request: Request, options: SendOptions): Promise<Response> {
    const headers = new Headers(request.headers);
    const wantsToken = headers.get("Authorization") === BEARER + WANTED;
    if (wantsToken) headers.delete("Authorization");
    // Each attempt needs a body of its own.
    const body = request.body ? await request.arrayBuffer() : undefined;
    const { method, url, signal } = request;
    const outgoing = { method, url, headers, body, wantsToken, base: request };
    const { response, text } = await this.send(outgoing, { ...options, signal });
    const { status, statusText } = response;
    return new Response(text || null, { status, statusText, headers: response.headers });
  }

  /** Says that the token which is in use has come to its end. */
  renewToken(): void {
    this.#tokens?.refused();
  }

  async #attempt(request: Outgoing, options: SendOptions): Promise<Answer> {
    const { signal } = options;
    signal?.throwIfAborted();
    // Node forgets by and by that a request made with a signal, or from another request, follows it: an abort then
    // changes nothing. One controller of our own, given to `fetch` itself, is what it heeds.
    const ending = new AbortController();
    const end = () => ending.abort();
    signal?.addEventListener("abort", end);
    const timer = options.streamRequest ? undefined : setTimeout(end, options.timeoutMs);
    const { method, headers, body, duplex } = request;
    const init = { method, headers, body, duplex, signal: ending.signal };
    try {
      const response = await this.#fetch(request.base ?? request.url, init as RequestInit);
      if (options.streamAnswer && response.ok) return { response };
      // Read here, so that a connection that is cut in its middle is a failure like any other.
      return { response, text: await response.text() };
    } catch (cause) {
      signal?.throwIfAborted();
      if (!ending.signal.aborted) throw networkError(callOf(request), cause);
      throw new AgentDataError(`${callOf(request)}: no answer within ${options.timeoutMs} ms`, { kind: "timeout" });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }
}

/** What errors call a request: `GET /agents`. */
export function callOf({ method, url }: Outgoing): string {
  return `${method} ${url.replace(/^\w+:\/\/[^/]*|[?#].*$/g, "")}`;
}

/** The error of a connection that failed, with the reason that the platform hides in `cause`. */
export function networkError(call: string, cause: unknown): AgentDataError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = (inner as { code?: unknown } | undefined)?.code;
  const reason = inner instanceof Error ? inner.message : String(inner);
  return new AgentDataError(`${call}: no complete answer: ${reason || String(code)}`, { kind: "network", cause });
}

function isRepeatable(request: Outgoing): boolean {
  return ["GET", "PUT", "DELETE"].includes(request.method) || request.headers.has("Idempotency-Key");
}
