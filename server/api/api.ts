/**
 * The API's one listener: GraphQL over HTTP, SSE and WebSocket, signing in, the console's files, and what operators ask.
 *
 * Open to everybody are /healthz, /readyz, the console's files and signing in; everything else wants a user's token or the
 * console's cookie (context.ts). Nothing here acts on a session: a mutation writes a wish.
 *
 * yoga.ts           GraphQL itself: limits.ts what a document may cost, mask.ts what of a failure is shown
 * graphql-http.ts   one request over HTTP · websocket.ts  many over one socket
 * sign-in.ts        a token for a cookie · session.ts  the cookie
 * files.ts          files of folders · uploads.ts  resumable uploads into them
 * log-download.ts  a route's log as a file
 * cluster-watch.ts  machines as they change, read once for all who look
 * console-files.ts  the console
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Ports } from "../../schema/context.ts";
import { createVariableSecrets } from "../auth/variable-secrets.ts";
import { AppError, messageOf } from "../failure.ts";
import { isOutage } from "../store/outage.ts";
import type { Viewer } from "../store/users.ts";
import { answerJson, answerRefused } from "./answer.ts";
import { createConsoleFiles } from "./console-files.ts";
import { createClusterWatch } from "./cluster-watch.ts";
import { createIdentify } from "./context.ts";
import { discardRest } from "./discard-rest.ts";
import { createFiles, filesPath } from "./files.ts";
import { answerGraphql } from "./graphql-http.ts";
import { createLogDownload, logsPath } from "./log-download.ts";
import { createReadiness } from "./ready.ts";
import { createSessions } from "./session.ts";
import { createSignIn } from "./sign-in.ts";
import { openUploadsApi, uploadsPath } from "./uploads.ts";
import { openSockets, refuseUpgrade } from "./websocket.ts";
import { createGraphql, graphqlPath } from "./yoga.ts";

export type ApiOptions = Omit<Ports, "variableSecrets" | "cluster"> & {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Where the console was built to. */
  readonly clientDirectory: string;
  /** What Prometheus reads. */
  readonly metrics: { text(): Promise<string> };
  /** Throws what keeps the scheduler from being asked for anything. */
  readonly checkScheduler: () => Promise<void>;
  /** SERAI_SECRET: signs the console's cookie, encrypts secret variables. */
  readonly secret: string;
};

export type Api = AsyncDisposable & { readonly port: number };

type Handle = (request: IncomingMessage, response: ServerResponse, pathname: string) => Promise<void> | void;

/** @throws AppError CONFIG_INVALID where the address cannot be listened on. */
export async function openApi(options: ApiOptions): Promise<Api> {
  const { database, changes, folders, signer, observe, endpoint, log, metrics } = options;
  const sessions = createSessions(database, options.secret);
  const identify = createIdentify(database, sessions);
  const variableSecrets = createVariableSecrets(() => options.secret);
  const cluster = createClusterWatch({ observe, database, changes, log });
  const graphql = createGraphql({ cluster, database, changes, folders, signer, variableSecrets, observe, endpoint, log });
  const signIn = createSignIn(database, sessions);
  const whyNotReady = createReadiness(options);
  const consoleFiles = createConsoleFiles(options.clientDirectory, endpoint.urlTemplate);

  const forUsers =
    (respond: (viewer: Viewer, request: IncomingMessage, response: ServerResponse) => Promise<void>): Handle =>
    async (request, response) => {
      const identified = await identify.request(request);
      if (identified.ok) return respond(identified.viewer, request, response);
      answerRefused(response, identified.refused);
    };
  const posted =
    (respond: Handle): Handle =>
    (request, response, pathname) =>
      request.method === "POST"
        ? respond(request, response, pathname)
        : answerRefused(response, { code: "METHOD_NOT_ALLOWED", message: "Send it by POST." }, { allow: "POST" });

  const handles: Readonly<Record<string, Handle>> = {
    [graphqlPath]: forUsers((viewer, request, response) => answerGraphql(graphql, viewer, request, response)),
    "/sign-in": posted((request, response) => signIn.signIn(request, response)),
    "/sign-out": posted((request, response) => signIn.signOut(request, response)),
    "/healthz": (_request, response) => answerJson(response, 200, { status: "ok" }),
    "/readyz": async (_request, response) => {
      const reasons = await whyNotReady();
      answerJson(response, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
    },
    "/metrics": forUsers(async ({ user }, _request, response) => {
      if (user.role !== "ADMIN") return answerRefused(response, { code: "FORBIDDEN", message: "Only administrators may read the metrics." });
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" });
      response.end(await metrics.text());
    }),
  };

  const files = forUsers(createFiles({ database, folders, log }));
  const logs = forUsers(createLogDownload({ changes, database, variableSecrets, observe, log }));
  const uploadsApi = openUploadsApi({ database, folders, log });
  const uploads = forUsers(uploadsApi.answer);
  const handleOf = (pathname: string): Handle => {
    if (pathname.startsWith(filesPath)) return files;
    if (pathname.startsWith(logsPath)) return logs;
    if (pathname === uploadsPath || pathname.startsWith(`${uploadsPath}/`)) return uploads;
    return handles[pathname] ?? consoleFiles;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pathname = (request.url ?? "/").split("?", 1)[0] ?? "/";
    try {
      await handleOf(pathname)(request, response, pathname);
    } catch (thrown) {
      if (response.destroyed) return;
      log.error({ reason: messageOf(thrown), pathname }, "a request could not be answered");
      const message = isOutage(thrown) ? "The database cannot be reached at the moment: try again." : "Something went wrong on the server.";
      answerRefused(response, { code: isOutage(thrown) ? "UNAVAILABLE" : "INTERNAL", message });
      if (response.headersSent) response.destroy();
    } finally {
      discardRest(request);
    }
  }

  // A large file over a slow line takes hours: how long a body may take is decided by whoever reads it (body.ts).
  const server = createServer({ requestTimeout: 0, headersTimeout: 60_000 }, (request, response) => void answer(request, response));
  const sockets = openSockets({ graphql, identify, log });
  server.on("upgrade", (request, socket, head) => {
    // From here on the socket is ours alone: a client that resets it must not end the process.
    socket.on("error", () => {});
    if ((request.url ?? "").split("?", 1)[0] !== graphqlPath) {
      return refuseUpgrade(socket, { code: "NOT_FOUND", message: `WebSockets are at ${graphqlPath} only.` });
    }
    sockets.upgrade(request, socket, head).catch((thrown: unknown) => {
      log.warn({ reason: messageOf(thrown) }, "a WebSocket could not be opened");
      socket.destroy();
    });
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      await sockets[Symbol.asyncDispose]();
      // Streams never end by themselves; what was asked is answered within moments.
      const patience = setTimeout(() => server.closeAllConnections(), 1000);
      server.closeIdleConnections();
      await closed;
      clearTimeout(patience);
      await uploadsApi[Symbol.asyncDispose]();
      await graphql.dispose();
    },
  };
}

async function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (thrown) {
    throw new AppError("CONFIG_INVALID", `SERAI_PORT, SERAI_HOST: ${host}:${port} cannot be listened on: ${messageOf(thrown)}`, { cause: thrown });
  }
}
