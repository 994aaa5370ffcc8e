import { AgentDataError } from "../errors.js";
import { backoff, sleep } from "../wait.js";
import { parseJson } from "./lines.js";
import { readEvents, type ServerSentEvent } from "./sse.js";

/** The server sends a comment every 15 seconds; a connection that is silent for this long, in milliseconds, is dead. */
const SILENCE = 45_000;
const FIRST_DELAY = 250;
const MOST_DELAY = 30_000;
/** Failures in a row after which a stream gives up: some four minutes. */
const MOST_FAILURES = 12;

/** Begins a connection behind the event of the id `after`. */
export type Open = (
  after: string | undefined,
  signal: AbortSignal,
) => Promise<{ body: ReadableStream<Uint8Array>; call: string }>;

interface Connection {
  events: AsyncGenerator<ServerSentEvent, void, undefined>;
  call: string;
  since: number;
}

/**
 * A stream of the server's events, as the data they carry. It is one iterator: what one `for await` has taken, another
 * does not see.
 *
 * A connection that breaks off or falls silent is made anew, at first soon, then every half a minute at most, and goes on
 * behind the last event: nothing is missed and nothing comes twice. After `maxRetries` failures in a row, twelve unless
 * given, and at a refusal that is not for the moment (a status of 4xx), it throws. It ends when the agent is deleted.
 */
export class EventStream<T> implements AsyncIterableIterator<T, void, undefined> {
  readonly #open: Open;
  readonly #ending = new AbortController();
  readonly #maxFailures: number;
  readonly #renewToken: () => void;
  readonly #values: AsyncGenerator<T, void, undefined>;
  #closed = false;
  #connection: Connection | undefined;
  #connecting: Promise<void> | undefined;
  /** The first event of a connection, when it carries data. */
  #first: ServerSentEvent | undefined;
  #failures = 0;
  #lastEventId: string | undefined;

  constructor(
    open: Open,
    lastEventId: string | undefined,
    options: { signal?: AbortSignal; maxRetries?: number; renewToken: () => void },
  ) {
    this.#open = open;
    this.#lastEventId = lastEventId;
    const { signal } = options;
    const abort = () => this.#ending.abort(signal!.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { signal: this.#ending.signal });
    this.#maxFailures = options.maxRetries ?? MOST_FAILURES;
    this.#renewToken = options.renewToken;
    this.#values = this.#run();
  }

  /**
   * The id of the event that was given out last: a stream that is begun with it as `lastEventId` goes on behind it. Before
   * the first event it says where the stream began, once it is open.
   */
  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  /** Connects now instead of at the first `next`. What happens after it has resolved will be told. */
  async open(): Promise<void> {
    if (!this.#connection) await (this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined)));
  }

  next(): Promise<IteratorResult<T, void>> {
    return this.#values.next();
  }

  /** Ends the stream and its connection; a `next` that waits is told that it is done. */
  async return(): Promise<IteratorResult<T, void>> {
    this.#closed = true;
    this.#ending.abort();
    await this.#drop();
    return this.#values.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async *#run(): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        await this.open();
        const event = this.#first ?? (await this.#take());
        this.#first = undefined;
        if (!event || event.data === undefined) {
          this.#lastEventId = event?.id ?? this.#lastEventId;
          continue;
        }
        const data = parseJson<T>(event.data, this.#connection!.call);
        if (event.event === "end") {
          const { reason } = data as { reason?: unknown };
          if (reason === "agent_deleted") return;
          if (reason === "token_expired") this.#renewToken();
          await this.#drop();
          continue;
        }
        this.#failures = 0;
        this.#lastEventId = event.id ?? this.#lastEventId;
        yield data;
      }
    } catch (error) {
      if (!this.#closed) throw error;
    } finally {
      await this.#drop();
      this.#ending.abort();
    }
  }

  /** The connection's next event; `undefined` when it is gone. */
  async #take(): Promise<ServerSentEvent | undefined> {
    try {
      const taken = await this.#connection!.events.next();
      if (!taken.done) return taken.value;
    } catch (error) {
      this.#throwUnlessPassing(error);
    }
    await this.#drop();
    return undefined;
  }

  /** Connects behind the last event, and reads the first, by which the server says where the stream stands. */
  async #connect(): Promise<void> {
    for (;;) {
      if (this.#failures > 0) await sleep(backoff(this.#failures, FIRST_DELAY, MOST_DELAY), this.#ending.signal);
      this.#failures++;
      try {
        const { body, call } = await this.#open(this.#lastEventId, this.#ending.signal);
        const events = readEvents(body, call, SILENCE, this.#ending.signal);
        const first = await events.next();
        if (first.done) throw new AgentDataError(`${call}: the stream ended at once`, { kind: "network" });
        this.#connection = { events, call, since: Date.now() };
        if (first.value.data !== undefined) this.#first = first.value;
        else this.#lastEventId = first.value.id ?? this.#lastEventId;
        return;
      } catch (error) {
        this.#throwUnlessPassing(error);
        if (this.#failures > this.#maxFailures) throw error;
      }
    }
  }

  async #drop(): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    this.#connection = this.#first = undefined;
    // One that held for a while was none of the failures in a row.
    if (Date.now() - connection.since > MOST_DELAY) this.#failures = 0;
    await connection.events.return();
  }

  #throwUnlessPassing(error: unknown): void {
    if (this.#ending.signal.aborted) throw this.#ending.signal.reason;
    if (!(error instanceof AgentDataError)) throw error;
    const { kind, status = 0 } = error;
    if (kind === "protocol" || (kind === "http" && status < 500 && status !== 408 && status !== 429)) throw error;
  }
}
