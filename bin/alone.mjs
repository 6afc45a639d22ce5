/**
 * Runs something while no other process does so for the same directory: two starts at once must not install twice.
 *
 * The lock is a Unix socket in Linux' abstract name space: binding it is atomic, whoever waits is woken by its close, and
 * it is gone with its process, however that ends. So there is no stale lock to judge. Elsewhere nothing is locked.
 * The action is synchronous: nobody who waits may be let in as a connection, or each would wait for the other's end.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";

export async function alone(directory, action) {
  if (process.platform !== "linux") return action();
  const path = `\0serai-${createHash("sha256").update(directory).digest("hex")}`;
  for (;;) {
    const lock = createServer();
    try {
      await once(lock.listen({ path }), "listening");
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
      await closeOf(path);
      continue;
    }
    try {
      return action();
    } finally {
      lock.close();
    }
  }
}

async function closeOf(path) {
  const holder = connect({ path });
  holder.on("error", () => {});
  await new Promise((resolve) => holder.once("close", resolve));
}
