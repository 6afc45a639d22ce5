/**
 * A network between Serai and PostgreSQL, or Nomad, that a test can make swallow everything, as a firewall does that forgot a connection, or
 * refuse everything, as a machine does whose server is down.
 */
import { once } from "node:events";
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { Transform } from "node:stream";

export type TcpProxy = AsyncDisposable & {
  readonly url: string;
  /** Nothing passes any more; connections stay open and are still accepted. */
  swallow(): void;
  /** Connections are cut; new ones are as they were before. */
  cut(): void;
  /** Connections are cut, and new ones with them. */
  refuse(): void;
  /** From now on; those from before stay as they are. */
  forwardNewConnections(): void;
};

/**
 * @param targetUrl of PostgreSQL, whose socket's directory is its parameter `host`, or of whatever listens at a port.
 * @param stopsAt the first piece of a client's with which, as if the client had frozen, nothing more of its connection is passed on.
 */
export async function openTcpProxy(targetUrl: string, stopsAt: (piece: Buffer) => boolean = () => false): Promise<TcpProxy> {
  const { searchParams, hostname, port } = new URL(targetUrl);
  const directory = searchParams.get("host");
  const target = directory === null ? { host: hostname, port: Number(port) } : { path: `${directory}/.s.PGSQL.5432` };
  const sockets = new Set<Socket>();
  let newOnes: "forwarded" | "swallowed" | "refused" = "forwarded";
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    if (newOnes === "refused") client.destroy();
    if (newOnes !== "forwarded") return;
    const upstream = keep(connect(target).on("error", () => client.destroy()));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    const sent = new Transform({ transform: (piece: Buffer, _encoding, pass) => (stopsAt(piece) ? undefined : pass(null, piece)) });
    client.pipe(sent).pipe(upstream).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(targetUrl);
  url.searchParams.delete("host");
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.toString(),
    swallow() {
      newOnes = "swallowed";
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    refuse() {
      newOnes = "refused";
      for (const socket of sockets) socket.destroy();
    },
    forwardNewConnections() {
      newOnes = "forwarded";
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
