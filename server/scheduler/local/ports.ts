/** Free ports of this machine, each given to one attempt at a time. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

export type Ports = {
  /** A port that nothing listens on now, on any address, and that is nobody else's until it is released. */
  readonly reserve: () => Promise<number>;
  /** An adopted session goes on with the port it has. */
  readonly hold: (port: number) => void;
  readonly release: (port: number) => void;
};

export function openPorts(): Ports {
  const reserved = new Set<number>();
  const reserve = async (): Promise<number> => {
    for (;;) {
      const port = await unusedPort();
      if (reserved.has(port)) continue;
      reserved.add(port);
      return port;
    }
  };
  return { reserve, hold: (port) => void reserved.add(port), release: (port) => void reserved.delete(port) };
}

/** The kernel's choice. Nothing keeps others from taking it before the session does: the session's listener is verified for that. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
