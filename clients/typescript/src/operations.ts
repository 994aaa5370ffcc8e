import type { Caller, RawResult } from "./call.js";

/** What the generated classes of operations have in common. */
export abstract class Resource {
  protected readonly caller: Caller;

  constructor(caller: Caller) {
    this.caller = caller;
  }
}

/** Values to be sent one on a line: as they are made, so that there may be more than memory holds. */
export type Lines<T> = Iterable<T> | AsyncIterable<T>;

/** About how many bytes are handed over at once. */
const CHUNK = 64 * 1024;

/** The part of a request that sends the values as NDJSON while the iteration makes them. */
export function streamed<T>(values: Lines<T>): { body: Blob; duplex: "half" } {
  const encoder = new TextEncoder();
  const iterator = (Symbol.asyncIterator in values ? values : asynchronous(values))[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      let text = "";
      while (text.length < CHUNK) {
        const { done, value } = await iterator.next();
        if (!done) {
          text += `${JSON.stringify(value)}\n`;
          continue;
        }
        if (text !== "") controller.enqueue(encoder.encode(text));
        controller.close();
        return;
      }
      controller.enqueue(encoder.encode(text));
    },
    async cancel(reason) {
      await iterator.return?.(reason);
    },
  });
  // The generated types know of blobs alone; what sends it takes any body.
  return { body: body as unknown as Blob, duplex: "half" };
}

async function* asynchronous<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

/** An answer without a body, which was read as an empty text, as `undefined`. */
export async function nothing(result: PromiseLike<RawResult<unknown>>): Promise<RawResult<void>> {
  return { ...(await result), data: undefined };
}

/** An answer that was read as text, whatever the generated types make of its media type. */
export async function text(result: PromiseLike<RawResult<unknown>>): Promise<RawResult<string>> {
  return (await result) as RawResult<string>;
}
