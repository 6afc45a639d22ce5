/** A model that echoes over WebSockets, and sends numbered events twice a second. Says its port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const server = createServer((_request, response) => {
  let count = 0;
  const send = (): void => void response.write(`data: ${count++}\n\n`);
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  send();
  const timer = setInterval(send, 500);
  response.once("close", () => clearInterval(timer));
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })).on("error", () => {}));
server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
