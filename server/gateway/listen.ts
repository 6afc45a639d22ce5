/** One HTTP listener. The parser is Node's strict one; streams may last as long as both sides want, heads may not. */
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Certificates } from "./certificates.ts";
import type { Connections } from "./connection-limits.ts";
import { answerProblem, type ProblemCode, problem, writeProblem } from "./errors.ts";
import { requestIdOf } from "./headers.ts";
import { createTlsServer } from "./tls-server.ts";

export type ListenOptions = {
  readonly host: string;
  readonly port: number;
  /** Null: without TLS. */
  readonly certificates: Certificates | null;
  readonly connections: Connections;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** Whether it changes its connection to another protocol; else it is one like any other. */
  readonly isUpgrade: (request: IncomingMessage) => boolean;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

export type Listener = {
  readonly port: number;
  /** Accepts nothing more; resolves when the last request and the last tunnel have ended. */
  drain(): Promise<void>;
  /** Ends every connection now. */
  close(): Promise<void>;
};

const codeByParserError: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
};

const serverOptions: ServerOptions = {
  // Said by us (target.ts), as everything else is.
  requireHostHeader: false,
  maxHeaderSize: 16_384,
  headersTimeout: 30_000,
  requestTimeout: 0,
  // Longer than the minute that load balancers in front usually keep theirs.
  keepAliveTimeout: 75_000,
  noDelay: true,
  optimizeEmptyRequests: true,
};

/** Rejects where the port cannot be had. */
export async function openListener({ host, port, certificates, connections, onRequest, isUpgrade, onUpgrade }: ListenOptions): Promise<Listener> {
  const tunnels = new Set<Duplex>();
  const answering = new WeakSet<Duplex>();
  let isDraining = false;

  function receive(request: IncomingMessage, response: ServerResponse): void {
    if (isDraining) response.shouldKeepAlive = false;
    answering.add(request.socket);
    response.once("close", () => {
      answering.delete(request.socket);
      if (isDraining) setImmediate(() => server.closeIdleConnections());
    });
    onRequest(request, response);
  }

  const options = { ...serverOptions, shouldUpgradeCallback: isUpgrade };
  const server = certificates === null ? createServer(options) : createTlsServer(certificates, options);
  server.maxHeadersCount = 0;
  server.on("connection", (socket) => {
    if (connections.admit(socket)) return;
    if (certificates === null) writeProblem(socket, problem("TOO_MANY_CONNECTIONS"));
    else socket.destroy();
  });
  server.on("request", receive);
  // The client waits until it is told to send its body. One that is turned away instead may send it or not, so nothing can follow.
  server.on("checkContinue", (request, response) => {
    response.shouldKeepAlive = false;
    receive(request, response);
  });
  server.on("checkExpectation", (request, response) => {
    response.shouldKeepAlive = false;
    answerProblem(response, problem("EXPECTATION_FAILED"), requestIdOf(request.rawHeaders));
  });
  server.on("upgrade", (request, socket, head) => {
    tunnels.add(socket);
    socket.once("close", () => tunnels.delete(socket));
    onUpgrade(request, socket, head);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const { code = "" } = error;
    // A handshake that failed, for one, has no place for an answer.
    if (answering.has(socket) || !/^(HPE_|ERR_HTTP_)/.test(code)) socket.destroy();
    else writeProblem(socket, problem(codeByParserError[code] ?? "MALFORMED_REQUEST"));
  });

  await new Promise<void>((resolve, reject) => {
    // Later ones are of single connections that could not be accepted; the listener goes on.
    server.on("error", reject);
    server.listen({ host, port }, resolve);
  });
  const closed = new Promise<void>((resolve) => server.once("close", resolve));

  return {
    port: (server.address() as AddressInfo).port,
    async drain() {
      isDraining = true;
      if (server.listening) server.close();
      await closed;
      await Promise.all([...tunnels].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    },
    async close() {
      if (server.listening) server.close();
      server.closeAllConnections();
      for (const socket of tunnels) socket.destroy();
      await closed;
    },
  };
}
