// A gateway between the client and the server that fails on demand, as real ones do.
import { createServer, request, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/**
 * What happens to a request: it is answered by the gateway itself; or it reaches the server and the answer is lost, or
 * cut in its middle; or the gateway says nothing at all.
 */
export type Fault = { status: number; headers?: Record<string, string>; body?: string } | "lose answer" | "cut answer" | "stall";

/** A request that came by. */
export interface Passed {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export class Proxy {
  readonly passed: Passed[] = [];
  /** What happens to the next requests, one each. */
  readonly faults: Fault[] = [];
  /** What happens to all others. */
  fault: Fault | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: string;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer(async (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      const { method = "", url = "", headers } = incoming;
      this.passed.push({ method, path: url.split("?")[0]!, headers, body: body.toString() });
      this.#answer(this.faults.shift() ?? this.fault, { method, path: url, headers }, body, outgoing);
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many requests came by for a path. */
  count(path: string): number {
    return this.passed.filter((passed) => passed.path === path).length;
  }

  /** Ends all connections that there are. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(
    fault: Fault | undefined,
    options: { method: string; path: string; headers: IncomingHttpHeaders },
    body: Buffer,
    outgoing: ServerResponse,
  ): void {
    if (fault === "stall") return;
    if (typeof fault === "object") {
      outgoing.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    const headers = { ...options.headers, host: new URL(this.#target).host, "content-length": body.length };
    const forwarded = request(this.#target, { ...options, headers, agent: false }, (answer) => {
      outgoing.on("close", () => answer.destroy());
      if (fault === undefined) {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
        return;
      }
      const chunks: Buffer[] = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => {
        if (fault === "lose answer") return outgoing.destroy();
        const whole = Buffer.concat(chunks);
        const { "transfer-encoding": _, ...headers } = answer.headers;
        outgoing.writeHead(answer.statusCode!, { ...headers, "content-length": whole.length });
        outgoing.write(whole.subarray(0, whole.length / 2), () => outgoing.destroy());
      });
    });
    forwarded.on("error", () => outgoing.destroy());
    // What the server cuts off is cut off here, too.
    forwarded.on("response", (answer) => answer.on("error", () => outgoing.destroy()));
    forwarded.end(body);
  }
}
