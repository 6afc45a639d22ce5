/**
 * GraphQL over WebSocket (`graphql-transport-ws`): the same schema, context, limits and masking as over HTTP, through yoga's own
 * pipeline.
 *
 * Who it is comes with the upgrade (header or cookie), or with `connection_init {authorization: "Bearer …"}` for clients that cannot
 * set headers. Without either nothing can be asked. A socket does not outlive the session it was opened with.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { STATUS_CODES } from "node:http";
import { createGraphQLError } from "graphql-yoga";
import { handleProtocols, makeServer } from "graphql-ws";
import { type RawData, WebSocketServer, type WebSocket } from "ws";
import type { Log } from "../log.ts";
import { refusalBody, statusOf, type Refused } from "./answer.ts";
import { bodyBytesMax } from "./body.ts";
import type { Identified, Identify } from "./context.ts";
import { createMask } from "./mask.ts";
import type { Caller, Graphql } from "./yoga.ts";

const pingEveryMs = 12_000;
const unauthorizedCode = 4401;

type Extra = { readonly socket: WebSocket; identified: Identified };

/** Of `upgrade`'s socket the caller hears the errors. */
export type Sockets = { upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> } & AsyncDisposable;

export function openSockets({ graphql, identify, log }: { graphql: Graphql; identify: Identify; log: Log }): Sockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: bodyBytesMax, handleProtocols });
  const mask = createMask(log);
  const server = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: 10_000,
    onConnect: ({ connectionParams, extra }) => authorize(identify, connectionParams, extra),
    onSubscribe: async ({ extra }, _id, params) => {
      if (!extra.identified.ok) return [createGraphQLError(extra.identified.refused.message)];
      const caller: Caller = { viewer: extra.identified.viewer };
      const { schema, execute, subscribe, parse, validate, contextFactory } = graphql.getEnveloped({ ...caller, params, connectionParams: {} });
      try {
        const document = parse(params.query);
        const errors = validate(schema, document);
        if (errors.length > 0) return errors.map(mask);
        const contextValue = await contextFactory();
        const { operationName, variables: variableValues } = params;
        return { schema, document, operationName, variableValues, contextValue, execute, subscribe };
      } catch (thrown) {
        return [mask(thrown)];
      }
    },
    execute: (args) => (args as unknown as Pipeline).execute(args),
    subscribe: (args) => (args as unknown as Pipeline).subscribe(args),
    onError: (_context, _id, _payload, errors) => errors.map((error) => mask(error).toJSON()),
  });

  return {
    async upgrade(request, socket, head) {
      const identified = await identify.request(request);
      if (!identified.ok && !identified.isAnonymous) return refuseUpgrade(socket, identified.refused);
      sockets.handleUpgrade(request, socket, head, (opened) => serve(server, { socket: opened, identified }, log));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.close(1001, "Going away");
      const patience = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, 1000);
      await new Promise<void>((resolve) => {
        const left = () => sockets.clients.size === 0 && resolve();
        for (const socket of sockets.clients) socket.once("close", left);
        left();
      });
      clearTimeout(patience);
      sockets.close();
    },
  };
}

type Pipeline = { execute(args: unknown): never; subscribe(args: unknown): never };

async function authorize(identify: Identify, params: Readonly<Record<string, unknown>> | undefined, extra: Extra): Promise<true> {
  const given = params?.["authorization"] ?? params?.["Authorization"];
  if (typeof given === "string") extra.identified = await identify.authorization(given);
  if (!extra.identified.ok) extra.socket.close(unauthorizedCode, "Unauthorized");
  return true;
}

function serve(server: ReturnType<typeof makeServer<Record<string, unknown>, Extra>>, extra: Extra, log: Log): void {
  const { socket } = extra;
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (data) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(data, (error) => (error ? reject(error) : resolve()));
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (receive) =>
        socket.on("message", (data) => {
          receive(textOf(data)).catch((thrown: unknown) => {
            log.warn({ reason: thrown instanceof Error ? thrown.message : String(thrown) }, "a WebSocket message could not be answered");
            socket.close(4500, "Internal server error");
          });
        }),
    },
    extra,
  );
  const keepingAlive = keepAlive(socket);
  const ending = endWithSession(extra);
  socket.on("error", () => socket.terminate());
  socket.once("close", (code, reason) => {
    clearInterval(keepingAlive);
    clearTimeout(ending);
    void closed(code, String(reason));
  });
}

const textOf = (data: RawData): string => (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString("utf8");

/** A client that was cut off without a word is noticed within two pings. */
function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let isAlive = true;
  socket.on("pong", () => {
    isAlive = true;
  });
  return setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, pingEveryMs);
}

function endWithSession({ socket, identified }: Extra): NodeJS.Timeout | undefined {
  if (!identified.ok || identified.expiresAt === null) return undefined;
  return setTimeout(() => socket.close(unauthorizedCode, "Session over"), identified.expiresAt.getTime() - Date.now());
}

/** A client that keeps its half of the connection open is not waited for. */
export function refuseUpgrade(socket: Duplex, refused: Refused): void {
  const status = statusOf(refused);
  const body = JSON.stringify(refusalBody(refused));
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
