/** A network between Serai and PostgreSQL that a test can make swallow everything, as a firewall does that forgot a connection. */
import { once } from "node:events";
import { createServer, connect, type AddressInfo, type Socket } from "node:net";

export type TcpProxy = AsyncDisposable & {
  readonly url: string;
  /** Nothing passes any more; connections stay open and are still accepted. */
  swallow(): void;
  /** From now on; those from before stay as they are. */
  forwardNewConnections(): void;
};

export async function openTcpProxy(databaseUrl: string): Promise<TcpProxy> {
  const { searchParams } = new URL(databaseUrl);
  const target = { path: `${searchParams.get("host")}/.s.PGSQL.5432` };
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => {});
    if (isSwallowing) return;
    const upstream = connect(target).on("error", () => client.destroy());
    sockets.add(upstream);
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.searchParams.delete("host");
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.toString(),
    swallow() {
      isSwallowing = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    forwardNewConnections() {
      isSwallowing = false;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
