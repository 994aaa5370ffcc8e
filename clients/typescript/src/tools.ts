import type { NewToolUsage, ToolStatus } from "./generated/types.gen.js";
import type { Recorder } from "./recorder.js";

/** The most UTF-16 code units of JSON that are recorded of an input or output; the server takes 256 KiB of UTF-8. */
const MOST_JSON = 80_000;
const MOST_WORDS = 16_000;

/** What is known of a call of a tool beforehand. */
export interface ToolCall extends Omit<NewToolUsage, "id" | "timestamp" | "status" | "duration_ms" | "output" | "input"> {
  /** What is recorded of the input; `false` for nothing. Default: the input as it is. */
  input?: false | ((input: unknown) => unknown) | undefined;
  /** What is recorded of the output; `false` for nothing. Default: the output as it is. */
  output?: false | ((output: unknown) => unknown) | undefined;
}

/**
 * Runs a tool and records the call: when it began, how long it took, how it ended, its input, and its output or error.
 * Gives or throws what the tool does. An error named `TimeoutError` counts as `timeout`, an `AbortError` as `cancelled`.
 * Inputs and outputs of more than about 80,000 characters of JSON are cut short.
 *
 * @param recorder Where the call is recorded.
 * @param tool The tool's name, or that and what else is known of the call.
 * @param input What the tool is given.
 */
export async function recordTool<T>(
  recorder: Recorder,
  tool: string | ToolCall,
  input: unknown,
  run: () => T | PromiseLike<T>,
): Promise<T> {
  const call: ToolCall = typeof tool === "string" ? { tool_name: tool } : tool;
  const { input: inputOf, output: outputOf, ...known } = call;
  const timestamp = new Date().toISOString();
  // Taken now: the tool may change what it is given.
  const given = recordable(inputOf, input);
  const began = performance.now();
  const record = (status: ToolStatus, ended: Partial<NewToolUsage>) => {
    const duration_ms = Math.round(performance.now() - began);
    recorder.toolUsage({ ...known, timestamp, status, duration_ms, input: given, ...ended });
  };
  try {
    const output = await run();
    record("success", { output: recordable(outputOf, output) });
    return output;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
    const status = name === "TimeoutError" ? "timeout" : name === "AbortError" ? "cancelled" : "error";
    record(status, { error_type: clean(name.slice(0, 200)) || "Error", error_message: clean(message.slice(0, MOST_WORDS)) });
    throw error;
  }
}

/**
 * The tool as a function that records each call, as {@link recordTool} does. The input is the one argument, or the list
 * of them when there are more or none.
 */
export function withToolUsage<A extends unknown[], T>(
  recorder: Recorder,
  tool: string | ToolCall,
  run: (...args: A) => T | PromiseLike<T>,
): (...args: A) => Promise<T> {
  return (...args) => recordTool(recorder, tool, args.length === 1 ? args[0] : args, () => run(...args));
}

/** What is recorded of a value: JSON that the server takes, whatever the value is. */
function recordable(of: ToolCall["input"], value: unknown): unknown {
  if (of === false) return undefined;
  try {
    const json = JSON.stringify(of ? of(value) : value, (_, part) => (typeof part === "string" ? clean(part) : part));
    if (json === undefined) return undefined;
    if (json.length <= MOST_JSON) return JSON.parse(json);
    return { truncated: clean(json.slice(0, MOST_JSON / 2)), length: json.length };
  } catch (error) {
    // Such as a BigInt or a circle: the call itself must not fail of it.
    return { unrecordable: String(error) };
  }
}

/** A text as the server takes it: without NUL and halves of surrogate pairs. */
function clean(text: string): string {
  return text.replace(/[\p{Surrogate}\0]/gu, "\uFFFD");
}
