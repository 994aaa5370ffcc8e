import { AgentDataError } from "../errors.js";
import { MAX_LINE, readLines } from "./lines.js";

/** A server-sent event. */
export interface ServerSentEvent {
  /** Its kind; `message` when the server names none. */
  event: string;
  /** Its data, or `undefined` when it has none and only moves the id on. */
  data: string | undefined;
  /** The id of it or of the last event before it that had one. */
  id: string | undefined;
}

/**
 * The events of a `text/event-stream`, as WHATWG HTML §9.2 parses them (but for lines that end in a lone `\r`, which the
 * server does not send). Comments only show that the connection lives. An event that is not complete is left out.
 * The parameters and errors are those of {@link readLines}.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  call: string,
  idleMs: number,
  signal?: AbortSignal,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  let event = "";
  let data: string[] = [];
  let length = 0;
  let id: string | undefined;
  let moved = false;
  for await (const line of readLines(body, call, idleMs, signal)) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", data: data.join("\n"), id };
      else if (moved) yield { event: "message", data: undefined, id };
      event = "";
      data = [];
      length = 0;
      moved = false;
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") {
      length += value.length;
      if (length > MAX_LINE) throw new AgentDataError(`${call}: an event is too long`, { kind: "protocol" });
      data.push(value);
    } else if (name === "event") event = value;
    else if (name === "id" && !value.includes("\0")) {
      id = value;
      moved = true;
    }
  }
}
