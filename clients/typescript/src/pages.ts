import type { Call } from "./call.js";
import { AgentDataError } from "./errors.js";

/** One page of a list. */
export interface Page<T> {
  /** What is on the page, in the order of the list. */
  items: Array<T>;
  /** Where the next page begins; null on the last one. */
  next_cursor: string | null;
}

/**
 * A list of the server's. `for await` gives its items one by one and fetches pages as they are needed: leaving the loop
 * fetches no more. Nothing is fetched before; each `for await` begins anew.
 */
export class Pages<T> implements AsyncIterable<T> {
  readonly #fetch: (cursor: string | undefined) => Call<Page<T>>;

  constructor(fetch: (cursor: string | undefined) => Call<Page<T>>) {
    this.#fetch = fetch;
  }

  /** The first page alone: from the `cursor` of the query on, when it has one. */
  page(): Call<Page<T>> {
    return this.#fetch(undefined);
  }

  /** All pages, each fetched when it is asked for. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let cursor: string | undefined;
    for (;;) {
      const page: Page<T> = await this.#fetch(cursor);
      yield page;
      if (page.next_cursor === null) return;
      if (page.next_cursor === cursor) {
        throw new AgentDataError("a page says that it is its own next", { kind: "protocol" });
      }
      cursor = page.next_cursor;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }
}
