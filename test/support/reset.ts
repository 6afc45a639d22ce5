/** A client that is cut off: it asks, and before it can be answered its connection is reset. */
import { once } from "node:events";
import { connect } from "node:net";

export async function askAndReset(port: number, text: string): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  await new Promise((resolve) => socket.write(text, resolve));
  const closed = once(socket, "close");
  socket.resetAndDestroy();
  await closed;
}

export const upgradeTo = (path: string, host = "localhost"): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
