/** Who waits to be told so before it sends its body (`Expect: 100-continue`) is told: once, when somebody is about to read it. */
import type { IncomingMessage, ServerResponse } from "node:http";

export function askForBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect?.toLowerCase() !== "100-continue") return;
  response.writeContinue();
  delete request.headers.expect;
}
