/** A model's server for the gateway's measurements: 20 events, 10 ms apart, at any path. Everything else nginx answers. */
import { createServer } from "node:http";

createServer((_request, response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  let sent = 0;
  const send = (): void => {
    response.write(`data: ${JSON.stringify({ sent, text: "a token or two" })}\n\n`);
    sent += 1;
    if (sent === 20) response.end();
    else setTimeout(send, 10);
  };
  send();
}).listen(Number(process.argv[2]), "127.0.0.1");
