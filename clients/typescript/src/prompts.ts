import type { AgentData } from "./agentdata.js";
import { AgentDataError } from "./errors.js";
import type { Prompt } from "./generated/types.gen.js";

/** The most prompts that are kept of an agent; the one that was used longest ago goes first. */
const MOST_KEPT = 100;
/** After a failed look the kept prompt is used for so long, in milliseconds, without another. */
const REST = 5_000;
/** Milliseconds that a look may take when there is a prompt to fall back on. */
const QUICK = 5_000;

/** How long prompts are kept. */
export interface PromptCacheOptions {
  /** Milliseconds that a label's prompt is used without asking whether the label has moved. Default: 60,000. */
  ttlMs?: number | undefined;
  /** Milliseconds beyond `ttlMs` that it is used while the server cannot be reached. Default: 86,400,000, a day. */
  staleIfErrorMs?: number | undefined;
}

interface Kept {
  prompt: Prompt;
  etag: string | undefined;
  /** When it was last known to be what the label names. */
  confirmed: number;
  /** When to ask again. */
  until: number;
}

/**
 * The prompts of an agent, kept in memory: an agent goes on with the prompt it has while the server is away.
 *
 * A label's prompt is looked at again after `ttlMs`, which costs no more than an `ETag` when the label has not moved. A
 * version never changes and is fetched once. 100 prompts are kept.
 */
export class PromptCache {
  readonly #client: AgentData;
  readonly #agentId: string;
  readonly #ttl: number;
  readonly #stale: number;
  readonly #kept = new Map<string | number, Kept>();
  readonly #looking = new Map<string | number, Promise<Prompt>>();

  constructor(client: AgentData, agentId: string, options: PromptCacheOptions = {}) {
    this.#client = client;
    this.#agentId = agentId;
    this.#ttl = options.ttlMs ?? 60_000;
    this.#stale = options.staleIfErrorMs ?? 86_400_000;
  }

  /**
   * The prompt of a label, such as `production` or `latest`, or of a version's number.
   * @throws {AgentDataError} When there is none, or when the server cannot be reached and none is kept.
   */
  async get(labelOrVersion: string | number): Promise<Prompt> {
    const kept = this.#kept.get(labelOrVersion);
    if (kept && Date.now() < kept.until) {
      this.#keep(labelOrVersion, kept);
      return kept.prompt;
    }
    let look = this.#looking.get(labelOrVersion);
    if (!look) {
      look = this.#look(labelOrVersion, kept).finally(() => this.#looking.delete(labelOrVersion));
      this.#looking.set(labelOrVersion, look);
    }
    return look;
  }

  /** Forgets what is kept, so that the next `get` asks the server. */
  clear(): void {
    this.#kept.clear();
  }

  async #look(name: string | number, kept: Kept | undefined): Promise<Prompt> {
    const { prompts } = this.#client;
    const began = Date.now();
    const options = kept ? { ifNoneMatch: kept.etag, timeoutMs: QUICK, maxRetries: 0 } : {};
    try {
      const call =
        typeof name === "number"
          ? prompts.get(this.#agentId, name, options)
          : prompts.getByLabel(this.#agentId, name, options);
      const { data, response } = await call.withResponse();
      const prompt = data ?? kept!.prompt;
      const etag = response.headers.get("ETag") ?? kept?.etag;
      const until = typeof name === "number" ? Infinity : began + this.#ttl;
      this.#keep(name, { prompt, etag, confirmed: began, until });
      return prompt;
    } catch (error) {
      const usable = kept && began < kept.confirmed + this.#ttl + this.#stale && isOutage(error);
      if (!usable) {
        this.#kept.delete(name);
        throw error;
      }
      this.#keep(name, { ...kept, until: Date.now() + REST });
      return kept.prompt;
    }
  }

  /** Keeps it as the one that was used last. */
  #keep(name: string | number, kept: Kept): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }
}

/** Whether the server could not say: a label that is gone is no outage. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof AgentDataError)) return false;
  return error.kind !== "http" || error.status! >= 500 || error.status === 429 || error.status === 408;
}
