/// <reference lib="esnext.disposable" preserve="true" />
import type { AgentData } from "./agentdata.js";
import type { CallOptions } from "./call.js";
import { AgentDataError } from "./errors.js";
import type { NewLog, NewMetric, NewToolUsage } from "./generated/types.gen.js";
import { withId } from "./uuid.js";
import { backoff, sleep } from "./wait.js";

/** The most records and bytes of JSON in one request; far below what a server takes. */
const BATCH_RECORDS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;
const FIRST_DELAY = 500;
const MOST_DELAY = 30_000;

/** What is recorded. */
export type RecordKind = "log" | "metric" | "toolUsage";

/** A record that did not reach the server, and why. */
export interface Undelivered {
  kind: RecordKind;
  /** The record as it was to be sent. */
  record: NewLog | NewMetric | NewToolUsage;
  /** Why: the server's refusal, the failure of the last attempt, or that there was no room. */
  error: Error;
}

/** How a recorder works. */
export interface RecorderOptions {
  /** The most records that wait; further ones are not taken. Default: 10,000. */
  maxRecords?: number | undefined;
  /** The most bytes that wait, about, as JSON. Default: 16 MiB. */
  maxBytes?: number | undefined;
  /** Milliseconds that a record waits for others to go with it. Default: 1,000. */
  flushIntervalMs?: number | undefined;
  /** Milliseconds that `close` spends on what waits. Default: 10,000. */
  closeTimeoutMs?: number | undefined;
  /** Hears of each record that did not reach the server. Default: `console.warn`, a line for each reason, 100 at most. */
  onUndelivered?: ((undelivered: Undelivered) => void) | undefined;
  /** What logs and tool usage get that do not have it: the session or trace that the agent works in. */
  context?: Pick<NewLog, "session_id" | "trace_id" | "span_id"> | undefined;
}

/** What became of the records. */
export interface RecorderReport {
  /** How many the server has committed. */
  delivered: number;
  /** How many did not reach it; `onUndelivered` has heard of each. */
  undelivered: number;
}

interface Waiting {
  kind: RecordKind;
  record: Undelivered["record"];
  size: number;
}

/**
 * Takes an agent's logs, metrics and tool usage without making it wait, and sends them in batches behind its back. Each
 * record gets its `id` and so its time when it is taken, and a batch that is sent twice is stored once.
 *
 * While the server cannot be reached, records wait. At `maxRecords` or `maxBytes` new ones are not taken. Close it before
 * the program ends: it does not keep the program alive.
 *
 * ```ts
 * await using recorder = client.agent(id).recorder();
 * recorder.log({ level: "info", message: "hello" });
 * ```
 */
export class Recorder {
  readonly #client: AgentData;
  readonly #agentId: string;
  readonly #options: Required<Omit<RecorderOptions, "context">> & Pick<RecorderOptions, "context">;
  readonly #stop = new AbortController();
  readonly #warned = new Set<string>();
  #waiting: Waiting[] = [];
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #failures = 0;
  #delivered = 0;
  #undelivered = 0;
  #closed: Promise<RecorderReport> | undefined;

  constructor(client: AgentData, agentId: string, options: RecorderOptions = {}) {
    this.#client = client;
    this.#agentId = agentId;
    this.#options = {
      maxRecords: 10_000,
      maxBytes: 16 * 1024 * 1024,
      flushIntervalMs: 1_000,
      closeTimeoutMs: 10_000,
      onUndelivered: (undelivered) => this.#warn(undelivered),
      ...options,
    };
  }

  /** Takes a log. False when it was not taken; `onUndelivered` has heard why. */
  log(record: NewLog): boolean {
    return this.#take("log", { ...this.#options.context, ...record });
  }

  /** Takes a data point. False when it was not taken; `onUndelivered` has heard why. */
  metric(record: NewMetric): boolean {
    return this.#take("metric", record);
  }

  /** Takes a call of a tool. False when it was not taken; `onUndelivered` has heard why. */
  toolUsage(record: NewToolUsage): boolean {
    return this.#take("toolUsage", { ...this.#options.context, ...record });
  }

  /** How many records wait, those under way included. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** What became of the records until now. */
  get report(): RecorderReport {
    return { delivered: this.#delivered, undelivered: this.#undelivered };
  }

  /**
   * Sends all that waits. Resolves when it has been delivered or refused, or when the server could not be reached, and
   * then `waiting` is not 0.
   */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // What is under way may have begun before the last record came.
    await this.#sending;
    await (this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
      if (this.#waiting.length === 0 || this.#closed) return;
      this.#later(this.#failures > 0 ? backoff(this.#failures, FIRST_DELAY, MOST_DELAY) : 0);
    }));
  }

  /**
   * Sends what waits, for `closeTimeoutMs` at most, and gives up what could not be sent by then. Nothing is taken any
   * more. Never rejects.
   */
  close(): Promise<RecorderReport> {
    return (this.#closed ??= this.#close());
  }

  /** The same as `close`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<RecorderReport> {
    const { closeTimeoutMs } = this.#options;
    const timer = setTimeout(() => this.#stop.abort(), closeTimeoutMs);
    while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      if (this.#failures > 0) {
        await sleep(backoff(this.#failures, FIRST_DELAY, MOST_DELAY), this.#stop.signal).catch(() => {});
      }
      await this.flush();
    }
    clearTimeout(timer);
    clearTimeout(this.#timer);
    const late = new AgentDataError(`not delivered within ${closeTimeoutMs} ms of closing`, { kind: "timeout" });
    this.#giveUp(this.#waiting, late);
    return this.report;
  }

  #take(kind: RecordKind, given: Undelivered["record"]): boolean {
    let record = given;
    try {
      if (this.#closed) throw new Error("the recorder is closed");
      const json = JSON.stringify(withId(given));
      // A copy: what the caller changes later changes nothing.
      record = JSON.parse(json);
      const { maxRecords, maxBytes } = this.#options;
      if (this.#waiting.length >= maxRecords || this.#bytes + json.length > maxBytes) {
        throw new Error(`no room: ${this.#waiting.length} records wait`);
      }
      this.#waiting.push({ kind, record, size: json.length });
      this.#bytes += json.length;
    } catch (error) {
      this.#tell({ kind, record, error: error as Error });
      return false;
    }
    if (this.#waiting.length >= BATCH_RECORDS && this.#failures === 0) this.#later(0);
    else this.#later(this.#options.flushIntervalMs);
    return true;
  }

  /** Sends after a time in milliseconds, unless that is to happen anyway. */
  #later(milliseconds: number): void {
    if (this.#sending || (this.#timer !== undefined && milliseconds > 0)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), milliseconds);
    // Node would wait for it before it ends; a browser's timer is a number.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Sends batch by batch until nothing waits or the server cannot be reached. */
  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#batch();
      try {
        await this.#deliver(batch);
        this.#failures = 0;
      } catch {
        this.#failures++;
        break;
      }
    }
  }

  /** The first records that wait of the kind of the very first, as many as go into one request. */
  #batch(): Waiting[] {
    const kind = this.#waiting[0]!.kind;
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const waiting of this.#waiting) {
      if (waiting.kind !== kind) continue;
      bytes += waiting.size;
      if (batch.length > 0 && (batch.length >= BATCH_RECORDS || bytes > BATCH_BYTES)) break;
      batch.push(waiting);
    }
    return batch;
  }

  /**
   * Sends a batch and settles each of its records. One that the server refuses does not hold the others up.
   * @throws When the server could not be reached, and the records still wait.
   */
  async #deliver(batch: Waiting[]): Promise<void> {
    try {
      await this.#request(batch);
      this.#delivered += batch.length;
      this.#settle(batch);
    } catch (error) {
      const refused = error instanceof AgentDataError && error.kind === "http" ? (error.status ?? 0) : 0;
      if (refused === 0 || refused >= 500 || refused === 408 || refused === 429) throw error;
      const bad = batch.length === 1 || ![400, 413, 422].includes(refused) ? batch : named(batch, error as AgentDataError);
      this.#giveUp(bad, error as Error);
      const rest = batch.filter((waiting) => !bad.includes(waiting));
      if (rest.length === 0) return;
      // A refusal that names no record is found by halving.
      const half = bad.length > 0 ? rest.length : Math.ceil(rest.length / 2);
      await this.#deliver(rest.slice(0, half));
      if (half < rest.length) await this.#deliver(rest.slice(half));
    }
  }

  async #request(batch: Waiting[]): Promise<void> {
    const { logs, metrics, toolUsage } = this.#client;
    const records = batch.map(({ record }) => record);
    const options: CallOptions = { signal: this.#stop.signal };
    const kind = batch[0]!.kind;
    if (kind === "log") await logs.createBatch(this.#agentId, records as NewLog[], options);
    else if (kind === "metric") await metrics.createBatch(this.#agentId, records as NewMetric[], options);
    else await toolUsage.createBatch(this.#agentId, records as NewToolUsage[], options);
  }

  #settle(batch: Waiting[]): void {
    const settled = new Set(batch);
    this.#waiting = this.#waiting.filter((waiting) => !settled.has(waiting));
    for (const { size } of batch) this.#bytes -= size;
  }

  #giveUp(batch: Waiting[], error: Error): void {
    this.#settle(batch);
    for (const { kind, record } of batch) this.#tell({ kind, record, error });
  }

  #tell(undelivered: Undelivered): void {
    this.#undelivered++;
    try {
      this.#options.onUndelivered(undelivered);
    } catch (error) {
      // The fault of who listens must not stop the agent, nor the sending of what else waits.
      console.warn("agentdata: onUndelivered has thrown:", error);
    }
  }

  #warn({ kind, error }: Undelivered): void {
    const message = `agentdata: a ${kind} was not delivered: ${error.message}`;
    if (this.#warned.size >= 100 || this.#warned.has(message)) return;
    this.#warned.add(message);
    console.warn(message);
  }
}

/** The records of a batch that a refusal names by their indexes. */
function named(batch: Waiting[], error: AgentDataError): Waiting[] {
  const indexes = new Set(error.problem?.errors.map(({ pointer }) => Number(/^\/(\d+)(\/|$)/.exec(pointer ?? "")?.[1])));
  return batch.filter((_, index) => indexes.has(index));
}
