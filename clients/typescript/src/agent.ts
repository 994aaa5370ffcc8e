import type { AgentData } from "./agentdata.js";
import type { CallOptions } from "./call.js";
import type { ConfigChange, Log, TailLogsData, WatchConfigsData } from "./generated/types.gen.js";
import { PromptCache, type PromptCacheOptions } from "./prompts.js";
import { Recorder, type RecorderOptions } from "./recorder.js";
import type { EventStream } from "./streams/events.js";

/** What an agent does all day, for the agent of one id. */
export class AgentHandle {
  /** The agent's id. */
  readonly id: string;
  /** Its prompts, kept in memory. */
  readonly prompts: PromptCache;
  readonly #client: AgentData;

  constructor(id: string, client: AgentData, options?: PromptCacheOptions) {
    this.id = id;
    this.#client = client;
    this.prompts = new PromptCache(client, id, options);
  }

  /** A new recorder of its logs, metrics and tool usage. Close it in the end. */
  recorder(options?: RecorderOptions): Recorder {
    return new Recorder(this.#client, this.id, options);
  }

  /** Follows its logs: those that are stored from now on, or behind the event `lastEventId`. */
  tail(query?: TailLogsData["query"], options?: CallOptions & { lastEventId?: string }): EventStream<Log> {
    return this.#client.logs.tail(this.id, query, options);
  }

  /** Follows changes of its configs: those from now on, or behind the change of the number `query.after`. */
  watchConfigs(
    query?: WatchConfigsData["query"],
    options?: CallOptions & { lastEventId?: string | number | undefined },
  ): EventStream<ConfigChange> {
    return this.#client.configs.watch(this.id, query, options);
  }
}
