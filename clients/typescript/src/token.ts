import { AgentDataError, isObject, parsed, refusal } from "./errors.js";

/** A token is replaced so long before its end, in milliseconds, but never before half of its time. */
const MARGIN = 60_000;

/** Where access tokens come from. */
export interface TokenSource {
  /** A token that is good by all that is known. */
  get(): Promise<string>;
  /** Says that this token, or whichever there is, is not good any more. False when the source has no other to give. */
  refused(token?: string): boolean;
}

/** The token that was given, or what the function gives, asked again when the server refuses its token. */
export function givenToken(token: string | (() => string | Promise<string>)): TokenSource {
  if (typeof token === "string") return { get: async () => token, refused: () => false };
  let current: Promise<string> | undefined;
  let of: string | undefined;
  return {
    async get() {
      const asked = (current ??= Promise.resolve().then(token));
      try {
        return (of = await asked);
      } catch (error) {
        if (current === asked) current = undefined;
        throw error;
      }
    },
    refused(refused) {
      if (refused === undefined || refused === of) current = undefined;
      return true;
    },
  };
}

/** Sends a request for a token, again where that helps. */
export type Send = (request: Request) => Promise<Response>;

/** The client credentials that tokens are asked for with. */
export interface Credentials {
  clientId: string;
  clientSecret: string;
  /** Scopes, separated by spaces; all that the client may have unless given. */
  scope?: string | undefined;
}

/** Tokens of the OAuth 2.0 grant `client_credentials`: one at a time is asked for and kept until shortly before its end. */
export function clientCredentials(
  tokenUrl: string,
  credentials: Credentials,
  send: Send,
): TokenSource {
  let asking: Promise<string> | undefined;
  let kept: { token: string; until: number } | undefined;

  async function ask(): Promise<string> {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
    });
    if (credentials.scope !== undefined) form.set("scope", credentials.scope);
    const asked = Date.now();
    const response = await send(new Request(tokenUrl, { method: "POST", body: form }));
    const text = await response.text();
    if (!response.ok) throw refusal(response, text, "POST /oauth/token");
    const answer = parsed(text);
    if (!isObject(answer) || typeof answer.access_token !== "string" || typeof answer.expires_in !== "number") {
      throw new AgentDataError("POST /oauth/token: the answer is no token", { kind: "protocol" });
    }
    const lifetime = answer.expires_in * 1000;
    kept = { token: answer.access_token, until: asked + lifetime - Math.min(MARGIN, lifetime / 2) };
    return kept.token;
  }

  return {
    async get() {
      if (kept && Date.now() < kept.until) return kept.token;
      return (asking ??= ask().finally(() => (asking = undefined)));
    },
    refused(token) {
      if (token === undefined || kept?.token === token) kept = undefined;
      return true;
    },
  };
}
