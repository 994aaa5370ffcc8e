import type { Problem } from "./generated/types.gen.js";

/**
 * Where a call failed: `http`, the server refused it and `status` says how; `network`, there was no complete answer;
 * `timeout`, none in time; `protocol`, there was an answer that this client does not understand.
 */
export type ErrorKind = "http" | "network" | "timeout" | "protocol";

/** The one error that calls of this client reject with, but for the reason of an `AbortSignal` of the caller's own. */
export class AgentDataError extends Error {
  override readonly name: string = "AgentDataError";
  /** Where the call failed. */
  readonly kind: ErrorKind;
  /** The HTTP status, for `kind: "http"`. */
  declare readonly status?: number;
  /** One word for programs: the problem's `code`, or the `error` of an OAuth answer. */
  declare readonly code?: string;
  /** What the server said in full (RFC 9457). Absent when something between answered, and for OAuth's own errors. */
  declare readonly problem?: Problem;
  /** The id under which the server's log tells more. */
  declare readonly requestId?: string;
  /** Seconds after which the server would have the call sent again. */
  declare readonly retryAfter?: number;

  constructor(
    message: string,
    details: { kind: ErrorKind; cause?: unknown } & Partial<
      Pick<AgentDataError, "status" | "code" | "problem" | "requestId" | "retryAfter">
    >,
  ) {
    const { kind, cause, ...rest } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    for (const [name, value] of Object.entries(rest)) {
      if (value !== undefined) Object.assign(this, { [name]: value });
    }
  }
}

/** The error of an answer whose status is not 2xx, and of the text that it says. */
export function refusal(response: Response, text: string | undefined, call: string): AgentDataError {
  const body = parsed(text);
  const problem = isProblem(body) ? body : undefined;
  const oauth = isOAuthError(body) ? body : undefined;
  const said = problem?.detail ?? oauth?.error_description ?? response.statusText;
  return new AgentDataError(`${call}: ${response.status}${said && ` ${said}`}`, {
    kind: "http",
    status: response.status,
    code: problem?.code ?? oauth?.error,
    problem,
    requestId: response.headers.get("X-Request-Id") ?? problem?.instance.replace("urn:uuid:", ""),
    retryAfter: retryAfter(response),
  });
}

/** What a text in JSON says; `undefined` for any other. */
export function parsed(text = ""): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The seconds of `Retry-After`, which is a number or a date. */
export function retryAfter(response: Response): number | undefined {
  const header = response.headers.get("Retry-After");
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

function isProblem(body: unknown): body is Problem {
  return isObject(body) && ["type", "title", "detail", "instance"].every((name) => typeof body[name] === "string");
}

function isOAuthError(body: unknown): body is { error: string; error_description?: string } {
  return isObject(body) && typeof body.error === "string";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
