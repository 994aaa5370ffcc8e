import { AgentDataError } from "../errors.js";
import { networkError } from "../transport.js";

/** The longest line that is taken, in UTF-16 code units. No record of the server's is half as long. */
export const MAX_LINE = 16 * 1024 * 1024;

/**
 * The lines of a body, without their ends, as they arrive; `\n` and `\r\n` end one. Leaving the loop ends the connection.
 * @param call What is said of it in errors.
 * @param idleMs Milliseconds without a byte after which the connection counts as dead.
 * @param signal Ends the connection and the loop, which throws its reason.
 * @throws {AgentDataError} `network` when the body breaks off, `timeout` when it stalls, `protocol` past {@link MAX_LINE}.
 */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  call: string,
  idleMs: number,
  signal?: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  // The line's beginning, in the pieces it came in: a long one is put together once.
  let pieces: string[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await read(reader, call, idleMs, signal);
      const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      let begin = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", begin)) {
        const line = pieces.join("") + text.slice(begin, end);
        pieces = [];
        length = 0;
        begin = end + 1;
        yield line.endsWith("\r") ? line.slice(0, -1) : line;
      }
      if (begin < text.length) pieces.push(begin === 0 ? text : text.slice(begin));
      length += text.length - begin;
      if (length > MAX_LINE) throw new AgentDataError(`${call}: a line is too long`, { kind: "protocol" });
      if (done) break;
    }
    if (length > 0) yield pieces.join("");
  } finally {
    // It rejects when the body has failed, which has been told already.
    await reader.cancel().catch(() => {});
  }
}

/** The value of a JSON text that the server sent. */
export function parseJson<T>(text: string, call: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new AgentDataError(`${call}: what came is no JSON`, { kind: "protocol", cause });
  }
}

/** The next part of a body. */
function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  call: string,
  idleMs: number,
  signal: AbortSignal | undefined,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      settle();
      reject(new AgentDataError(`${call}: nothing came for ${idleMs} ms`, { kind: "timeout" }));
    }, idleMs);
    const abort = () => {
      settle();
      reject(signal!.reason);
    };
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort);
    reader.read().finally(settle).then(resolve, (cause) => reject(networkError(call, cause)));
  });
}
