/** Resolves after a time in milliseconds; rejects with the signal's reason when it aborts first. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** What `promise` gives, unless the signal aborts first. What the promise stands for goes on. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/**
 * Milliseconds to wait before the attempt after `failures` failed ones: doubling from `first` to at most `most`, between
 * half of it and all of it by lot, so that many clients do not come back at once.
 */
export function backoff(failures: number, first: number, most: number): number {
  return Math.min(most, first * 2 ** Math.max(0, failures - 1)) * (0.5 + Math.random() / 2);
}
