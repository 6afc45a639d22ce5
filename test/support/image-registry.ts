/** A registry of images that has none: it answers every pull as asked. Docker speaks to 127.0.0.1 without TLS. */
import { once } from "node:events";
import { createServer } from "node:http";

export type Answer = { readonly status: number; readonly code: string; readonly message: string };

export async function startImageRegistry({ status, code, message }: Answer): Promise<AsyncDisposable & { readonly host: string }> {
  const server = createServer((request, response) => {
    const isGreeting = request.url === "/v2/";
    response.writeHead(isGreeting && status === 404 ? 200 : status, {
      "content-type": "application/json",
      "docker-distribution-api-version": "registry/2.0",
    });
    response.end(isGreeting && status === 404 ? "{}" : JSON.stringify({ errors: [{ code, message }] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
