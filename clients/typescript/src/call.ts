import { Direct, type ParseAs } from "./direct.js";
import { refusal } from "./errors.js";
import type { Client } from "./generated/client/index.js";
import { Pages, type Page } from "./pages.js";
import { EventStream, type Open } from "./streams/events.js";
import { parseJson, readLines } from "./streams/lines.js";
import { callOf, networkError, type SendOptions, type Transport } from "./transport.js";

/** What every call takes besides what it is about. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds for one attempt; the client's `timeoutMs` unless given. For a streamed answer: until it begins, and
   * then from one part to the next.
   */
  timeoutMs?: number | undefined;
  /** How often a failed attempt is repeated where that is safe; the client's `maxRetries` unless given. */
  maxRetries?: number | undefined;
  /** Further headers, such as `X-Request-Id` or `traceparent`. */
  headers?: Record<string, string> | undefined;
}

/** What the functions of `agentdata/raw` are called with. */
export interface RawOptions {
  client: Client;
  headers: Record<string, string>;
  parseAs: ParseAs;
}

/** What the functions of `agentdata/raw` resolve to. */
export interface RawResult<T> {
  data?: T;
  response?: Response;
}

/** What is known of an operation beside its request. */
export type Traits = Partial<Pick<SendOptions, "repeatable" | "streamAnswer" | "streamRequest">>;

/** The answer to come: awaited it is the data alone. */
export class Call<T> implements PromiseLike<T> {
  readonly #answer: Promise<{ data: T; response: Response }>;
  #data: Promise<T> | undefined;

  constructor(answer: Promise<{ data: T; response: Response }>) {
    this.#answer = answer;
  }

  /** The data, and the response with its status and headers (`ETag`, `Location`, `X-Request-Id`), whose body is read. */
  withResponse(): Promise<{ data: T; response: Response }> {
    return this.#answer;
  }

  then<R = T, E = never>(
    fulfilled?: ((data: T) => R | PromiseLike<R>) | null,
    rejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return this.#promise().then(fulfilled, rejected);
  }

  catch<E = never>(rejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<T | E> {
    return this.#promise().catch(rejected);
  }

  finally(settled?: (() => void) | null): Promise<T> {
    return this.#promise().finally(settled);
  }

  #promise(): Promise<T> {
    return (this.#data ??= this.#answer.then(({ data }) => data));
  }
}

/** Turns calls of the generated functions into what this client's methods give. */
export class Caller {
  readonly raw: Client;
  readonly #transport: Transport;
  readonly #defaults: { timeoutMs: number; maxRetries: number };

  constructor(raw: Client, transport: Transport, defaults: { timeoutMs: number; maxRetries: number }) {
    this.raw = raw;
    this.#transport = transport;
    this.#defaults = defaults;
  }

  /** One request and its answer. With `If-None-Match` among the headers an answer 304 is `undefined`. */
  one<T>(
    send: (options: RawOptions) => PromiseLike<RawResult<T>>,
    options: CallOptions = {},
    traits: Traits = {},
  ): Call<T> {
    return new Call(this.#send(send, options, traits));
  }

  /** A list, page by page. */
  pages<T>(
    send: (options: RawOptions, cursor: string | undefined) => PromiseLike<RawResult<Page<T>>>,
    options: CallOptions = {},
  ): Pages<T> {
    return new Pages((cursor) => this.one((raw) => send(raw, cursor), options));
  }

  /** The values that an answer in NDJSON has on its lines, as they arrive. */
  async *lines<T>(
    send: (options: RawOptions) => PromiseLike<RawResult<unknown>>,
    options: CallOptions = {},
  ): AsyncGenerator<T, void, undefined> {
    const { body, call } = await this.#stream(send, options);
    const idleMs = options.timeoutMs ?? this.#defaults.timeoutMs;
    for await (const line of readLines(body, call, idleMs, options.signal)) {
      if (line !== "") yield parseJson<T>(line, call);
    }
  }

  /** A stream of server-sent events that is taken up again where it broke off. */
  events<T>(
    send: (options: RawOptions) => PromiseLike<RawResult<unknown>>,
    options: CallOptions & { lastEventId?: string | number | undefined } = {},
  ): EventStream<T> {
    const { lastEventId, ...rest } = options;
    const open: Open = (after, signal) => {
      const headers = { ...rest.headers, ...(after !== undefined && { "Last-Event-ID": after }) };
      // The stream itself tries again, and knows better for how long.
      return this.#stream(send, { ...rest, headers, signal, maxRetries: 0 });
    };
    return new EventStream(open, lastEventId?.toString(), { ...rest, renewToken: () => this.#transport.renewToken() });
  }

  async #stream(send: (options: RawOptions) => PromiseLike<RawResult<unknown>>, options: CallOptions) {
    const { response, call } = await this.#send(send, options, { streamAnswer: true });
    if (!response.body) throw networkError(call, new Error("the answer is empty"));
    return { body: response.body, call };
  }

  async #send<T>(
    send: (options: RawOptions) => PromiseLike<RawResult<T>>,
    options: CallOptions,
    traits: Traits,
  ): Promise<{ data: T; response: Response; call: string }> {
    const { signal, timeoutMs = this.#defaults.timeoutMs } = options;
    const maxRetries = options.maxRetries ?? this.#defaults.maxRetries;
    let call = "";
    const direct = new Direct(this.raw.buildUrl, async (request, parseAs) => {
      call = callOf(request);
      const { response, text } = await this.#transport.send(request, { signal, timeoutMs, maxRetries, ...traits });
      // 304 is an answer: what the caller has is still what there is.
      if (response.status === 304) return { response };
      if (!response.ok) throw refusal(response, text, call);
      return { data: parseAs === "json" ? parseJson(text!, call) : text, response };
    });
    const { data, response } = await send({
      client: direct as unknown as Client,
      headers: { ...options.headers },
      parseAs: "json",
    });
    return { data: data as T, response: response!, call };
  }
}
