/** Ports for programs that want to be told theirs, on a machine where other tests run at the same time. */
import { once } from "node:events";
import { createServer, type Server } from "node:net";

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export type PortRange = AsyncDisposable & { readonly first: number; readonly last: number };

const rangeSize = 60;

/**
 * A range that no other claimant has, for as long as it is not disposed of: the port before its first one is held.
 * Below 32768, where the kernel picks ports for outgoing connections.
 */
export async function claimPortRange(): Promise<PortRange> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const marker = 20_000 + Math.floor(Math.random() * 190) * rangeSize;
    try {
      const server = await listen(marker);
      server.unref();
      const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
      return { first: marker + 1, last: marker + rangeSize - 1, [Symbol.asyncDispose]: close };
    } catch {}
  }
  throw new Error("No range of ports is free.");
}
